"""Arithmetic with gradients that may be absent: None stands for the zero of any shape.

The rule of an op with several results gets None for each result that nobody used.
"""

from typing import Any


def scaled(g: Any, factor: Any) -> Any:
    """g · factor, absent if g is."""
    return None if g is None else g * factor


def total(*terms: Any) -> Any:
    """The sum of the terms that are there; absent if none is."""
    there = [t for t in terms if t is not None]
    return sum(there[1:], there[0]) if there else None
