"""Sequences of different lengths as one array."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import ArgumentError, DTypeError, ShapeError


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: str = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: float = 0.0,
) -> np.ndarray:
    """Bring sequences to one length T, by padding the short ones and cutting the long ones.

    Args:
        sequences: N sequences of lengths T_n; items are numbers, or arrays of one common shape.
        maxlen: T; None is the longest length.
        dtype: type of the result.
        padding: "pre" or "post": where values are added.
        truncating: "pre" or "post": where values are cut off.
        value: what is added.

    Returns:
        Array (N, T, ...).

    Raises:
        ArgumentError: padding or truncating is neither "pre" nor "post"; maxlen is negative.
        ShapeError: an item is not a sequence, or items differ in shape.
        DTypeError: the items do not fit `dtype`, such as fractions or huge numbers into int32.

    Example:
        >>> pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2)
        array([[0, 1],
               [2, 3],
               [5, 6]], dtype=int32)

    Differs from Keras, which cuts floats down to integers without a word.
    """
    _check_arguments(maxlen, padding, truncating)
    rows = [_row(sequence, i, dtype) for i, sequence in enumerate(sequences)]
    length = max((len(row) for row in rows), default=0) if maxlen is None else maxlen
    item_shape = next((row.shape[1:] for row in rows if len(row)), ())
    padded = np.full((len(rows), length, *item_shape), value, dtype)
    for i, row in enumerate(rows):
        if len(row) and row.shape[1:] != item_shape:
            raise _shape_error("all items must have one shape", f"items of shape {item_shape}", i, row.shape[1:])
        kept = row[:length] if truncating == "post" else row[max(len(row) - length, 0) :]
        if len(kept):
            padded[i, slice(None, len(kept)) if padding == "post" else slice(length - len(kept), None)] = kept
    return padded


def _check_arguments(maxlen: int | None, padding: str, truncating: str) -> None:
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in ("pre", "post"):
            raise ArgumentError(
                "pad_sequences",
                f"{name} names one side",
                expected="'pre' or 'post'",
                received=repr(side),
                remedy="'pre' is the beginning of a sequence",
            )
    if maxlen is not None and maxlen < 0:
        raise ArgumentError(
            "pad_sequences",
            "maxlen is a length",
            expected="an integer of at least 0, or None",
            received=maxlen,
            remedy="Pass None for the longest sequence's length",
        )


def _row(sequence: Any, i: int, dtype: str) -> np.ndarray:
    try:
        row = np.asarray(sequence)
    except ValueError as error:
        raise _shape_error("all items must have one shape", "items of equal shape", i, "a ragged sequence") from error
    if row.ndim == 0:
        raise _shape_error("each sequence has items", "a list of sequences", i, f"the single value {row}")
    if row.size and not _fits(row, np.dtype(dtype)):
        raise DTypeError(
            "pad_sequences",
            "the items must fit the dtype of the result",
            expected=f"items that {dtype} can hold",
            received=f"{row.flat[0]!r} ... of dtype {row.dtype} in sequence {i}",
            remedy="Pass dtype='float32' for numbers with a fraction",
        )
    return row


def _fits(row: np.ndarray, dtype: np.dtype) -> bool:
    """Whole numbers may go into any type that holds them; floats only into floats."""
    if row.dtype.kind in "iu" and dtype.kind in "iu":
        return bool((row.astype(dtype) == row).all())
    return np.can_cast(row.dtype, dtype, casting="same_kind")


def _shape_error(rule: str, expected: str, i: int, received: Any) -> ShapeError:
    return ShapeError(
        "pad_sequences",
        rule,
        expected=expected,
        received=f"{received} in sequence {i}",
        remedy="Pass a list with one list of items per sample",
    )
