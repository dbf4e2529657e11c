"""Counting the terms of the data, and putting them into the order of a vocabulary."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...core import ArgumentError, DataError


class Terms:
    """How often each term occurs, and in how many documents.

    Args:
        ignored: terms that are not counted.

    Example:
        >>> terms = Terms(ignored=[""])
        >>> terms.add([["a", "b", "b"], ["b", "c", ""]])
        >>> terms.most_frequent(2), terms.idf(["b", "c"]).round(3)
        (['b', 'c'], array([0.511, 0.693]))
    """

    def __init__(self, ignored: Iterable[Hashable] = ()) -> None:
        self.ignored = set(ignored)
        self.counts: Counter[Any] = Counter()
        self.in_documents: Counter[Any] = Counter()
        self.documents = 0

    def add(self, documents: Iterable[Sequence[Any]]) -> None:
        """Count the terms of some documents."""
        for document in documents:
            terms = [term for term in document if term not in self.ignored]
            self.counts.update(terms)
            self.in_documents.update(set(terms))
            self.documents += 1

    def most_frequent(self, limit: int | None = None) -> list[Any]:
        """The terms, the most frequent first; of equally frequent ones the last in sorting order first, as in Keras."""
        ordered = sorted(self.counts.items(), key=lambda item: (item[1], item[0]), reverse=True)
        return [term for term, _ in ordered[:limit]]

    def idf(self, terms: Sequence[Any]) -> np.ndarray:
        """log(1 + D / (1 + d)) for D documents, of which d hold the term."""
        found = np.array([self.in_documents[term] for term in terms])
        return np.log1p(self.documents / (1.0 + found))


def read_terms(vocabulary: Any) -> list[Any]:
    """The terms of a list or array, or of a text file with one in each line."""
    if isinstance(vocabulary, (str, Path)):
        try:
            return Path(vocabulary).read_text(encoding="utf-8").rstrip("\n").split("\n")
        except UnicodeDecodeError as error:
            raise DataError(
                str(vocabulary),
                "a vocabulary is a text file with one term in each line",
                expected="UTF-8",
                received=error,
                remedy="Convert the file to UTF-8",
            ) from error
    return np.asarray(vocabulary).tolist() if hasattr(vocabulary, "__array__") else list(vocabulary)


def check_terms(terms: Sequence[Any], reserved: Iterable[Any], limit: int | None, who: str) -> None:
    """Refuse a vocabulary that is empty, too large, or holds a term twice or a reserved one."""
    repeated = [term for term, count in Counter(terms).items() if count > 1]
    misplaced = [term for term in terms if term in set(reserved)]
    rules = (
        (not terms, "a vocabulary is not empty", "at least one term", "none"),
        (bool(repeated), "every term occurs once", "different terms", f"more than one {repeated[:5]}"),
        (bool(misplaced), "mask and OOV tokens stand in front or are left out", "other terms", repr(misplaced[:1])),
        (limit is not None and len(terms) > (limit or 0), "the vocabulary fits into max_tokens",
         f"at most {limit} terms besides mask and OOV tokens", len(terms)),
    )  # fmt: skip
    for broken, rule, expected, received in rules:
        if broken:
            raise ArgumentError(who, rule, expected=expected, received=received, remedy="Change the list of terms")
