"""Focal losses: cross-entropies in which samples that are already right count little."""

from typing import Any

import numpy as np

from .. import ops
from ..core import Tensor
from ..ops.casting import tensor
from ..ops.targets import aligned_target, with_last_axis
from . import checks
from .loss import Loss, Shape, functions, registry

_TINY = 1e-7


@functions.register()
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """mean -(1 - q)^γ log q along `axis`, q the probability given to the true answer.

    Args:
        y_true: y in [0, 1], (..., F).
        y_pred: p in [0, 1], or logits, of the same shape.
        apply_class_balancing: weigh answers 1 by α and answers 0 by 1 - α.
        alpha: α.
        gamma: γ >= 0; 0 is the binary cross-entropy.
        from_logits, label_smoothing, axis: as in `binary_crossentropy`.

    Returns:
        One loss per sample, (...).

    Example:
        >>> binary_focal_crossentropy([[1.0, 0.0]], [[0.5, 0.5]])
        Tensor([0.1732868], float32)

    Reference: Lin et al. 2017, arXiv 1708.02002.
    """
    p = tensor(y_pred)
    y = aligned_target("binary_focal_crossentropy", y_true, p)
    y = y * (1.0 - label_smoothing) + 0.5 * label_smoothing
    each = (ops.sigmoid_cross_entropy if from_logits else ops.binary_cross_entropy)(p, y)
    p = ops.sigmoid(p) if from_logits else p
    each = (1.0 - (y * p + (1.0 - y) * (1.0 - p))) ** gamma * each
    if apply_class_balancing:
        each = (y * alpha + (1.0 - y) * (1.0 - alpha)) * each
    return ops.mean(each, axis=axis)


@functions.register()
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """-α Σ_c y_c (1 - p_c)^γ log p_c along `axis`.

    Args:
        y_true: y, one-hot or probabilities, (..., C).
        y_pred: p, probabilities (scaled to sum 1) or logits, of the same shape.
        alpha: α, a factor.
        gamma: γ >= 0.
        from_logits, label_smoothing, axis: as in `categorical_crossentropy`.

    Returns:
        One loss per sample, (...).

    Example:
        >>> categorical_focal_crossentropy([[1.0, 0.0]], [[0.5, 0.5]], alpha=1.0)
        Tensor([0.1732868], float32)

    Reference: Lin et al. 2017, arXiv 1708.02002.
    """
    p = tensor(y_pred)
    y = aligned_target("categorical_focal_crossentropy", y_true, p)
    y = y * (1.0 - label_smoothing) + label_smoothing / p.shape[axis]
    p = ops.softmax(p, axis=axis) if from_logits else p / ops.sum(p, axis=axis, keepdims=True)
    p = ops.clip(p, _TINY, 1.0 - _TINY)
    return -alpha * ops.sum(y * (1.0 - p) ** gamma * ops.log(p), axis=axis)


@registry.register()
class BinaryFocalCrossentropy(Loss):
    """Binary cross-entropy times (1 - q)^γ, q the probability given to the true answer: for rare answers.

    Args:
        apply_class_balancing, alpha, gamma: as in `binary_focal_crossentropy`.
        from_logits, label_smoothing, axis: as in `BinaryCrossentropy`.
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> BinaryFocalCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])
        Tensor(0.1732868, float32)

    Reference: Lin et al. 2017, arXiv 1708.02002.
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits = from_logits
        self._settings = (apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true, y_pred = with_last_axis(type(self).__name__, y_true, y_pred)
        return binary_focal_crossentropy(y_true, y_pred, *self._settings)

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        remedy = "Use CategoricalFocalCrossentropy for one class out of several"
        checks.check_same_shape(type(self).__name__, y_true, output_shape, remedy)
        checks.check_numbers(type(self).__name__, y_true, 0, 1, remedy)


@registry.register()
class CategoricalFocalCrossentropy(Loss):
    """Categorical cross-entropy times α (1 - p)^γ, p the probability given to the true class: for rare classes.

    Args:
        alpha, gamma: as in `categorical_focal_crossentropy`.
        from_logits, label_smoothing, axis: as in `CategoricalCrossentropy`.
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> CategoricalFocalCrossentropy(alpha=1.0)([[1.0, 0.0]], [[0.5, 0.5]])
        Tensor(0.1732868, float32)

    Reference: Lin et al. 2017, arXiv 1708.02002.
    """

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits, self.axis = from_logits, axis
        self._settings = (alpha, gamma, from_logits, label_smoothing, axis)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return categorical_focal_crossentropy(y_true, y_pred, *self._settings)

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        who = type(self).__name__
        checks.check_same_shape(who, y_true, output_shape, "One-hot encode class numbers with lamina.ops.one_hot")
        checks.check_numbers(who, y_true, 0, 1, "One-hot encode class numbers with lamina.ops.one_hot")
        checks.check_distributions(who, y_true, self.axis)
