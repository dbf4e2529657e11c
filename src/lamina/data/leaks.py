"""Rows that stand both in the training and in the test part, found by their hashes."""

import hashlib
from typing import Any, NamedTuple

import numpy as np

from ..core import ShapeError
from .convert import raw_array

_PLAIN = "biufMmSU"  # kinds of types whose values lie in the array itself


class Leaks(NamedTuple):
    """Test rows that are also training rows.

    Args:
        train: (M,), for each leaked test row the first training row that equals it.
        test: (M,), the numbers of the leaked test rows, rising.
        sentence: for the log.

    Example:
        >>> find_leaks([[1.0], [2.0]], [[3.0]]).sentence
        'no row of the test part is in the training part'
    """

    train: np.ndarray
    test: np.ndarray
    sentence: str


def find_leaks(train: Any, test: Any) -> Leaks:
    """Find the rows of `test` that are, value for value, in `train`: the model has seen their answers.

    Rows are compared by a hash of 128 bits, so the time grows with the number of rows and not with that of pairs.

    Args:
        train: (N, ...), array or frame; or anything with one row per item, such as texts.
        test: (N', ...), rows of the same shape.

    Returns:
        The row numbers and a sentence. 0.0 and -0.0 are equal, and so are two NaNs.

    Raises:
        ShapeError: rows of different shapes.

    Example:
        >>> leaks = find_leaks([[0, 1], [2, 3], [4, 5]], [[4, 5], [6, 7], [2, 3]])
        >>> leaks.test, leaks.train
        (array([0, 2]), array([2, 1]))
        >>> leaks.sentence
        '2 of 3 test rows are also training rows: 0 (= 2), 2 (= 1)'
    """
    rows, others = raw_array(train, "train", "find_leaks"), raw_array(test, "test", "find_leaks")
    return compare_rows(rows, others, np.arange(len(rows)), np.arange(len(others)))


def compare_rows(rows: np.ndarray, others: np.ndarray, numbers: np.ndarray, other_numbers: np.ndarray) -> Leaks:
    """`find_leaks` for arrays whose rows have numbers of their own."""
    if rows.shape[1:] != others.shape[1:] or not rows.ndim or not others.ndim:
        raise ShapeError(
            "find_leaks",
            "both parts have rows of one shape",
            expected=f"rows of shape {rows.shape[1:]}",
            received=f"rows of shape {others.shape[1:]}",
            remedy="Pass the two parts of one data set",
        )
    plain = {rows.dtype.kind, others.dtype.kind} <= set(_PLAIN)
    dtype = np.result_type(rows, others) if plain else None
    first: dict[bytes, int] = {}
    for number, key in zip(numbers.tolist(), _hashes(rows, dtype), strict=True):
        first.setdefault(key, number)
    keys = zip(other_numbers.tolist(), _hashes(others, dtype), strict=True)
    pairs = [(first[key], number) for number, key in keys if key in first]
    found = np.array(pairs, np.intp).reshape(-1, 2)
    return Leaks(found[:, 0], found[:, 1], _sentence(pairs, len(others)))


def _hashes(rows: np.ndarray, dtype: Any) -> list[bytes]:
    """A hash for each row, the same for rows of equal values in `dtype`; objects are hashed by their repr."""
    if dtype is None:
        return [_hash(repr(row.tolist() if isinstance(row, np.ndarray) else row).encode()) for row in rows]
    rows = rows.astype(dtype)
    if dtype.kind == "f":
        rows = np.where(np.isnan(rows), np.array(np.nan, dtype), rows + np.array(0, dtype))  # one NaN, one zero
    return [_hash(np.ascontiguousarray(row).tobytes()) for row in rows]


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _sentence(pairs: list[tuple[int, int]], n: int) -> str:
    if not pairs:
        return "no row of the test part is in the training part"
    shown = ", ".join(f"{test} (= {train})" for train, test in pairs[:5]) + (", ..." if len(pairs) > 5 else "")
    return f"{len(pairs)} of {n} test rows are also training rows: {shown}"
