"""Documents of all lengths as windows of one length, without a place wasted."""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from ...core import ArgumentError, DataError


def pack(
    documents: Iterable[Sequence[int]], length: int, separator: int | None = None, pad: int | None = None
) -> np.ndarray:
    """Join documents, a separator behind each, and cut the row into full windows.

    Args:
        documents: token ids of each document.
        length: T, tokens of a window; T + 1 for inputs and targets of a language model.
        separator: id behind each document; None puts nothing there.
        pad: id that fills the last window; None leaves out the tokens that do not fill one.

    Returns:
        int32 (N, T).

    Raises:
        DataError: not one window is filled.
        ArgumentError: length below 1.

    Example:
        >>> pack([[5, 6, 7], [8], [9, 4]], length=3, separator=0)
        array([[5, 6, 7],
               [0, 8, 0],
               [9, 4, 0]], dtype=int32)
    """
    if length < 1:
        raise ArgumentError(
            "pack", "length counts tokens", expected="at least 1", received=length, remedy="Pass a larger length"
        )
    behind = () if separator is None else (separator,)
    row = np.fromiter(chain.from_iterable(chain(document, behind) for document in documents), np.int32)
    if pad is not None:
        row = np.pad(row, (0, -len(row) % length), constant_values=pad)
    count = len(row) // length
    if not count:
        raise DataError(
            "pack",
            "the documents must fill a window",
            expected=f"at least {length} tokens, separators included",
            received=len(row),
            remedy="Pass pad= to fill the last window, or a smaller length",
        )
    return row[: count * length].reshape(count, length)
