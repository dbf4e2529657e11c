"""Callbacks that change the learning rate: by the calendar, or when nothing moves any more."""

import inspect
from collections.abc import Callable
from typing import Any

from ..core import ArgumentError
from .callback import Callback, Logs
from .messages import number, say
from .monitor import Monitor


def read_rate(model: Any) -> float:
    """The learning rate now."""
    return float(model.optimizer.learning_rate)


class LearningRateScheduler(Callback):
    """Sets the learning rate at the beginning of each epoch: η = schedule(epoch, η).

    Args:
        schedule: (epoch, learning rate) -> learning rate, or epoch -> learning rate; epochs count from 0.
        verbose: 1 says each new rate.

    Raises:
        ArgumentError, DTypeError: what `schedule` returned is no rate, or the optimizer has a schedule of its own.

    Example:
        >>> from lamina.optimizers import SGD
        >>> class Model: optimizer = SGD(0.1)
        >>> halve = LearningRateScheduler(lambda epoch, rate: rate / 2)
        >>> halve.set_model(Model()); halve.on_epoch_begin(0)
        >>> float(halve.model.optimizer.learning_rate)
        0.05
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        self.schedule, self.verbose = schedule, verbose
        self._takes_rate = _accepts_two(schedule)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        rate = self.schedule(epoch, read_rate(self.model)) if self._takes_rate else self.schedule(epoch)
        self.model.optimizer.learning_rate = rate
        if self.verbose:
            say(f"Epoch {epoch + 1}: learning rate {number(rate)}")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if logs is not None:
            logs["learning_rate"] = read_rate(self.model)


def _accepts_two(function: Callable[..., float]) -> bool:
    try:
        inspect.signature(function).bind(0, 0.0)
    except TypeError:
        return False
    return True


class ReduceLROnPlateau(Callback):
    """Multiplies the learning rate by `factor` when the monitored value has not improved for `patience` epochs.

    Args:
        monitor: name in the logs.
        factor: in (0, 1).
        patience: epochs without improvement.
        verbose: 1 says each new rate.
        mode: "min", "max" or "auto" (by the name).
        min_delta: a smaller change is no improvement.
        cooldown: epochs after a reduction during which none is counted.
        min_lr: the rate never falls below it.

    Raises:
        ArgumentError: `factor` is not between 0 and 1.
        UnknownNameError: at the end of the first epoch, if `monitor` is not logged.

    Example:
        >>> from lamina.optimizers import SGD
        >>> class Model: optimizer = SGD(0.1)
        >>> plateau = ReduceLROnPlateau(monitor="loss", patience=2); plateau.set_model(Model())
        >>> plateau.on_train_begin()
        >>> for epoch, loss in enumerate([1.0, 1.0, 1.0]): plateau.on_epoch_end(epoch, {"loss": loss})
        >>> float(plateau.model.optimizer.learning_rate)
        0.01
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        if not 0 < factor < 1:
            raise ArgumentError(
                "ReduceLROnPlateau",
                "factor makes the learning rate smaller",
                expected="a number between 0 and 1",
                received=factor,
                remedy="0.1 and 0.5 are usual",
            )
        self.monitor, self._monitor = monitor, Monitor(self, monitor, mode, min_delta)
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self._reset()

    def _reset(self) -> None:
        self.wait, self.cooldown_counter = 0, 0
        self.best: float | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        value = self._monitor.value(logs)
        if logs is not None:
            logs["learning_rate"] = read_rate(self.model)
        if value is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self._monitor.is_better(value, self.best):
            self.best, self.wait = value, 0
        elif self.cooldown_counter == 0:
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch: int) -> None:
        before = read_rate(self.model)
        rate = max(before * self.factor, self.min_lr)
        self.wait, self.cooldown_counter = 0, self.cooldown
        if rate < before:
            self.model.optimizer.learning_rate = rate
            if self.verbose:
                say(f"Epoch {epoch + 1}: {self.monitor} does not improve, learning rate {number(rate)}")

    def state_dict(self) -> dict[str, Any]:
        return {"wait": self.wait, "cooldown_counter": self.cooldown_counter, "best": self.best}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.wait, self.cooldown_counter, self.best = state["wait"], state["cooldown_counter"], state["best"]
