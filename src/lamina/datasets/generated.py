"""What the generators of text share: rows that all differ, and a test part of what training never sees."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np

from ..core import ArgumentError
from ..data.randomness import generator

Row = TypeVar("Row", bound=Hashable)
Item = TypeVar("Item")

_MOST_TRIES = 1000


def draw_split(
    who: str, make: Callable[[np.random.Generator, bool], Row], samples: int, test_size: float, seed: int
) -> tuple[list[Row], list[Row]]:
    """Rows for training and for the test, no two alike.

    Args:
        who: the generator that error sentences name.
        make: draws a row; its second argument says whether from what is held out for the test.
        samples: rows in both parts together.
        test_size: share of the test part, above 0 and below 1.
        seed: any integer.

    Raises:
        ArgumentError: a part would be empty, or there are not so many different rows.
    """
    held_out = round(samples * test_size)
    if not 0 < test_size < 1 or not 0 < held_out < samples:
        raise ArgumentError(
            who,
            "both parts have samples",
            expected="0 < test_size < 1 and at least one sample in each part",
            received=f"samples={samples}, test_size={test_size}",
            remedy="Pass more samples",
        )
    seen: set[Row] = set()
    train = _different(who, make, samples - held_out, False, seed, seen)
    return train, _different(who, make, held_out, True, seed, seen)


def _different(
    who: str, make: Callable[[np.random.Generator, bool], Row], count: int, held_out: bool, seed: int, seen: set[Row]
) -> list[Row]:
    rng, rows = generator(seed, epoch=int(held_out)), []
    for _ in range(count):
        fresh = next((row for row in (make(rng, held_out) for _ in range(_MOST_TRIES)) if row not in seen), None)
        if fresh is None:
            raise ArgumentError(
                who,
                "no two samples are alike",
                expected=f"about {len(seen)} samples at most",
                received=f"{count} {'test' if held_out else 'training'} samples",
                remedy="Pass fewer samples",
            )
        seen.add(fresh)
        rows.append(fresh)
    return rows


def choose(rng: np.random.Generator, items: Sequence[Item]) -> Item:
    """One of the items, each equally likely."""
    return items[int(rng.integers(len(items)))]


def is_held_out(*places: int) -> bool:
    """Whether a combination of things, given by their numbers, is kept for the test: about one in five.

    Each thing alone occurs in training as well, so that only the combination is new.
    """
    return sum(places) % 5 == 0


def check_choice(who: str, name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a value that is not among the choices."""
    if value not in choices:
        raise ArgumentError(
            who,
            f"{name} is one of a few",
            expected=" or ".join(map(repr, choices)),
            received=repr(value),
            remedy=f"Change {name}",
        )
