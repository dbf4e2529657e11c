"""Word and character error rates: how many edits lead from a reference to what was recognised."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import Tensor
from .metric import registry
from .text_metric import TextMetric


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """The least number of insertions, deletions and replacements that turn `a` into `b`.

    The table of all pairs of beginnings is filled row by row; insertions run along a row as a running minimum.

    Example:
        >>> edit_distance("kitten", "sitting")
        3

    Reference: Levenshtein 1966, Binary codes capable of correcting deletions, insertions and reversals.
    """
    others, steps = np.array(list(b), dtype=object), np.arange(len(b) + 1)
    row = steps
    for i, token in enumerate(a, start=1):
        best = np.minimum(row[1:] + 1, row[:-1] + (others != token))
        row = np.minimum.accumulate(np.concatenate([[i], best]) - steps) + steps
    return int(row[-1])


class _ErrorRate(TextMetric):
    """Edits over the references' length; of several references the one that is nearest counts."""

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name, dtype, sums=2)

    def units(self, text: str) -> Sequence[str]:
        """What is counted."""
        raise NotImplementedError(f"{type(self).__name__} must define units(text)")

    def measure(self, references: list[str], prediction: str) -> Sequence[float]:
        said = self.units(prediction)
        counts = [(edit_distance(right, said), len(right)) for right in map(self.units, references)]
        return min(counts, key=lambda pair: pair[0] / max(1, pair[1]))

    def result(self) -> Tensor:
        """The rate; without a word in any reference, the number of edits."""
        edits, length = self.found()
        return self.number(edits / length if length else edits)


@registry.register("WordErrorRate", "word_error_rate", "wer", "WER")
class WordErrorRate(_ErrorRate):
    """(S + D + I) / N: words replaced, left out and put in, for each of the N words of the references.

    Edits and words of all pairs are summed before they are divided. The rate is 0 for a perfect transcript, and above
    1 where more is put in than was said.

    Args:
        name, dtype: as in `Metric`.

    Raises:
        DTypeError, DataError: as in `TextMetric`.

    Example:
        >>> WordErrorRate()(["hello big world", "yes"], ["hello word", "yes"])
        Tensor(0.5, float32)
    """

    def units(self, text: str) -> Sequence[str]:
        return text.split()


@registry.register("CharErrorRate", "char_error_rate", "cer", "CER")
class CharErrorRate(_ErrorRate):
    """(S + D + I) / N: characters replaced, left out and put in, for each of the N characters of the references.

    White space at either end does not count, inside a text it does.

    Args:
        name, dtype: as in `Metric`.

    Raises:
        DTypeError, DataError: as in `TextMetric`.

    Example:
        >>> CharErrorRate()(["深度学习"], ["深度复习"])
        Tensor(0.25, float32)
    """

    def units(self, text: str) -> Sequence[str]:
        return text.strip()
