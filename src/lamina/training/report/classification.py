"""What a classifier gets right and wrong, in plain numbers."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ...core import DataError, ShapeError


class ClassScore(NamedTuple):
    """How one class fares.

    Attributes:
        name: of the class.
        precision: share of right ones among those called so; NaN if none was.
        recall: share found of those that are so; NaN if there is none.
        f1: harmonic mean of the two.
        support: how many there are.

    Example:
        >>> ClassScore("3", precision=1.0, recall=0.5, f1=2 / 3, support=4).recall
        0.5
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Classification:
    """Predictions beside the truth.

    Args:
        y_true: class numbers (N,).
        probabilities: (N, U), U classes; each row sums to 1.
        class_names: U names; by default the numbers.

    Raises:
        ShapeError: the shapes do not fit.
        DataError: there is no row, or a label is no class.

    Example:
        >>> p = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
        >>> result = Classification(np.array([0, 1, 1]), p)
        >>> round(result.accuracy, 3), result.confusion.tolist(), result.worst(5).tolist()
        (0.667, [[1, 0], [1, 1]], [1])
        >>> result.scores[1]
        ClassScore(name='1', precision=1.0, recall=0.5, f1=0.666..., support=2)
    """

    y_true: np.ndarray
    probabilities: np.ndarray
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = self.probabilities.shape
        if len(shape) != 2 or self.y_true.shape != shape[:1] or len(self.class_names) not in (0, shape[1]):
            raise ShapeError(
                "Classification",
                "labels, probabilities and names must fit",
                expected="labels (N,), probabilities (N, U), U names",
                received=f"{self.y_true.shape}, {shape}, {len(self.class_names)} names",
                remedy="Pass class numbers, and one probability per class",
            )
        if not len(self.y_true) or self.y_true.min() < 0 or self.y_true.max() >= shape[1]:
            raise DataError(
                "Classification",
                "every label is one of the classes",
                expected=f"at least one row, labels 0 to {shape[1] - 1}",
                received=f"labels {self.y_true.min()} to {self.y_true.max()}" if len(self.y_true) else "no row",
                remedy="Look at the labels",
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes."""
        return self.class_names or tuple(str(i) for i in range(self.probabilities.shape[1]))

    @cached_property
    def y_pred(self) -> np.ndarray:
        """The most probable classes (N,)."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def confusion(self) -> np.ndarray:
        """Counts (U, U): row is the truth, column what was predicted."""
        counts = np.zeros((len(self.names),) * 2, np.int64)
        np.add.at(counts, (self.y_true, self.y_pred), 1)
        return counts

    @property
    def mistakes(self) -> int:
        """How many rows are wrong."""
        return int((self.y_true != self.y_pred).sum())

    @property
    def accuracy(self) -> float:
        """Share of right rows."""
        return 1 - self.mistakes / len(self.y_true)

    @property
    def loss(self) -> float:
        """Mean cross-entropy -log p(truth), in nats."""
        truth = np.take_along_axis(self.probabilities, self.y_true[:, None].astype(np.int64), axis=1)
        return float(-np.log(np.maximum(truth.astype(np.float64), 1e-12)).mean())

    @property
    def interval(self) -> tuple[float, float]:
        """Where the accuracy on endless data of this kind lies, with 95 % confidence.

        Reference: Wilson 1927, Probable inference, the law of succession, and statistical inference.
        """
        n, p, z = len(self.y_true), self.accuracy, 1.959964
        centre, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)

    @cached_property
    def scores(self) -> list[ClassScore]:
        """One record per class."""
        right, called, there = np.diag(self.confusion), self.confusion.sum(axis=0), self.confusion.sum(axis=1)
        scores = []
        for i, name in enumerate(self.names):
            precision, recall = _ratio(right[i], called[i]), _ratio(right[i], there[i])
            f1 = _ratio(2 * right[i], called[i] + there[i])
            scores.append(ClassScore(name, precision, recall, f1, int(there[i])))
        return scores

    def worst(self, count: int) -> np.ndarray:
        """Row numbers of wrong predictions, those with the least probability for the truth first."""
        wrong = np.flatnonzero(self.y_true != self.y_pred)
        return wrong[np.argsort(self.probabilities[wrong, self.y_true[wrong]], kind="stable")][:count]

    def confused(self, count: int) -> list[tuple[str, str, int]]:
        """The most frequent confusions: (truth, prediction, how often)."""
        errors = self.confusion - np.diag(np.diag(self.confusion))
        order = np.argsort(-errors, axis=None, kind="stable")[:count]
        pairs = [divmod(int(place), len(self.names)) for place in order]
        return [(self.names[i], self.names[j], int(errors[i, j])) for i, j in pairs if errors[i, j]]


def _ratio(part: int, whole: int) -> float:
    return float(part) / float(whole) if whole else math.nan


def as_probabilities(outputs: np.ndarray) -> np.ndarray:
    """What a classifier returns, as probabilities (N, U): logits go through softmax, one column of P(1) becomes two.

    Example:
        >>> as_probabilities(np.array([[0.0, np.log(3.0)]])).round(2).tolist()
        [[0.25, 0.75]]
        >>> as_probabilities(np.array([[0.25, 0.75]])).tolist()
        [[0.25, 0.75]]
    """
    outputs = np.asarray(outputs, np.float64)
    if outputs.shape[-1] == 1 and outputs.min() >= 0 and outputs.max() <= 1:
        return np.concatenate([1 - outputs, outputs], axis=-1)
    if outputs.shape[-1] == 1:
        outputs = np.concatenate([np.zeros_like(outputs), outputs], axis=-1)
    if outputs.min() >= 0 and np.allclose(outputs.sum(axis=-1), 1, atol=1e-3):
        return outputs
    powers = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
