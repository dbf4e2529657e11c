"""`Callback`: a visitor of training, told when things begin and end."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

Logs = dict[str, Any] | None

BATCH_HOOKS = (
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_batch_begin",
    "on_test_batch_end",
    "on_predict_batch_begin",
    "on_predict_batch_end",
)
HOOKS = (
    "on_train_begin",
    "on_train_end",
    "on_epoch_begin",
    "on_epoch_end",
    "on_test_begin",
    "on_test_end",
    "on_predict_begin",
    "on_predict_end",
    *BATCH_HOOKS,
)


class Callback:
    """Base of everything that watches or steers training; each hook does nothing until a subclass says otherwise.

    Many steps run in one dispatch to the device. Afterwards each step's exact logs are handed to
    `on_train_batch_end`, in order. A callback that only looks at `logs` there sets `replay_safe = True`.
    One that looks at the model (its weights after *this* step) leaves it False, and the loop then
    runs one step per dispatch. So it does for `on_train_batch_begin`.

    Attributes:
        model: the model being trained; `model.stop_training = True` ends training after this step or epoch.
        params: what the loop announces: "epochs", "steps" (per epoch, or None), "verbose",
            "validation_freq", "notes" (sentences about choices made on the user's behalf).
        replay_safe: whether `on_train_batch_end` may be called when later steps have run, too.
        handles_non_finite: whether this callback acts on NaN itself; `fit` then trains through it (`NonFiniteError`).

    Example:
        >>> class Best(Callback):
        ...     lowest = float("inf")
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         self.lowest = min(self.lowest, logs["loss"])
        >>> best = Best(); best.on_epoch_end(0, {"loss": 0.5}); best.on_epoch_end(1, {"loss": 0.7})
        >>> best.lowest
        0.5

    Keras differs: it has no `replay_safe`; the old names `on_batch_begin` and `on_batch_end` are left out here.
    """

    replay_safe: bool = False
    handles_non_finite: bool = False
    model: Any = None
    params: dict[str, Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = super().__new__(cls)
        self.params = {}  # here, so that a subclass may forget super().__init__()
        return self

    def set_model(self, model: Any) -> None:
        """Called once before training, with the model."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once before training, with what is known about the run."""
        self.params = params

    def state_dict(self) -> dict[str, Any]:
        """What this callback must remember to continue exactly: JSON values and arrays by name."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state`; called after `on_train_begin` of the resumed run."""

    def replay_train_batches(self, first: int, names: Sequence[str], lines: np.ndarray) -> None:
        """Take in all steps of one dispatch: `on_train_batch_end` for each, in order.

        Args:
            first: number of the first of these steps in its epoch.
            names: what is logged at every step.
            lines: the logged numbers, (steps, len(names)).
        """
        for batch, line in enumerate(lines.tolist(), first):
            self.on_train_batch_end(batch, dict(zip(names, line, strict=True)))

    def replay_test_batches(self, first: int, names: Sequence[str], lines: np.ndarray) -> None:
        """The same for steps of an evaluation: `on_test_batch_end`."""
        for batch, line in enumerate(lines.tolist(), first):
            self.on_test_batch_end(batch, dict(zip(names, line, strict=True)))

    def on_train_begin(self, logs: Logs = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs = None) -> None:
        """After the last epoch, and also when training is interrupted."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Before epoch `epoch`, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """After an epoch and its validation; `logs` may be added to."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before step `batch` of the epoch, counted from 0."""

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After step `batch`, with its logs."""

    def on_test_begin(self, logs: Logs = None) -> None:
        """Before evaluation or validation."""

    def on_test_end(self, logs: Logs = None) -> None:
        """After evaluation or validation, with its results."""

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before an evaluation step."""

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After an evaluation step."""

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Before prediction."""

    def on_predict_end(self, logs: Logs = None) -> None:
        """After prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Before a prediction step."""

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a prediction step."""


def overrides(callback: Callback, hook: str) -> bool:
    """Whether `callback` does something at `hook`, by its class or by an attribute of its own."""
    method = getattr(callback, hook)
    return getattr(method, "__func__", method) is not getattr(Callback, hook)
