"""Batches of sequences of like length: little padding, and few shapes."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import numpy as np

from ...core import ArgumentError, DataError
from ..dataset import Dataset


def bucket_by_length(
    dataset: Dataset,
    boundaries: Sequence[int],
    batch_size: int,
    value: float = 0,
    length: Callable[[Any], int] | None = None,
    drop_remainder: bool = False,
) -> Dataset:
    """Join elements of like length into batches, each padded to the boundary above it.

    There are as many shapes as boundaries, so that a model is compiled once for each. All arrays of an element that
    have an axis are taken for sequences and padded behind; plain numbers, such as labels, stay. A batch is given out
    when it is full, those that did not fill up at the end of the epoch.

    Args:
        dataset: single elements: x or (x, y), with x of shape (T, ...) and T different from element to element.
        boundaries: greatest length in each bucket, growing.
        batch_size: N, elements of a batch.
        value: what is padded.
        length: function from an element to its length; None takes its longest array.
        drop_remainder: whether to leave out batches that did not fill up.

    Returns:
        Dataset of batches (N, boundary, ...).

    Raises:
        ArgumentError: no boundaries, or boundaries that do not grow.
        DataError: while iterating: an element longer than the last boundary.

    Example:
        >>> rows = [([1], 0), ([2, 3, 4], 1), ([5, 6], 0)]
        >>> data = Dataset.from_generator(lambda: iter([(np.array(x), y) for x, y in rows]))
        >>> for x, y in bucket_by_length(data, boundaries=[2, 4], batch_size=2):
        ...     print(x.tolist(), y.tolist())
        [[1, 0], [5, 6]] [0, 0]
        [[2, 3, 4, 0]] [1]
    """
    limits = list(boundaries)
    if not limits or limits[0] < 1 or any(a >= b for a, b in zip(limits, limits[1:], strict=False)) or batch_size < 1:
        raise ArgumentError(
            "bucket_by_length",
            "boundaries are growing lengths, and a batch has elements",
            expected="boundaries such as [16, 32, 64] and batch_size >= 1",
            received=f"{limits} and {batch_size}",
            remedy="Sort the boundaries and leave out repeated ones",
        )
    measure = length or _longest

    def epoch(e: int) -> Iterator[Any]:
        waiting: list[list[Any]] = [[] for _ in limits]
        for i, element in enumerate(dataset.epoch(e)):
            bucket = bisect_left(limits, size := measure(element))
            if bucket == len(limits):
                raise _too_long(i, size, limits[-1])
            waiting[bucket].append(_padded(element, limits[bucket], value))
            if len(waiting[bucket]) == batch_size:
                yield _stacked(waiting[bucket])
                waiting[bucket] = []
        if not drop_remainder:
            yield from (_stacked(rows) for rows in waiting if rows)

    return Dataset(epoch, batched=True)


def _longest(element: Any) -> int:
    return max((len(leaf) for leaf in _leaves(element) if np.ndim(leaf)), default=0)


def _leaves(element: Any) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in (element if isinstance(element, tuple) else (element,))]


def _padded(element: Any, size: int, value: float) -> Any:
    def fill(leaf: np.ndarray) -> np.ndarray:
        width = [(0, size - len(leaf))] + [(0, 0)] * (leaf.ndim - 1) if leaf.ndim else []
        return np.pad(leaf, width, constant_values=value) if width else leaf

    leaves = tuple(fill(leaf) for leaf in _leaves(element))
    return leaves if isinstance(element, tuple) else leaves[0]


def _stacked(rows: list[Any]) -> Any:
    return jax.tree.map(lambda *leaves: np.stack(leaves), *rows)


def _too_long(i: int, size: int, limit: int) -> DataError:
    return DataError(
        "bucket_by_length",
        "every element fits into a bucket",
        expected=f"a length of at most {limit}, the last boundary",
        received=f"{size} in element {i}",
        remedy="Add a larger boundary, or cut or filter the elements first",
    )
