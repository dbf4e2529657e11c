"""Rules for the numbers that optimizers and schedules are given."""

import math
from typing import Any

from ..core import ArgumentError


def number(who: str, name: str, value: Any, low: float = 0.0, high: float = math.inf, open_low: bool = False) -> float:
    """`value`, if it is a number in [low, high) (or (low, high) with `open_low`).

    Raises:
        ArgumentError: it is not.

    Example:
        >>> number("SGD", "momentum", 0.9, high=1.0)
        0.9
        >>> number("SGD", "momentum", 1.5, high=1.0)
        Traceback (most recent call last):
        lamina.core.errors.ArgumentError: SGD: momentum is out of range. Expected a number in [0, 1), received 1.5...
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and (low < value if open_low else low <= value) and value < high:
        return value
    raise ArgumentError(
        who,
        f"{name} is out of range",
        expected=f"a number in {'(' if open_low else '['}{low:g}, {high:g})",
        received=repr(value),
        remedy=f"Change {name}",
    )


def one_of(who: str, name: str, value: Any, known: tuple[str, ...]) -> str:
    """`value`, if it is one of the words in `known`.

    Raises:
        ArgumentError: it is not.

    Example:
        >>> one_of("SGD", "momentum_of", "steps", ("steps", "gradients"))
        'steps'
    """
    if value in known:
        return value
    raise ArgumentError(
        who,
        f"{name} is not known",
        expected=" or ".join(map(repr, known)),
        received=repr(value),
        remedy=f"Change {name}",
    )
