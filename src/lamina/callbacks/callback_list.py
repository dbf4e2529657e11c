"""`CallbackList`: many callbacks that act as one."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import ArgumentError, FileFormatError
from .callback import BATCH_HOOKS, HOOKS, Callback, Logs, overrides
from .history import History
from .progress import ProgbarLogger


class CallbackList(Callback):
    """Hands every hook on to each callback, in order.

    Args:
        callbacks: one callback, a sequence of them, or None.
        model: told to each callback.
        params: told to each callback.
        add_history: append a `History` unless there is one.
        add_progbar: append a `ProgbarLogger` unless there is one.

    Raises:
        ArgumentError: an item is not a Callback (for example a class instead of an object).

    Attributes:
        history: the `History` in the list, or None.

    Example:
        >>> together = CallbackList(add_history=True)
        >>> together.on_train_begin(); together.on_epoch_end(0, {"loss": 0.5})
        >>> together.history.history
        {'loss': [0.5]}

    Keras differs: `params` are separate keyword arguments there.
    """

    def __init__(
        self,
        callbacks: Callback | Sequence[Callback] | None = None,
        model: Any = None,
        params: dict[str, Any] | None = None,
        *,
        add_history: bool = False,
        add_progbar: bool = False,
    ) -> None:
        self.callbacks: list[Callback] = []
        self._listeners: dict[str, list[Callback]] = {hook: [] for hook in HOOKS}
        for callback in [callbacks] if isinstance(callbacks, Callback) else callbacks or []:
            self.append(callback)
        for wanted, kind in ((add_progbar, ProgbarLogger), (add_history, History)):
            if wanted and not any(isinstance(callback, kind) for callback in self.callbacks):
                self.append(kind())
        self.set_model(model)
        self.set_params({} if params is None else params)

    def append(self, callback: Callback) -> None:
        """Add one more callback, at the end."""
        if not isinstance(callback, Callback):
            raise ArgumentError(
                "CallbackList",
                "callbacks are objects of a subclass of Callback",
                expected="a Callback",
                received=repr(callback),
                remedy=f"Call it: {callback.__name__}()" if isinstance(callback, type) else "Subclass Callback",
            )
        self.callbacks.append(callback)
        for hook in HOOKS:
            if overrides(callback, hook):
                self._listeners[hook].append(callback)

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        for callback in self.callbacks:
            callback.set_model(model)

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        for callback in self.callbacks:
            callback.set_params(params)

    @property
    def history(self) -> History | None:
        """The first `History` in the list."""
        return next((callback for callback in self.callbacks if isinstance(callback, History)), None)

    # -- steps ----------------------------------------------------------------------------------
    @property
    def needs_every_step(self) -> bool:
        """Whether some callback must see the model between any two steps: one step per dispatch then."""
        after = any(not callback.replay_safe for callback in self._listeners["on_train_batch_end"])
        return after or bool(self._listeners["on_train_batch_begin"])

    @property
    def has_batch_hooks(self) -> bool:
        """Whether any callback listens to steps at all; if not, there is nothing to replay."""
        return any(self._listeners[hook] for hook in BATCH_HOOKS)

    def replay_train_batches(self, first: int, names: Sequence[str], lines: np.ndarray) -> None:
        for callback in self._listeners["on_train_batch_end"]:
            callback.replay_train_batches(first, names, lines)

    def replay_test_batches(self, first: int, names: Sequence[str], lines: np.ndarray) -> None:
        for callback in self._listeners["on_test_batch_end"]:
            callback.replay_test_batches(first, names, lines)

    # -- state ----------------------------------------------------------------------------------
    def state_dict(self) -> dict[str, Any]:
        """The state of each callback, in order, with its class name."""
        return {"callbacks": [[type(callback).__name__, callback.state_dict()] for callback in self.callbacks]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Give each callback its state back.

        Raises:
            FileFormatError: the state was made by other callbacks, or by the same in another order.
        """
        saved, here = [name for name, _ in state["callbacks"]], [type(callback).__name__ for callback in self.callbacks]
        if saved != here:
            raise FileFormatError(
                "CallbackList",
                "a run continues with the callbacks it began with",
                expected=", ".join(saved) or "none",
                received=", ".join(here) or "none",
                remedy="Pass the same callbacks in the same order",
            )
        for callback, (_, one) in zip(self.callbacks, state["callbacks"], strict=True):
            callback.load_state_dict(one)


def _each(hook: str) -> Callable[..., None]:
    """The method of `CallbackList` that calls `hook` of every callback that has one; logs are always a dict."""

    def plain(self: CallbackList, logs: Logs = None) -> None:
        logs = {} if logs is None else logs
        for callback in self._listeners[hook]:
            getattr(callback, hook)(logs)

    def numbered(self: CallbackList, number: int, logs: Logs = None) -> None:
        logs = {} if logs is None else logs
        for callback in self._listeners[hook]:
            getattr(callback, hook)(number, logs)

    return numbered if "epoch" in hook or "batch" in hook else plain


for _hook in HOOKS:
    setattr(CallbackList, _hook, _each(_hook))
