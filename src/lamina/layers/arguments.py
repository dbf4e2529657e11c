"""Checks of arguments and sizes that several layers share."""

from typing import Any

from .. import constraints, initializers, regularizers
from ..core import ArgumentError, ShapeError


def rules(initializer: Any, regularizer: Any = None, constraint: Any = None) -> dict[str, Any]:
    """How one weight starts, is penalised and is kept in bounds: keywords of `Layer.add_weight`."""
    return {
        "initializer": initializers.get(initializer),
        "regularizer": regularizers.get(regularizer),
        "constraint": constraints.get(constraint),
    }


def known_axis(input_shape: tuple[int | None, ...], axis: int, layer: Any) -> int:
    """The size of an axis whose size the weights depend on."""
    size = input_shape[axis]
    if size is not None:
        return size
    raise ShapeError(
        f"{type(layer).__name__} {layer.name!r}",
        f"the size of axis {axis} must be known: the weights depend on it",
        expected="an integer",
        received=f"None, in the input shape {input_shape}",
        remedy="Give Input a size for this axis",
    )


def whole(value: Any, who: str, argument: str, least: int = 1) -> int:
    """`value`, if it is a whole number >= `least`.

    Example:
        >>> whole(0, "Dense", "units")
        Traceback (most recent call last):
        lamina.core.errors.ArgumentError: Dense: units is a whole number. Expected an integer >= 1, received 0. ...
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    raise ArgumentError(
        who,
        f"{argument} is a whole number",
        expected=f"an integer >= {least}",
        received=repr(value),
        remedy=f"For example {argument}={max(least, 32)}",
    )


def share(value: Any, who: str, argument: str = "rate") -> float:
    """`value`, if it is a number in [0, 1).

    Example:
        >>> share(0.5, "Dropout")
        0.5
    """
    if isinstance(value, (int, float)) and 0 <= value < 1:
        return float(value)
    raise ArgumentError(
        who,
        f"{argument} is the share that is dropped",
        expected="a number in [0, 1)",
        received=repr(value),
        remedy="For example 0.5",
    )


def one_of(value: Any, choices: tuple[str, ...], who: str, argument: str) -> str:
    """`value`, if it is one of `choices`."""
    if value in choices:
        return str(value)
    raise ArgumentError(
        who,
        f"{argument} has a fixed set of values",
        expected=" or ".join(map(repr, choices)),
        received=repr(value),
        remedy="Choose one of these",
    )
