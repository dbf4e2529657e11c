"""A model reduced to what callbacks touch."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from lamina.callbacks import Callback, CallbackList
from lamina.optimizers import SGD


class FakeModel:
    """One weight that counts the epochs."""

    averaged_weights = nullcontext

    def __init__(self, rate: Any = 0.1) -> None:
        self.stop_training = False
        self.optimizer = SGD(rate)
        self.weights = [np.zeros(2)]
        self.saved: list[tuple[str, float]] = []
        self.history: Any = None

    def get_weights(self) -> list[np.ndarray]:
        return [weight.copy() for weight in self.weights]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.weights = [weight.copy() for weight in weights]

    def save(self, path: Path) -> None:
        Path(path).write_text("model")
        self.saved.append((Path(path).name, float(self.weights[0][0])))

    def save_weights(self, path: Path) -> None:
        Path(path).write_text("weights")
        self.saved.append((Path(path).name, float(self.weights[0][0])))


def fit(
    model: FakeModel, callbacks: Any, epochs: list[dict[str, Any]], interrupt_at: int | None = None, **params: Any
) -> CallbackList:
    """What `fit` does, as far as callbacks can see: epoch i ends with the logs epochs[i] and the weight i + 1."""
    together = CallbackList(callbacks, model, {"epochs": len(epochs), "steps": 3, **params}, add_history=True)
    model.stop_training = False
    together.on_train_begin()
    try:
        for epoch, logs in enumerate(epochs):
            together.on_epoch_begin(epoch)
            together.replay_train_batches(0, ["loss"], np.array([[0.9], [0.8], [0.7]]))
            model.weights = [np.full(2, epoch + 1.0)]
            if epoch == interrupt_at:
                raise KeyboardInterrupt
            together.on_epoch_end(epoch, dict(logs))
            if model.stop_training:
                break
    except KeyboardInterrupt:
        pass
    finally:
        together.on_train_end()
    return together


def losses(*values: float, name: str = "loss") -> list[dict[str, Any]]:
    return [{name: value} for value in values]


class Recorder(Callback):
    """Writes down every call."""

    replay_safe = True

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.calls.append(("epoch_begin", epoch))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.calls.append(("batch_end", batch, logs))
