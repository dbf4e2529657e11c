"""Closed registries: names that a file or a string argument may use.

A name in a file is looked up here and nowhere else; it never imports anything.
"""

import difflib
import re
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from .errors import ArgumentError, UnknownNameError

T = TypeVar("T")


def snake_case(name: str) -> str:
    """`CamelCase` to `snake_case`, as Keras spells the string form of its classes.

    Example:
        >>> snake_case("MeanSquaredError"), snake_case("Conv2DTranspose"), snake_case("L1L2")
        ('mean_squared_error', 'conv2d_transpose', 'l1_l2')
    """
    name = re.sub(r"([1-3])D", r"\1d", name)  # Conv2D is conv2d, not conv2_d
    name = re.sub(r"(.)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


class Registry(Generic[T]):
    """A closed table from names to objects, with suggestions for misspelt names.

    Args:
        kind: what the table holds, in the singular; used in error sentences.

    Example:
        >>> colours = Registry("colour")
        >>> colours.add("#f00", "red", "crimson")
        '#f00'
        >>> colours["red"]
        '#f00'
        >>> colours["rde"]
        Traceback (most recent call last):
        lamina.core.errors.UnknownNameError: colour: the name is not registered.
        Expected one of crimson, red, received 'rde'. Did you mean 'red'?
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._table: dict[str, T] = {}

    def add(self, item: T, *names: str) -> T:
        """Enter `item` under each of `names`; a name that is taken by another item is an error."""
        for name in names:
            if self._table.setdefault(name, item) is not item:
                raise ArgumentError(
                    self.kind,
                    "a name can be registered once",
                    expected="a free name",
                    received=repr(name),
                    remedy="Choose another name",
                )
        return item

    def register(self, *names: str) -> Callable[[T], T]:
        """Decorator form of `add`; without names, a class or function enters under its own
        name and under the snake_case form of it."""

        def enter(item: T) -> T:
            own: Any = item
            return self.add(item, *(names or dict.fromkeys((own.__name__, snake_case(own.__name__)))))

        return enter

    def __getitem__(self, name: str) -> T:
        if name in self._table:
            return self._table[name]
        near = difflib.get_close_matches(name, self._table, n=1, cutoff=0.5)
        raise UnknownNameError(
            self.kind,
            "the name is not registered",
            expected="one of " + ", ".join(sorted(self._table)),
            received=repr(name),
            remedy=f"Did you mean {near[0]!r}?" if near else f"Register a new {self.kind} with lamina.register",
        )

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)
