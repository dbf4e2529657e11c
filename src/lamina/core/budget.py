"""How much may be made from a description that a stranger wrote."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from .errors import FileFormatError

LAYER = 1000  # a layer counts as so many numbers, also without weights
_left: ContextVar[list[int] | None] = ContextVar("budget", default=None)


@contextmanager
def budget(numbers: int) -> Iterator[None]:
    """Whatever is built inside takes its numbers from a budget, and is refused when that is used up.

    Example:
        >>> with budget(1000):
        ...     spend((20, 40), "Dense")
        ...     spend((10**6, 10**6), "Dense")
        Traceback (most recent call last):
        lamina.core.errors.FileFormatError: Dense: what a file describes may not be larger than what it holds.
        Expected at most 200 more numbers, received shape (1000000, 1000000). Do not trust this file.
    """
    token = _left.set([numbers])
    try:
        yield
    finally:
        _left.reset(token)


def spend(shape: Sequence[int], who: str) -> None:
    """Take an array of `shape` from the budget in force, if there is one, before it is made."""
    left = _left.get()
    if left is None:
        return
    numbers = abs(math.prod(shape))
    if numbers > left[0]:
        raise FileFormatError(
            who,
            "what a file describes may not be larger than what it holds",
            expected=f"at most {left[0]} more numbers",
            received=f"shape {tuple(shape)}",
            remedy="Do not trust this file",
        )
    left[0] -= numbers
