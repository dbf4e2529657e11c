"""`TerminateOnNaN`: no further step with a loss that is no number."""

import math
from typing import Any

from ..core import DataError
from .callback import Callback, Logs
from .messages import say


class TerminateOnNaN(Callback):
    """Stops training at the first loss that is NaN or infinite, and says at which step that was.

    Args:
        raise_error: raise instead of stopping quietly.

    Raises:
        DataError: with `raise_error`, at such a loss.

    Example:
        >>> class Model: stop_training = False
        >>> guard = TerminateOnNaN(); guard.set_model(Model())
        >>> guard.on_epoch_begin(0); guard.on_train_batch_end(16, {"loss": float("inf")})
        Epoch 1, step 17: the loss is inf, training stops
        >>> guard.model.stop_training
        True

    Without it `fit` raises `NonFiniteError` before such a step, and says where the value came from; with it, training
    goes through the step. Keras differs: it sees the loss before the next step; here the steps of the same dispatch
    have run by then.
    """

    replay_safe = handles_non_finite = True

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error
        self._epoch, self._found = 0, False

    def on_train_begin(self, logs: Logs = None) -> None:
        self._found = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        loss: Any = (logs or {}).get("loss")
        if self._found or loss is None or math.isfinite(loss):
            return
        self._found, self.model.stop_training = True, True
        where = f"Epoch {self._epoch + 1}, step {batch + 1}"
        if self.raise_error:
            raise DataError(
                "TerminateOnNaN",
                f"the loss is no longer a number ({where})",
                expected="a finite loss",
                received=loss,
                remedy="Lower the learning rate, clip gradients, or look for extreme values in the data",
            )
        say(f"{where}: the loss is {loss}, training stops")
