"""Callbacks that write the logs down: `CSVLogger` for spreadsheets, `MetricsLog` for programs."""

import csv
import json
import math
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from ..core import ArgumentError
from .callback import Callback, Logs

_as_json = json.JSONEncoder(allow_nan=False).encode  # `json.dumps` with a setting makes an encoder for every line


def _open(path: Path, append: bool) -> TextIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a" if append else "w", encoding="utf-8", newline="")


class CSVLogger(Callback):
    """Writes a table: one line per epoch, one column per logged name.

    Args:
        filename: the file; folders are made.
        separator: one character between columns.
        append: go on in an existing file, with the columns that it has.

    Raises:
        ArgumentError: `separator` is not one character.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
        >>> table = CSVLogger(path)
        >>> table.on_train_begin(); table.on_epoch_end(0, {"loss": 0.5, "accuracy": 0.75}); table.on_train_end()
        >>> print(path.read_text(), end="")
        epoch,accuracy,loss
        0,0.75,0.5

    Keras differs: there columns of validation are added even if there is none; here a name that comes
    later (validation every other epoch) has the table written anew with its column.
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        if len(separator) != 1:
            raise ArgumentError(
                "CSVLogger",
                "separator stands between columns",
                expected="one character",
                received=repr(separator),
                remedy="Use ',', ';' or '\\t'",
            )
        self.path, self.separator, self.append = Path(filename), separator, append
        self._rows: list[dict[str, Any]] = []
        self._columns: list[str] = []

    def on_train_begin(self, logs: Logs = None) -> None:
        self._rows, self._columns = [], ["epoch"]
        if self.append and self.path.exists():
            with self.path.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file, delimiter=self.separator)
                self._rows, self._columns = list(reader), list(reader.fieldnames or ["epoch"])

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        row = {"epoch": epoch, **(logs or {})}
        self._rows.append(row)
        new = sorted(row.keys() - set(self._columns))
        self._columns += new
        if new or len(self._rows) == 1:
            self._write(self._rows, append=False, header=True)
        else:
            self._write([row], append=True, header=False)

    def _write(self, rows: list[dict[str, Any]], append: bool, header: bool) -> None:
        with _open(self.path, append) as file:
            writer = csv.DictWriter(file, self._columns, restval="", delimiter=self.separator, lineterminator="\n")
            if header:
                writer.writeheader()
            writer.writerows(rows)

    def on_train_end(self, logs: Logs = None) -> None:
        self.append = True  # the next fit goes on below

    def state_dict(self) -> dict[str, Any]:
        return {"rows": [{name: plain(value) for name, value in row.items()} for row in self._rows]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._rows = list(state["rows"])
        self._columns = list(dict.fromkeys(["epoch", *(name for row in self._rows for name in row)]))
        self._write(self._rows, append=False, header=True)  # without rows that were written after the state was taken


class MetricsLog(Callback):
    """Writes one JSON object per line: every epoch's logs, and every step's if asked for.

    {"kind": "epoch", "epoch": 0, "step": 469, "seconds": 12.3, "loss": 0.14, ...}
    {"kind": "step", "epoch": 0, "step": 17, "loss": 1.21, ...}

    Epochs and steps count from 0; the step of an epoch's line is the number of steps done since the beginning.
    A value that is not finite is null, for JSON has no such numbers. Each line is in the file when
    its epoch, or the dispatch of its step, has ended.

    Args:
        filename: the file; folders are made.
        steps: also write a line for each step.
        append: go on in an existing file.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp(), "metrics.jsonl")
        >>> log = MetricsLog(path)
        >>> log.on_train_begin(); log.on_epoch_end(0, {"loss": float("nan")}); log.on_train_end()
        >>> print(path.read_text(), end="")
        {"kind": "epoch", "epoch": 0, "step": 0, "seconds": ..., "loss": null}
    """

    replay_safe = True

    def __init__(self, filename: str | os.PathLike[str], steps: bool = False, append: bool = False) -> None:
        self.path, self.steps, self.append = Path(filename), steps, append
        self._file: TextIO | None = None
        self._epoch = self._done = 0
        self._started = 0.0

    def on_train_begin(self, logs: Logs = None) -> None:
        self._epoch, self._done, self._started = 0, 0, time.perf_counter()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self.steps:
            self._write({"kind": "step", "epoch": self._epoch, "step": self._done, **(logs or {})})
        self._done += 1

    def replay_train_batches(self, first: int, names: Sequence[str], lines: np.ndarray) -> None:
        super().replay_train_batches(first, names, lines if self.steps else lines[:0])
        self._done += 0 if self.steps else len(lines)
        self._flush()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        seconds = round(time.perf_counter() - self._started, 3)
        self._write({"kind": "epoch", "epoch": epoch, "step": self._done, "seconds": seconds, **(logs or {})})
        self._flush()

    def _write(self, record: dict[str, Any]) -> None:
        if self._file is None:  # not before there is something to write: a run that is resumed keeps its lines
            self._file = _open(self.path, self.append)
        self._file.write(_as_json({name: plain(value) for name, value in record.items()}) + "\n")

    def _flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def on_train_end(self, logs: Logs = None) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self.append = None, True  # the next fit goes on below

    def state_dict(self) -> dict[str, Any]:
        self._flush()
        return {"step": self._done, "bytes": self.path.stat().st_size if self.path.exists() else 0}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._done, self.append = state["step"], True
        if self.path.exists() and self.path.stat().st_size > state["bytes"]:
            os.truncate(self.path, state["bytes"])  # lines that were written after the state was taken


def plain(value: Any) -> Any:
    """A logged value as JSON can hold it: numbers, lists and strings; None for what is not finite.

    Example:
        >>> plain(np.float32(0.5)), plain(np.array([1.0, np.inf])), plain("a")
        (0.5, [1.0, None], 'a')
    """
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "__array__"):
        return plain(np.asarray(value).tolist())
    return plain(float(value))
