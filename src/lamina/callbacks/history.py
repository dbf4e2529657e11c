"""`History`: what `fit` returns."""

from typing import Any

from .callback import Callback, Logs


class History(Callback):
    """Collects the logs of each epoch.

    Attributes:
        epoch: the epochs' numbers, from 0.
        history: name -> list of values, one per epoch in which the name was logged.

    Example:
        >>> history = History()
        >>> history.on_train_begin()
        >>> for epoch in range(2): history.on_epoch_end(epoch, {"loss": 1.0 / (epoch + 1)})
        >>> history.epoch, history.history
        ([0, 1], {'loss': [1.0, 0.5]})
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[Any]] = {}

    def on_train_begin(self, logs: Logs = None) -> None:
        self.epoch, self.history = [], {}
        if self.model is not None:
            self.model.history = self

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def state_dict(self) -> dict[str, Any]:
        return {"epoch": list(self.epoch), "history": {name: list(values) for name, values in self.history.items()}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.epoch = list(state["epoch"])
        self.history = {name: list(values) for name, values in state["history"].items()}
