"""`ProgbarLogger`: how training, evaluation or prediction is getting on."""

import time
from collections.abc import Sequence

import numpy as np

from .callback import Callback, Logs
from .messages import say
from .progress_line import ProgressLine, describe

STEP_ONLY = ("batch_loss", "grad_norm", "learning_rate")  # of one step alone, too restless for a bar


class ProgbarLogger(Callback):
    """On a terminal a live bar; elsewhere (a file, a pipe, a notebook) or with `verbose=2` one line per epoch.

    Loss and metrics of training are running means: over the steps of the epoch so far, while the weights
    change and dropout is on. Those named `val_...` are of the weights as they are when the epoch ends.

    Example:
        >>> bar = ProgbarLogger()
        >>> bar.set_params({"epochs": 2, "steps": 10, "verbose": 2})
        >>> bar.on_train_begin(); bar.on_epoch_begin(0); bar.on_train_batch_end(9, {"loss": 0.5})
        >>> bar.on_epoch_end(0, {"loss": 0.5})
        Epoch 1/2  10 steps in ... s  loss 0.5000
        >>> bar.on_train_end()
    """

    replay_safe = True

    def __init__(self) -> None:
        self._line: ProgressLine | None = None
        self._in_fit = self._explained = False

    def _start(self, label: str) -> None:
        self._stop()
        self._line = ProgressLine(label, self.params.get("steps"), live=self.params.get("verbose") != 2)
        self._line.show("starting")

    def _stop(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def _advance(self, batch: int, logs: Logs) -> None:
        if self._line is not None:
            self._line.update(batch + 1, {name: v for name, v in (logs or {}).items() if name not in STEP_ONLY})

    def _finish(self, logs: Logs) -> None:
        if self._line is not None:
            line, self._line = self._line, None
            line.close()
            say(describe(line.label, line.steps_done, time.perf_counter() - line.started, logs or {}))

    # -- training -------------------------------------------------------------------------------
    def on_train_begin(self, logs: Logs = None) -> None:
        self._in_fit, self._explained = True, False
        for note in self.params.get("notes", ()):
            say(note, style="dim")

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._start(f"Epoch {epoch + 1}/{self.params.get('epochs', '?')}")

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._advance(batch, logs)

    def replay_train_batches(self, first: int, names: Sequence[str], lines: np.ndarray) -> None:
        self._advance(first + len(lines) - 1, dict(zip(names, lines[-1].tolist(), strict=True)))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._finish(logs)
        if not self._explained and any(name.startswith("val_") for name in logs or {}):
            say("(training: means over the epoch while the weights changed; val_: the weights at its end)", style="dim")
        self._explained = True

    def on_train_end(self, logs: Logs = None) -> None:
        self._in_fit = False
        interrupted = self._line
        self._stop()
        if interrupted is not None:
            say(f"{interrupted.label} was interrupted after {interrupted.steps_done} steps")

    # -- evaluation and prediction ----------------------------------------------------------------
    def on_test_begin(self, logs: Logs = None) -> None:
        if not self._in_fit:
            self._start("Evaluate")
        elif self._line is not None:
            self._line.show("validating")

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        if not self._in_fit:
            self._advance(batch, logs)

    def replay_test_batches(self, first: int, names: Sequence[str], lines: np.ndarray) -> None:
        self.on_test_batch_end(first + len(lines) - 1, dict(zip(names, lines[-1].tolist(), strict=True)))

    def on_test_end(self, logs: Logs = None) -> None:
        if not self._in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: Logs = None) -> None:
        self._start("Predict")

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._advance(batch, None)

    def on_predict_end(self, logs: Logs = None) -> None:
        self._finish(None)
