"""ROUGE: how much of a reference is found in a summary."""

from typing import Any

import numpy as np

from ..core import ArgumentError, Tensor
from .bleu import n_grams
from .metric import registry
from .text_metric import TextMetric
from .tokens import tokenizers


class _Rouge(TextMetric):
    """A mean of precision, recall and F1 of `overlap`; of several references the one with the best F1 counts."""

    def __init__(self, tokenize: str, name: str | None, dtype: Any) -> None:
        super().__init__(name, dtype, sums=4)
        self.tokenize = tokenizers[tokenize]

    def overlap(self, right: list[str], said: list[str]) -> tuple[int, int, int]:
        """What both have, how much the reference has, how much the prediction has."""
        raise NotImplementedError(f"{type(self).__name__} must define overlap(right, said)")

    def measure(self, references: list[str], prediction: str) -> list[float]:
        said = self.tokenize(prediction)
        scores = [_scores(*self.overlap(self.tokenize(text), said)) for text in references]
        return [1.0, *max(scores, key=lambda found: found[-1])]

    def result(self) -> dict[str, Tensor]:
        """Means over the pairs, from 0 to 1: {"precision", "recall", "f1_score"}."""
        pairs, *sums = self.found()
        names = ("precision", "recall", "f1_score")
        return {name: self.number(value / pairs if pairs else 0.0) for name, value in zip(names, sums, strict=True)}


def _scores(both: int, right: int, said: int) -> tuple[float, float, float]:
    """Precision, recall and F1; 0 where nothing is shared."""
    return (both / said, both / right, 2 * both / (right + said)) if both else (0.0, 0.0, 0.0)


@registry.register()
class RougeN(_Rouge):
    """ROUGE-N: precision, recall and F1 of groups of n tokens, the mean over all pairs.

    Args:
        order: n; 1 for words, 2 for pairs of words.
        tokenize: "alphanumeric" (English), "char" (Chinese, Japanese), "13a" or "none" (at white space).
        name, dtype: as in `Metric`.

    Raises:
        ArgumentError, UnknownNameError: an argument is none of these.
        DTypeError, DataError: as in `TextMetric`.

    Example:
        >>> found = RougeN(order=1)(["the tiny little cat"], ["the cat sat"])
        >>> [round(value.item(), 4) for value in found.values()]
        [0.6667, 0.5, 0.5714]

    Reference: Lin 2004, ROUGE: a package for automatic evaluation of summaries.
    """

    def __init__(
        self, order: int = 2, tokenize: str = "alphanumeric", name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(tokenize, name, dtype)
        if not (isinstance(order, int) and order >= 1):
            rule, remedy = "order is a number of tokens", "Try 1 or 2"
            raise ArgumentError("RougeN", rule, expected="order >= 1", received=repr(order), remedy=remedy)
        self.order = order

    def overlap(self, right: list[str], said: list[str]) -> tuple[int, int, int]:
        a, b = n_grams(right, self.order), n_grams(said, self.order)
        return (a & b).total(), a.total(), b.total()


@registry.register()
class RougeL(_Rouge):
    """ROUGE-L: precision, recall and F1 of the longest common subsequence, the mean over all pairs.

    Args:
        tokenize: as in `RougeN`.
        name, dtype: as in `Metric`.

    Raises:
        UnknownNameError: `tokenize` is not known.
        DTypeError, DataError: as in `TextMetric`.

    Example:
        >>> found = RougeL()(["the tiny little cat"], ["the cat sat"])
        >>> [round(value.item(), 4) for value in found.values()]
        [0.6667, 0.5, 0.5714]

    Reference: Lin 2004, ROUGE: a package for automatic evaluation of summaries.
    """

    def __init__(self, tokenize: str = "alphanumeric", name: str | None = None, dtype: Any = None) -> None:
        super().__init__(tokenize, name, dtype)

    def overlap(self, right: list[str], said: list[str]) -> tuple[int, int, int]:
        return longest_common(right, said), len(right), len(said)


def longest_common(a: list[str], b: list[str]) -> int:
    """The length of the longest sequence that both hold in order, with gaps.

    The table of all pairs of beginnings is filled row by row; a row is a running maximum.

    Example:
        >>> longest_common("a cat sat on it".split(), "a dog sat by it".split())
        3
    """
    others = np.array(b, dtype=object)
    row = np.zeros(len(b) + 1, int)
    for token in a:
        longer = np.where(others == token, row[:-1] + 1, row[1:])
        row[1:] = np.maximum.accumulate(longer)
    return int(row[-1])
