"""One place where complaints of the arrays below become sentences of the house."""

import functools
from collections.abc import Callable
from typing import Any

import jax

from ..core import DTypeError, LaminaError, ShapeError, op


def _described(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Shapes and types of the arrays and the values of the settings, in a call's order."""

    def one(value: Any) -> str:
        if isinstance(value, (list, tuple)) and any(hasattr(v, "dtype") for v in value):
            return ", ".join(map(one, value))
        return f"shape {tuple(value.shape)} {value.dtype}" if hasattr(value, "dtype") else repr(value)

    is_array = {name: bool(jax.tree.leaves(value)) and "shape" in one(value) for name, value in kwargs.items()}
    named = [one(value) if is_array[name] else f"{name}={one(value)}" for name, value in kwargs.items()]
    return ", ".join([*map(one, args), *named])


def explained(rule: str, expected: str, remedy: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator for a forward rule: its shape and type errors are raised in the house's form.

    Args:
        rule, expected, remedy: parts of the sentence; what was received is read from the call.
    """

    def decorate(forward: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(forward)
        def run(*args: Any, **kwargs: Any) -> Any:
            try:
                return forward(*args, **kwargs)
            except (TypeError, ValueError) as error:
                called_wrongly = error.__traceback__ is None or error.__traceback__.tb_next is None
                if isinstance(error, LaminaError) or called_wrongly:
                    raise
                received = _described(args, kwargs)
                if "dtype" in str(error):
                    raise DTypeError(
                        forward.__name__,
                        "the number types must suit the operation",
                        expected=str(error).splitlines()[0].rstrip("."),
                        received=received,
                        remedy="Convert with lamina.ops.cast",
                    ) from error
                raise ShapeError(forward.__name__, rule, expected=expected, received=received, remedy=remedy) from error

        return run

    return decorate


def elementwise(forward: Callable[..., Any]) -> Any:
    """Decorator: an op of several arrays that promote to one type and broadcast to one shape."""
    clear = explained(
        "the shapes must broadcast",
        "sizes that are equal or 1, counted from the last axis",
        "Reshape an argument, or add axes of size 1 with expand_dims",
    )
    return op(clear(forward), promotes=True)
