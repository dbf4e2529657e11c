"""The base of metrics that compare texts. They run on the host, outside compiled programs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import DataError, DTypeError, Tensor, as_array
from .metric import Metric


class TextMetric(Metric):
    """Base of metrics of texts: a subclass names how many `sums` it keeps, and defines `measure` and `result`.

    Labels are texts, or lists of texts where several references are right; predictions are texts. A sample weight
    counts a pair as so many. The state holds sums over pairs, in Variables as in any metric; since texts are no
    arrays, `update_state` cannot be part of `fit`: call it on what a model's outputs were decoded to.

    Args:
        name, dtype: as in `Metric`.
        sums: how many numbers `measure` gives for a pair.

    Raises:
        DTypeError: something is not a text.
        DataError: labels, predictions or weights are of unequal number, or a text has no reference.

    Example:
        >>> class Longer(TextMetric):
        ...     def measure(self, references, prediction):
        ...         return [len(prediction) > len(references[0])]
        ...     def result(self):
        ...         return self.sums[0]
        >>> Longer(sums=1)(["a", "bc"], ["abc", "b"]).item()
        1.0
    """

    def __init__(self, name: str | None = None, dtype: Any = None, *, sums: int) -> None:
        super().__init__(name, dtype)
        self.sums = self.add_variable((sums,), name="sums")

    def measure(self, references: list[str], prediction: str) -> Sequence[float]:
        """The numbers of one pair that are summed."""
        raise NotImplementedError(f"{type(self).__name__} must define measure(references, prediction)")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch of texts into account.

        Args:
            y_true: N texts, or N lists of texts.
            y_pred: N texts.
            sample_weight: (N,); None for 1.
        """
        labels, predictions = _listed(y_true), _listed(y_pred)
        who = type(self).__name__
        _check_number(who, "label", len(labels), len(predictions))
        weights = np.ones(len(predictions)) if sample_weight is None else np.asarray(sample_weight, float).reshape(-1)
        _check_number(who, "sample weight", weights.size, len(predictions))
        references = [[label] if isinstance(label, str) else _listed(label) for label in labels]
        pairs = list(zip(references, predictions, strict=True))
        for pair in pairs:
            _check_texts(who, *pair)
        if pairs:
            self.sums.assign_add(weights @ np.array([self.measure(*pair) for pair in pairs], float))

    def found(self) -> np.ndarray:
        """The sums so far."""
        return np.asarray(as_array(self.sums), float)

    def number(self, value: float) -> Tensor:
        """A result in the metric's type."""
        return Tensor(value, self.dtype)


def _listed(texts: Any) -> list[Any]:
    if isinstance(texts, np.ndarray):
        return texts.reshape(-1).tolist() if texts.ndim < 2 else texts.tolist()
    return list(texts) if isinstance(texts, (list, tuple)) else [texts]


def _check_number(who: str, what: str, received: int, expected: int) -> None:
    if received != expected:
        rule, remedy = f"each predicted text has one {what}", "Pass as many of both"
        raise DataError(who, rule, expected=expected, received=received, remedy=remedy)


def _check_texts(who: str, references: list[Any], prediction: Any) -> None:
    if not references:
        rule, remedy = "each predicted text is compared with something", "Pass an empty text for silence"
        raise DataError(who, rule, expected="a reference or more", received="none", remedy=remedy)
    for text in (*references, prediction):
        if not isinstance(text, str):
            rule, remedy = "texts are compared", "Decode the tokens or bytes first"
            raise DTypeError(who, rule, expected="str", received=type(text).__name__, remedy=remedy)
