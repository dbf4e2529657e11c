from typing import Any

import numpy as np
import pytest

from callbacks.fakes import FakeModel, fit, losses
from lamina.callbacks import LearningRateScheduler, ReduceLROnPlateau
from lamina.core import LaminaError, UnknownNameError
from lamina.optimizers.schedules import CosineDecay


def rates(together: Any) -> list[float]:
    return together.history.history["learning_rate"]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (lambda epoch: 0.5 / (epoch + 1), [0.5, 0.25, 0.5 / 3]),
        (lambda epoch, rate: rate / 2, [0.05, 0.025, 0.0125]),
        (lambda epoch, rate=7.0: rate / 2, [0.05, 0.025, 0.0125]),
    ],
)
def test_scheduler(schedule: Any, expected: list[float]) -> None:
    together = fit(FakeModel(0.1), [LearningRateScheduler(schedule)], losses(1, 1, 1))
    np.testing.assert_allclose(rates(together), expected, rtol=1e-6)


def test_scheduler_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    fit(FakeModel(0.1), [LearningRateScheduler(lambda epoch: 0.01, verbose=1)], losses(1))
    assert capsys.readouterr().out == "Epoch 1: learning rate 0.0100\n"


@pytest.mark.parametrize("bad", [None, "fast", -0.1, float("nan")])
def test_a_schedule_that_returns_no_rate_is_an_error(bad: Any) -> None:
    with pytest.raises(LaminaError, match="learning_rate"):
        fit(FakeModel(0.1), [LearningRateScheduler(lambda epoch: bad)], losses(1))


def test_an_error_inside_the_schedule_is_not_taken_for_a_missing_argument() -> None:
    def wrong(epoch: int, rate: float) -> float:
        return rate + "1"  # type: ignore[operator]

    with pytest.raises(TypeError, match="unsupported operand"):
        fit(FakeModel(0.1), [LearningRateScheduler(wrong)], losses(1))


def test_two_schedules_are_one_too_many() -> None:
    with pytest.raises(LaminaError, match="follows a schedule"):
        fit(FakeModel(CosineDecay(0.1, 10)), [LearningRateScheduler(lambda epoch: 0.1)], losses(1))


@pytest.mark.parametrize(
    ("values", "options", "expected"),
    [
        ([1, 1, 1, 1, 1], {"patience": 2}, [1.0, 1.0, 1.0, 0.1, 0.1]),
        ([5, 4, 3, 2, 1], {"patience": 1}, [1.0] * 5),
        ([1, 1, 1, 1], {"patience": 1, "factor": 0.5, "min_lr": 0.3}, [1.0, 1.0, 0.5, 0.3]),
        ([1, 1, 1, 1, 1, 1], {"patience": 1, "cooldown": 2}, [1.0, 1.0, 0.1, 0.1, 0.01, 0.01]),
        ([1, 2, 2, 2], {"patience": 1, "mode": "max"}, [1.0, 1.0, 1.0, 0.1]),
        ([1, 0.9, 0.8], {"patience": 1, "min_delta": 0.5}, [1.0, 1.0, 0.1]),
        ([float("nan"), 1, 1], {"patience": 1}, [1.0, 0.1, 0.1]),
    ],
)
def test_plateau(values: list[float], options: dict[str, Any], expected: list[float]) -> None:
    """The rate logged in an epoch is the one it was trained with; a change shows in the next."""
    together = fit(FakeModel(1.0), [ReduceLROnPlateau("loss", **options)], losses(*values))
    np.testing.assert_allclose(rates(together), expected, rtol=1e-6)


def test_plateau_refuses_a_factor_that_raises_the_rate() -> None:
    with pytest.raises(LaminaError, match="between 0 and 1"):
        ReduceLROnPlateau(factor=1.5)


def test_plateau_wants_to_know_its_name() -> None:
    with pytest.raises(UnknownNameError, match="val_loss"):
        fit(FakeModel(), [ReduceLROnPlateau()], losses(1))


def test_plateau_goes_on_from_its_state() -> None:
    first, second = ReduceLROnPlateau("loss", patience=3), ReduceLROnPlateau("loss", patience=3)
    fit(FakeModel(), [first], losses(1, 1, 1))
    second.load_state_dict(first.state_dict())
    assert (second.wait, second.best) == (2, 1.0)
