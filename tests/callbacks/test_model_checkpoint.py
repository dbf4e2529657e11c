from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callbacks.fakes import FakeModel, fit, losses
from lamina.callbacks import CallbackList, ModelCheckpoint
from lamina.core import ArgumentError, UnknownNameError

BEST = {"save_best_only": True, "monitor": "loss"}


@pytest.mark.parametrize(
    ("template", "options", "expected"),
    [
        ("m.lamina", {}, [("m.lamina", 1), ("m.lamina", 2), ("m.lamina", 3)]),
        ("{epoch:02d}-{loss:.1f}.lamina", {}, [("01-3.0.lamina", 1), ("02-4.0.lamina", 2), ("03-2.0.lamina", 3)]),
        ("{epoch}.lamina", {**BEST}, [("1.lamina", 1), ("3.lamina", 3)]),
        ("{epoch}.lamina", {**BEST, "mode": "max"}, [("1.lamina", 1), ("2.lamina", 2)]),
        ("{epoch}.lamina", {**BEST, "initial_value_threshold": 2.5}, [("3.lamina", 3)]),
    ],
)  # fmt: skip
def test_after_epochs(tmp_path: Path, template: str, options: dict[str, Any], expected: list[Any]) -> None:
    model = FakeModel()
    fit(model, [ModelCheckpoint(tmp_path / "deep" / template, **options)], losses(3, 4, 2))
    assert model.saved == expected
    assert {path.name for path in (tmp_path / "deep").iterdir()} == {name for name, _ in expected}


def test_after_steps(tmp_path: Path) -> None:
    model = FakeModel()
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}-{batch}-{loss:.1f}.lamina", save_freq=4)
    assert CallbackList([checkpoint]).needs_every_step
    fit(model, [checkpoint], losses(1, 1, 1))
    assert [name for name, _ in model.saved] == ["2-1-0.9.lamina", "3-2-0.8.lamina"]


def test_weights_alone(tmp_path: Path) -> None:
    fit(FakeModel(), [ModelCheckpoint(tmp_path / "w.safetensors", save_weights_only=True)], losses(1))
    assert (tmp_path / "w.safetensors").read_text() == "weights"


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="save_freq"):
        ModelCheckpoint("m.lamina", save_freq=0)
    with pytest.raises(UnknownNameError, match=r"some of loss, epoch, received \{val_loss\}"):
        fit(FakeModel(), [ModelCheckpoint(tmp_path / "{val_loss}.lamina")], losses(1))
    with pytest.raises(UnknownNameError, match="val_loss"):
        fit(FakeModel(), [ModelCheckpoint(tmp_path / "m.lamina", save_best_only=True)], losses(1))


def test_it_says_what_it_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / ("long" * 30) / "m.lamina"
    fit(FakeModel(), [ModelCheckpoint(path, "loss", save_best_only=True, verbose=1)], losses(0.5))
    assert capsys.readouterr().out == f"Epoch 1: saved {path}, best loss 0.5000\n"


def test_state(tmp_path: Path) -> None:
    first = ModelCheckpoint(tmp_path / "m.lamina", "loss", save_best_only=True)
    fit(FakeModel(), [first], losses(0.5))
    second, model = ModelCheckpoint(tmp_path / "n.lamina", "loss", save_best_only=True), FakeModel()
    second.load_state_dict(first.state_dict())
    fit(model, [second], losses(0.6, np.nan))
    assert model.saved == []
