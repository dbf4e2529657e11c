from typing import Any

import pytest

from callbacks.fakes import FakeModel, fit, losses
from lamina.callbacks import EarlyStopping
from lamina.core import ArgumentError, UnknownNameError

NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "options", "epochs", "best"),
    [
        ([3, 2, 2.5, 2.6, 1], {"patience": 2}, 4, 1),
        ([3, 2, 2.5, 1.9, 2.6], {"patience": 2}, 5, 3),
        ([3, 2.99, 2.98, 2.97], {"patience": 2, "min_delta": 0.1}, 3, 0),
        ([3, 4, 5, 4, 3], {"patience": 2, "mode": "max"}, 5, 2),
        ([3, 4], {"patience": 0}, 2, 0),
        ([5, 4, 3, 2], {"patience": 2, "start_from_epoch": 2}, 4, 3),
        ([NAN, 3, 2, NAN, NAN], {"patience": 2}, 5, 2),
        ([3, 2, 4, 1], {"patience": 2, "baseline": 1.5}, 3, 1),
        ([3, 1, 4, 4, 0], {"patience": 2, "baseline": 1.5}, 4, 1),
    ],
)
def test_when_it_stops(values: list[float], options: dict[str, Any], epochs: int, best: int) -> None:
    stop = EarlyStopping("loss", **options)
    together = fit(FakeModel(), [stop], losses(*values))
    assert together.history is not None
    assert (len(together.history.epoch), stop.best_epoch) == (epochs, best)


@pytest.mark.parametrize(
    ("values", "interrupt_at"),
    [([3, 1, 2, 2, 2], None), ([3, 1, 2], None), ([3, 1, 2, 2, 2], 2)],
    ids=["patience", "last epoch", "Ctrl-C"],
)
def test_the_best_weights_come_back_in_every_end(values: list[float], interrupt_at: int | None) -> None:
    model = FakeModel()
    fit(model, [EarlyStopping("loss", patience=2, restore_best_weights=True)], losses(*values), interrupt_at)
    assert model.weights[0].tolist() == [2.0, 2.0]


def test_without_restoring_the_last_weights_stay() -> None:
    model = FakeModel()
    fit(model, [EarlyStopping("loss", patience=1)], losses(3, 1, 2))
    assert model.weights[0].tolist() == [3.0, 3.0]


def test_a_second_fit_forgets_the_first() -> None:
    model, stop = FakeModel(), EarlyStopping("loss", patience=1, restore_best_weights=True)
    fit(model, [stop], losses(1.0, 2.0))
    fit(model, [stop], losses(5.0, 4.0, 3.0))
    assert (stop.best, stop.stopped_epoch, model.weights[0][0]) == (3.0, 0, 3.0)


def test_it_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    fit(FakeModel(), [EarlyStopping("loss", patience=1, verbose=1)], losses(1.0, 2.0, 3.0))
    assert capsys.readouterr().out == "Epoch 2: stopping early, loss best 1.0000 in epoch 1\n"


def test_an_unknown_name_is_an_error_at_once() -> None:
    with pytest.raises(UnknownNameError, match="one of loss, val_accuracy, received monitor='val_acc'"):
        fit(FakeModel(), [EarlyStopping("val_acc")], [{"loss": 1.0, "val_accuracy": 0.5}])
    with pytest.raises(UnknownNameError, match="validation_data"):
        fit(FakeModel(), [EarlyStopping()], losses(1.0))


def test_epochs_without_validation_are_passed_over() -> None:
    stop = EarlyStopping(patience=1)
    fit(FakeModel(), [stop], [{"loss": 1.0}, {"loss": 1.0, "val_loss": 2.0}, {"loss": 1.0}], validation_freq=2)
    assert (stop.best, stop.wait) == (2.0, 0)


@pytest.mark.parametrize(
    ("name", "higher"),
    [("loss", False), ("val_accuracy", True), ("val_binary_cross_entropy", False), ("auc", True), ("f1_score", True),
     ("mean_squared_error", False), ("val_top_k_categorical_accuracy", True)],
)  # fmt: skip
def test_the_direction_follows_from_the_name(name: str, higher: bool) -> None:
    stop = EarlyStopping(name)
    fit(FakeModel(), [stop], losses(1.0, 2.0, name=name))
    assert (stop.best == 2.0) is higher


def test_a_name_that_tells_nothing_needs_a_mode() -> None:
    with pytest.raises(ArgumentError, match="mode='min' or mode='max'"):
        EarlyStopping("reward")
    assert EarlyStopping("reward", mode="max").patience == 0
    with pytest.raises(ArgumentError, match="'upwards'"):
        EarlyStopping("loss", mode="upwards")
