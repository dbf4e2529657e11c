"""Texts of all lengths as one array of ids, of few different widths."""

from collections.abc import Sequence

import numpy as np

from ..data import pad_sequences

_SHORTEST = 8


def token_rows(rows: Sequence[Sequence[int]], most: int) -> np.ndarray:
    """Rows of ids, padded behind with 0 to the next power of two, so that a model meets few shapes.

    Args:
        rows: ids above 0.
        most: T at most; what is longer is cut at its end.

    Returns:
        int32 (N, T).

    Example:
        >>> token_rows([[3, 5], [7]], most=100).tolist()
        [[3, 5, 0, 0, 0, 0, 0, 0], [7, 0, 0, 0, 0, 0, 0, 0]]
        >>> token_rows([[1] * 40], most=36).shape
        (1, 36)
    """
    longest = max(map(len, rows), default=0)
    length = min(most, max(_SHORTEST, 1 << (longest - 1).bit_length()))
    return pad_sequences(rows, length, padding="post", truncating="post")
