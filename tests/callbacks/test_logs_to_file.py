import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callbacks.fakes import FakeModel, fit, losses
from lamina.callbacks import CSVLogger, MetricsLog
from lamina.core import ArgumentError


def table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def lines(path: Path) -> list[dict[str, Any]]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return [json.loads(line, parse_constant=refuse) for line in path.read_text().splitlines()]


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "log.csv"
    fit(
        FakeModel(),
        [CSVLogger(path, separator=";")],
        [{"loss": 0.5, "acc": np.float32(0.25)}, {"loss": 0.4, "acc": 1.0}],
    )
    assert table(path, ";") == [
        {"epoch": "0", "acc": "0.25", "loss": "0.5"},
        {"epoch": "1", "acc": "1.0", "loss": "0.4"},
    ]


def test_csv_gets_a_column_for_a_late_name(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    fit(FakeModel(), [CSVLogger(path)], [{"loss": 3.0}, {"loss": 2.0, "val_loss": 9.0}, {"loss": 1.0}])
    assert [row["val_loss"] for row in table(path)] == ["", "9.0", ""]
    assert [row["loss"] for row in table(path)] == ["3.0", "2.0", "1.0"]


def test_csv_append_and_overwrite(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    fit(FakeModel(), [CSVLogger(path)], losses(1, 2))
    fit(FakeModel(), [CSVLogger(path, append=True)], [{"loss": 3, "val_loss": 4}])
    assert [row["loss"] for row in table(path)] == ["1", "2", "3"]
    assert [row["val_loss"] for row in table(path)] == ["", "", "4"]
    fit(FakeModel(), [CSVLogger(path)], losses(5))
    assert [row["loss"] for row in table(path)] == ["5"]


def test_one_logger_in_two_fits_keeps_both(tmp_path: Path) -> None:
    model, logger = FakeModel(), CSVLogger(tmp_path / "log.csv")
    fit(model, [logger], losses(1))
    fit(model, [logger], losses(2))
    assert [row["loss"] for row in table(tmp_path / "log.csv")] == ["1", "2"]


def test_csv_is_complete_while_training_runs(tmp_path: Path) -> None:
    path, logger = tmp_path / "log.csv", CSVLogger(tmp_path / "log.csv")
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 1.0})
    assert len(table(path)) == 1


def test_csv_wants_one_separator() -> None:
    with pytest.raises(ArgumentError, match="one character"):
        CSVLogger("log.csv", separator=", ")


def test_jsonl_of_epochs_and_steps(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "metrics.jsonl"
    fit(FakeModel(), [MetricsLog(path, steps=True)], losses(np.float32(0.5), float("inf")))
    kinds = [(line["kind"], line["epoch"], line["step"], line["loss"]) for line in lines(path)]
    assert kinds == [
        ("step", 0, 0, 0.9), ("step", 0, 1, 0.8), ("step", 0, 2, 0.7), ("epoch", 0, 3, 0.5),
        ("step", 1, 3, 0.9), ("step", 1, 4, 0.8), ("step", 1, 5, 0.7), ("epoch", 1, 6, None),
    ]  # fmt: skip


def test_jsonl_of_epochs_alone_still_counts_steps(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    fit(FakeModel(), [MetricsLog(path)], [{"scores": np.array([0.5, np.nan])}, {"scores": np.array([1.0, 2.0])}])
    assert [(line["step"], line["scores"]) for line in lines(path)] == [(3, [0.5, None]), (6, [1.0, 2.0])]


def test_jsonl_is_in_the_file_at_once_and_survives_an_interruption(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    log = MetricsLog(path, steps=True)
    log.on_train_begin()
    log.replay_train_batches(0, ["loss"], np.array([[1.0]]))
    assert len(lines(path)) == 1
    log.on_epoch_end(0, {"loss": 1.0})
    assert len(lines(path)) == 2
    log.on_train_end()
    fit(FakeModel(), [log], losses(2, 2), interrupt_at=1)
    assert [line["kind"] for line in lines(path)] == ["step", "epoch", "step", "step", "step", "epoch"] + ["step"] * 3


@pytest.mark.parametrize("kind", [CSVLogger, MetricsLog])
def test_a_resumed_run_goes_on_where_its_state_was_taken(kind: Any, tmp_path: Path) -> None:
    """The process died one epoch after the checkpoint: that epoch is trained, and written, once more."""
    path, first = tmp_path / "log", kind(tmp_path / "log")
    first.on_train_begin()
    first.on_epoch_end(0, {"loss": 3.0})
    state = json.loads(json.dumps(first.state_dict()))
    first.on_epoch_end(1, {"loss": 2.0})
    first.on_train_end()
    again = kind(path)
    again.on_train_begin()
    again.load_state_dict(state)
    again.on_epoch_end(1, {"loss": 2.5})
    again.on_train_end()
    found = [row["loss"] for row in table(path)] if kind is CSVLogger else [line["loss"] for line in lines(path)]
    assert [float(value) for value in found] == [3.0, 2.5]
