"""`LambdaCallback`: a callback without a class."""

from collections.abc import Callable
from typing import Any

from ..core import UnknownNameError
from .callback import HOOKS, Callback

Hook = Callable[..., Any]


class LambdaCallback(Callback):
    """Calls the given functions at the given times.

    Args:
        on_epoch_begin, on_epoch_end: (epoch, logs) -> anything.
        on_train_begin, on_train_end: logs -> anything.
        on_train_batch_begin, on_train_batch_end: (batch, logs) -> anything; the loop then runs one step per dispatch.
        replay_safe: True if the batch functions only look at their logs; many steps may then run per dispatch.
        hooks: any other hook of `Callback`, by name.

    Raises:
        UnknownNameError: there is no such hook.

    Example:
        >>> hello = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
        >>> hello.on_epoch_end(0, {"loss": 0.5})
        0 0.5

    Keras differs: it has no `replay_safe`, and a misspelt hook is never called there.
    """

    def __init__(
        self,
        on_epoch_begin: Hook | None = None,
        on_epoch_end: Hook | None = None,
        on_train_begin: Hook | None = None,
        on_train_end: Hook | None = None,
        on_train_batch_begin: Hook | None = None,
        on_train_batch_end: Hook | None = None,
        *,
        replay_safe: bool = False,
        **hooks: Hook,
    ) -> None:
        if unknown := hooks.keys() - set(HOOKS):
            raise UnknownNameError(
                "LambdaCallback",
                "functions are called at the hooks of Callback",
                expected="some of " + ", ".join(HOOKS),
                received=", ".join(sorted(unknown)),
                remedy="Use one of these names",
            )
        self.replay_safe = replay_safe
        given: dict[str, Hook | None] = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        for name, hook in (given | hooks).items():
            if hook is not None:
                setattr(self, name, hook)
