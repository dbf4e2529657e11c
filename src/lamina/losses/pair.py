"""Losses of labels and predictions that have one shape."""

from typing import Any, ClassVar

import numpy as np

from ..core import Tensor
from ..ops.targets import with_last_axis
from . import checks
from .loss import Loss, Shape


class PairLoss(Loss):
    """Base of such losses: a subclass writes `between`.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> class Largest(PairLoss):
        ...     def between(self, y, p):
        ...         return abs(y - p).max(axis=-1)
        >>> Largest()([[0.0, 0.0]], [[1.0, -2.0]])
        Tensor(2., float32)
    """

    lowest: ClassVar[float] = -np.inf  # the smallest label that makes sense

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(name, reduction, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.between(*with_last_axis(type(self).__name__, y_true, y_pred))

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        """One loss per sample for labels y and predictions p, both (N, ..., F)."""
        raise NotImplementedError(f"{type(self).__name__} must define between(y, p)")

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        who = type(self).__name__
        checks.check_same_shape(who, y_true, output_shape, "Reshape the labels, or change the units of the last layer")
        checks.check_numbers(who, y_true, self.lowest, np.inf, "Remove or change these rows")
