"""Text to tokens: standardising, splitting, n-grams."""

import string
from collections.abc import Sequence
from typing import Any

import numpy as np

STANDARDIZE = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
SPLIT = ("whitespace", "character")
_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)


def standardized(text: str, how: str | None) -> str:
    """`text` in small letters, without ASCII punctuation, or both.

    Example:
        >>> standardized("Don't SHOUT!", "lower_and_strip_punctuation")
        'dont shout'
    """
    if how in ("lower", "lower_and_strip_punctuation"):
        text = text.lower()
    return text.translate(_WITHOUT_PUNCTUATION) if how in STANDARDIZE and how != "lower" else text


def split(text: str, how: str) -> list[str]:
    """The words between white space, or the characters."""
    return text.split() if how == "whitespace" else list(text)


def ngrams(tokens: Sequence[str], widths: Sequence[int]) -> list[str]:
    """All runs of n tokens, joined by blanks, for the first n of `widths`, then the next.

    Example:
        >>> ngrams(["a", "b", "c"], (1, 2))
        ['a', 'b', 'c', 'a b', 'b c']
    """
    return [" ".join(tokens[i : i + n]) for n in widths for i in range(len(tokens) - n + 1)]


def rectangle(rows: Sequence[Sequence[str]], length: int | None = None) -> np.ndarray:
    """Rows of tokens as one array (N, T): cut, or padded with "", to `length` or the longest row.

    Example:
        >>> rectangle([["a", "b"], ["c"]]).tolist()
        [['a', 'b'], ['c', '']]
    """
    size = max(map(len, rows), default=0) if length is None else length
    table: np.ndarray[Any, Any] = np.full((len(rows), size), "", dtype=object)
    for place, row in enumerate(rows):
        kept = list(row[:size])
        table[place, : len(kept)] = kept
    return table
