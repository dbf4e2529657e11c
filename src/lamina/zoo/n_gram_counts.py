"""Counting n-grams with sorted arrays: every k-gram has a place, and its key is made of its history's place."""

from typing import NamedTuple

import numpy as np

SMOOTHINGS = ("kneser_ney", "add_k")
_FALLBACK = (0.5, 1.0, 1.5)  # discounts where there are too few grams to estimate them


class Counts(NamedTuple):
    """The k-grams of one k.

    Args:
        keys: history · (V + 1) + token of each gram, sorted; a history is the place of a (k-1)-gram.
        mass: what remains of each gram's count after discounting.
        total: the counts of each history's grams, added up, and what smoothing adds to them.
        rest: the weight that each history gives to the shorter one; over `total`, it is γ.
    """

    keys: np.ndarray
    mass: np.ndarray
    total: np.ndarray
    rest: np.ndarray

    def find(self, keys: np.ndarray) -> np.ndarray:
        """The places of some keys; -1 where there is none."""
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


def count_grams(tokens: np.ndarray, order: int, vocabulary_size: int, smoothing: str, k: float) -> list[Counts]:
    """The k-grams for k = 1 … n.

    Args:
        tokens: all texts in a row, each behind n - 1 start marks, which are the token V.
        order: n.
        vocabulary_size: V.
        smoothing: "kneser_ney" or "add_k".
        k: the k of "add_k".
    """
    base = vocabulary_size + 1
    levels, grams = [], _places(tokens, order, base)
    for i, (keys, place, counts) in enumerate(grams):
        if smoothing == "kneser_ney" and i + 1 < order:
            counts = _continuations(tokens, i, place, counts, grams[i + 1][1], vocabulary_size)
        counts = np.where(keys % base == vocabulary_size, 0, counts)  # start marks are not predicted
        history = keys // base
        histories = len(grams[i - 1][0]) if i else 1
        total = np.bincount(history, counts, histories)
        if smoothing == "kneser_ney":
            taken = _discounts(counts)[np.minimum(counts, 3)]
            levels.append(Counts(keys, counts - taken, total, np.bincount(history, taken, histories)))
        elif i + 1 < order:  # only needed to find longer ones
            levels.append(Counts(keys, np.zeros(len(keys)), np.zeros(histories), np.zeros(histories)))
        else:
            extra = k * vocabulary_size
            levels.append(Counts(keys, counts.astype(float), total + extra, np.full(histories, extra)))
    return levels


def _places(tokens: np.ndarray, order: int, base: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each length: the keys of its grams, the place of the gram that ends at each token, and the counts."""
    grams = []
    history = np.zeros(len(tokens), np.int64)
    for _ in range(order):
        keys, place, counts = np.unique(history * base + tokens, return_inverse=True, return_counts=True)
        grams.append((keys, place, counts))
        history = np.concatenate([[0], place[:-1]])
    return grams


def _continuations(
    tokens: np.ndarray, i: int, place: np.ndarray, counts: np.ndarray, longer: np.ndarray, mark: int
) -> np.ndarray:
    """How many different tokens stand before each gram of i + 1 tokens; behind a start mark nothing stands but more
    of them, and the gram's own count is kept."""
    suffix = np.zeros(longer.max() + 1, np.int64)
    suffix[longer] = place
    different = np.bincount(suffix, minlength=len(counts))
    first = np.zeros(len(counts), np.int64)
    first[place] = np.concatenate([np.full(i, mark), tokens[: len(tokens) - i]])
    return np.where(first == mark, counts, different)


def _discounts(counts: np.ndarray) -> np.ndarray:
    """What is taken from a count of 0, 1, 2, and 3 or more: D_c = c - (c + 1) Y n_{c+1} / n_c, Y = n_1 / (n_1 + 2 n_2).

    n_c is the number of grams with count c (Chen and Goodman 1999, equation 26).
    """
    n = np.bincount(np.minimum(counts, 5), minlength=5).astype(float)
    if n[1:5].all():
        y = n[1] / (n[1] + 2 * n[2])
        found = [c - (c + 1) * y * n[c + 1] / n[c] for c in (1, 2, 3)]
        if all(0 <= d <= c for c, d in zip((1, 2, 3), found, strict=True)):
            return np.array([0.0, *found])
    return np.array([0.0, *_FALLBACK])
