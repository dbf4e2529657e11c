"""`EarlyStopping`: end training when it no longer helps, and keep the best."""

from typing import Any

from .callback import Callback, Logs
from .messages import number, say
from .monitor import Monitor


class EarlyStopping(Callback):
    """Stops training when the monitored value has not improved for `patience` epochs.

    Args:
        monitor: name in the logs.
        min_delta: a smaller change is no improvement.
        patience: how many epochs without improvement are endured.
        verbose: 1 says when and why it stops.
        mode: "min", "max" or "auto" (by the name).
        baseline: patience counts on until this value is beaten, too.
        restore_best_weights: at the end, give the model the weights of its best epoch. This holds in
            every end: patience, the last epoch, an interruption from the keyboard. Of an optimizer that
            averages, these are the averages, which validation has judged.
        start_from_epoch: epochs to wait before watching.

    Raises:
        UnknownNameError: at the end of the first epoch, if `monitor` is not logged.

    Attributes:
        best, best_epoch: the best value and its epoch.
        stopped_epoch: the epoch at which it stopped training, else 0.

    Example:
        >>> class Model: stop_training = False
        >>> stop = EarlyStopping(monitor="loss", patience=2); stop.set_model(Model())
        >>> stop.on_train_begin()
        >>> for epoch, loss in enumerate([0.5, 0.4, 0.41, 0.42]): stop.on_epoch_end(epoch, {"loss": loss})
        >>> stop.model.stop_training, stop.best_epoch, stop.stopped_epoch
        (True, 1, 3)

    Keras differs: there an unknown name is only a warning, and a first value of NaN counts as the best.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        self.monitor, self._monitor = monitor, Monitor(self, monitor, mode, min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait, self.best_epoch, self.stopped_epoch = 0, 0, 0
        self.best: float | None = None
        self.best_weights: list[Any] | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        value = self._monitor.value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self._monitor.is_better(value, self.best):
            self._remember(epoch, value)
        elif self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _remember(self, epoch: int, value: float) -> None:
        self.best, self.best_epoch = value, epoch
        if self.restore_best_weights:
            with self.model.averaged_weights():  # those that the monitored value is about
                self.best_weights = self.model.get_weights()
        if self.baseline is None or self._monitor.is_better(value, self.baseline):
            self.wait = 0

    def on_train_end(self, logs: Logs = None) -> None:
        if self.stopped_epoch and self.verbose:
            best = "never a number" if self.best is None else f"best {number(self.best)} in epoch {self.best_epoch + 1}"
            say(f"Epoch {self.stopped_epoch + 1}: stopping early, {self.monitor} {best}")
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)

    def state_dict(self) -> dict[str, Any]:
        names = ("wait", "best", "best_epoch", "stopped_epoch", "best_weights")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.wait, self.best, self.best_epoch = state["wait"], state["best"], state["best_epoch"]
        self.stopped_epoch, self.best_weights = state["stopped_epoch"], state["best_weights"]
