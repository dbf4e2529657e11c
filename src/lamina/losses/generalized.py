"""A cross-entropy for labels of which some are wrong."""

from typing import Any

import numpy as np

from .. import ops
from ..core import ArgumentError, Tensor
from ..ops.casting import tensor
from ..ops.class_errors import class_numbers
from . import checks
from .loss import Loss, Shape, functions, registry

_TINY = 1e-7


@functions.register()
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Tensor:
    """(1 - p^q) / q, p the probability given to the true class: between -log p (q → 0) and 1 - p (q → 1).

    Args:
        y_true: class numbers, (...) or (..., 1).
        y_pred: probabilities, (..., C); p counts as at least 1e-7, where Keras has an infinite slope at 0.
        q: in (0, 1).

    Returns:
        One loss per sample, (...).

    Example:
        >>> categorical_generalized_cross_entropy([1, 0], [[0.75, 0.25], [1.0, 0.0]], q=0.5)
        Tensor([1., 0.], float32)

    Reference: Zhang and Sabuncu 2018, arXiv 1805.07836.
    """
    predictions = tensor(y_pred)
    labels = ops.expand_dims(class_numbers(y_true, predictions), -1)
    p = ops.squeeze(ops.take_along_axis(predictions, labels, axis=-1), -1)
    return (1.0 - ops.maximum(p, _TINY) ** q) / q


@registry.register()
class CategoricalGeneralizedCrossEntropy(Loss):
    """(1 - p^q) / q, p the probability given to the true class: wrong labels pull less than in a cross-entropy.

    Args:
        q: in (0, 1): near 0 as the cross-entropy, near 1 as the absolute error, which is the more robust.
        reduction, name, dtype: as in `Loss`.

    Raises:
        ArgumentError: q is not within (0, 1).

    Example:
        >>> CategoricalGeneralizedCrossEntropy()([1, 0], [[0.75, 0.25], [1.0, 0.0]])
        Tensor(0.5, float32)

    Reference: Zhang and Sabuncu 2018, arXiv 1805.07836.
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        if not 0 < q < 1:
            raise ArgumentError(
                type(self).__name__,
                "q lies between the cross-entropy (0) and the absolute error (1)",
                expected="0 < q < 1",
                received=q,
                remedy="Use SparseCategoricalCrossentropy for q = 0",
            )
        self.q = q

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return categorical_generalized_cross_entropy(y_true, y_pred, self.q)

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        checks.check_class_numbers(type(self).__name__, y_true, output_shape, -1, None)
