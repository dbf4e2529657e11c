"""BLEU: how much of a translation is found, word group by word group, in the references."""

from collections import Counter
from typing import Any

import numpy as np

from ..core import ArgumentError, Tensor
from .metric import registry
from .text_metric import TextMetric
from .tokens import tokenizers


def n_grams(tokens: list[str], n: int) -> Counter[tuple[str, ...]]:
    """All groups of n tokens in a row, with their numbers.

    Example:
        >>> n_grams(["a", "b", "a", "b"], 2)
        Counter({('a', 'b'): 2, ('b', 'a'): 1})
    """
    return Counter(zip(*(tokens[i:] for i in range(n)), strict=False))


def _check(name: str, fine: bool, value: Any, expected: str, remedy: str) -> None:
    if not fine:
        raise ArgumentError("BLEU", f"{name} is out of range", expected=expected, received=repr(value), remedy=remedy)


@registry.register("BLEU", "bleu")
class BLEU(TextMetric):
    """BP · exp(1/n Σ_i log p_i) over a whole corpus, i = 1 ... n.

    p_i is the share of the predicted groups of i tokens that are found in a reference (each as often as there at
    most), BP = min(1, exp(1 - r / c)) the penalty for c predicted tokens beside the r of the references next in
    length. It lies between 0 and 1; sacrebleu prints 100 times as much.

    Args:
        max_order: n.
        tokenize: "13a" (WMT's), "char" (Chinese, Japanese), "alphanumeric", or "none" (at white space).
        lowercase: whether capitals are the same as small letters.
        smoothing: "exp" takes the first p_i without any match as 1 / 2, the next as 1 / 4 ... of one match; "none"
            leaves them 0, and so is then the score.
        name, dtype: as in `Metric`.

    Raises:
        ArgumentError, UnknownNameError: an argument is none of these.
        DTypeError, DataError: as in `TextMetric`.

    Example:
        >>> BLEU()(["The cat sat on the mat."], ["The cat sat on a mat."]).item()
        0.4889...

    Reference: Papineni et al. 2002, BLEU: a method for automatic evaluation of machine translation; Post 2018,
    arXiv 1804.08771.
    """

    def __init__(
        self,
        max_order: int = 4,
        tokenize: str = "13a",
        lowercase: bool = False,
        smoothing: str = "exp",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        _check("max_order", isinstance(max_order, int) and max_order >= 1, max_order, "an integer >= 1", "Try 4")
        _check("smoothing", smoothing in ("exp", "none"), smoothing, "'exp' or 'none'", "Choose one")
        super().__init__(name, dtype, sums=2 + 2 * max_order)
        self.max_order, self.lowercase, self.smoothing = max_order, lowercase, smoothing
        self.tokenize = tokenizers[tokenize]

    def measure(self, references: list[str], prediction: str) -> list[float]:
        """Tokens of prediction and reference, then matches and groups of each order."""
        right, said = [self._tokens(text) for text in references], self._tokens(prediction)
        length = min((len(tokens) for tokens in right), key=lambda n: (abs(n - len(said)), n))
        matches, groups = [], []
        for n in range(1, self.max_order + 1):
            allowed = n_grams(right[0], n)
            for tokens in right[1:]:
                allowed |= n_grams(tokens, n)
            matches.append((n_grams(said, n) & allowed).total())
            groups.append(max(0, len(said) - n + 1))
        return [len(said), length, *matches, *groups]

    def _tokens(self, text: str) -> list[str]:
        return self.tokenize(text.lower() if self.lowercase else text)

    def result(self) -> Tensor:
        """The score, from 0 to 1."""
        (said, right), matches, groups = np.split(self.found(), [2, 2 + self.max_order])
        if not matches.any() or not groups.all():
            return self.number(0.0)
        if self.smoothing == "exp":
            missing = np.cumsum(matches == 0)
            matches = np.where(matches == 0, 0.5**missing, matches)
        if not matches.all():
            return self.number(0.0)
        penalty = min(0.0, 1 - right / said)
        return self.number(float(np.exp(penalty + np.mean(np.log(matches / groups)))))
