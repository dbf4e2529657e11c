"""`ModelCheckpoint`: save the model while it is being trained."""

import os
from pathlib import Path
from typing import Any

from ..core import ArgumentError, UnknownNameError
from .callback import Callback, Logs
from .messages import number, say
from .monitor import Monitor


class ModelCheckpoint(Callback):
    """Saves the model after every epoch, after every `save_freq` steps, or whenever it is better than before.

    Of an optimizer that averages (`use_ema`, `SWA`, `ScheduleFreeAdamW`) the file holds the averages, which validation
    has judged and `fit` would keep if it ended here.

    Args:
        filepath: where to; may contain {epoch} (from 1), {batch} (from 1) and names of the logs, with
            formats: "runs/{epoch:02d}-{val_loss:.3f}.lamina". Folders are made.
        monitor: what `save_best_only` looks at.
        verbose: 1 says each file.
        save_best_only: save only when the monitored value has improved.
        save_weights_only: save without architecture and optimizer.
        mode: "min", "max" or "auto" (by the name).
        save_freq: "epoch", or a number of steps; then the loop runs one step per dispatch.
        initial_value_threshold: must be improved on for the first save.

    Raises:
        ArgumentError: `save_freq` is neither.
        UnknownNameError: `monitor`, or a name in `filepath`, is not logged.

    Example:
        >>> from contextlib import nullcontext
        >>> class Model:
        ...     averaged_weights = nullcontext
        ...     def save(self, path): print("saved", path.name)
        >>> best = ModelCheckpoint("m-{epoch}-{val_loss:.2f}.lamina", save_best_only=True); best.set_model(Model())
        >>> for epoch, loss in enumerate([0.5, 0.6, 0.4]): best.on_epoch_end(epoch, {"val_loss": loss})
        saved m-1-0.50.lamina
        saved m-3-0.40.lamina
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        if save_freq != "epoch" and not (isinstance(save_freq, int) and save_freq > 0):
            raise ArgumentError(
                "ModelCheckpoint",
                "save_freq says how often to save",
                expected="'epoch' or a number of steps >= 1",
                received=repr(save_freq),
                remedy="Leave it out to save after every epoch",
            )
        self.filepath, self.monitor, self.verbose = os.fspath(filepath), monitor, verbose
        self.save_best_only, self.save_weights_only, self.save_freq = save_best_only, save_weights_only, save_freq
        self._monitor = Monitor(self, monitor, mode) if save_best_only else None
        self.replay_safe = save_freq == "epoch"
        self.best, self._steps, self._epoch = initial_value_threshold, 0, 0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._steps += 1
        if self.save_freq != "epoch" and self._steps % int(self.save_freq) == 0:
            self._save_if_due(logs, epoch=self._epoch + 1, batch=batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self.save_freq == "epoch":
            self._save_if_due(logs, epoch=epoch + 1)

    def _save_if_due(self, logs: Logs, **place: int) -> None:
        if self._monitor is not None:
            value = self._monitor.value(logs)
            if value is None or not self._monitor.is_better(value, self.best):
                return
            self.best = value
        path = self._path({**(logs or {}), **place})
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.model.averaged_weights():  # those that validation has judged
            (self.model.save_weights if self.save_weights_only else self.model.save)(path)
        if self.verbose:
            reason = "" if self.best is None else f", best {self.monitor} {number(self.best)}"
            say(f"Epoch {place['epoch']}: saved {path}{reason}")

    def _path(self, names: dict[str, Any]) -> Path:
        try:
            return Path(self.filepath.format(**names))
        except KeyError as error:
            raise UnknownNameError(
                "ModelCheckpoint",
                "names in filepath are filled in from the logs",
                expected="some of " + ", ".join(names),
                received=f"{{{error.args[0]}}} in {self.filepath!r}",
                remedy="Write {{ for a brace that stays",
            ) from None

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "steps": self._steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self._steps = state["best"], state["steps"]
