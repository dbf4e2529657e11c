"""The four kinds of outcome of a yes-or-no prediction, counted."""

from collections.abc import Sequence
from typing import Any

import jax

from .confusion import ConfusionMetric
from .metric import registry


class _Count(ConfusionMetric):
    """A metric that is one of the counts."""

    def __init__(
        self, thresholds: float | Sequence[float] | None = None, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(thresholds, name=name, dtype=dtype)

    def value(self, *counts: jax.Array) -> jax.Array:
        return counts[0]


@registry.register()
class TruePositives(_Count):
    """How many (or what weight of) samples with label 1 are predicted as 1.

    Args:
        thresholds: a number or several; by default 0.5.
        name, dtype: as in `Metric`.

    Example:
        >>> TruePositives()([1, 0, 1, 1], [0.9, 0.8, 0.1, 0.7])
        Tensor(2., float32)
    """

    counts = ("true_positives",)


@registry.register()
class FalsePositives(_Count):
    """How many (or what weight of) samples with label 0 are predicted as 1.

    Args:
        thresholds: a number or several; by default 0.5.
        name, dtype: as in `Metric`.

    Example:
        >>> FalsePositives()([1, 0, 1, 1], [0.9, 0.8, 0.1, 0.7])
        Tensor(1., float32)
    """

    counts = ("false_positives",)


@registry.register()
class TrueNegatives(_Count):
    """How many (or what weight of) samples with label 0 are predicted as 0.

    Args:
        thresholds: a number or several; by default 0.5.
        name, dtype: as in `Metric`.

    Example:
        >>> TrueNegatives()([1, 0, 1, 1], [0.9, 0.8, 0.1, 0.7])
        Tensor(0., float32)
    """

    counts = ("true_negatives",)


@registry.register()
class FalseNegatives(_Count):
    """How many (or what weight of) samples with label 1 are predicted as 0.

    Args:
        thresholds: a number or several; by default 0.5.
        name, dtype: as in `Metric`.

    Example:
        >>> FalseNegatives()([1, 0, 1, 1], [0.9, 0.8, 0.1, 0.7])
        Tensor(1., float32)
    """

    counts = ("false_negatives",)
