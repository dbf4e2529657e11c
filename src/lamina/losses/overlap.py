"""Overlap losses of segmentation: how much of two regions is not common to both."""

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..core import Tensor
from ..ops.casting import tensor
from ..ops.targets import aligned_target
from .loss import functions, registry
from .pair import PairLoss

_TINY = 1e-7

Axes = int | Sequence[int] | None


def _axes(axis: Axes) -> int | tuple[int, ...] | None:
    return axis if axis is None or isinstance(axis, int) else tuple(axis)


@functions.register()
def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Axes = None) -> Tensor:
    """1 - TP / (TP + α FP + β FN), with TP = Σ y p, FP = Σ (1 - y) p, FN = Σ y (1 - p).

    Args:
        y_true: y in [0, 1].
        y_pred: p in [0, 1], of the same shape.
        alpha: α, the weight of false positives.
        beta: β, the weight of false negatives.
        axis: over which the sums run; all by default.

    Returns:
        One loss for what the sums leave: a scalar by default.

    Example:
        >>> tversky([1.0, 1.0, 0.0], [1.0, 0.0, 1.0])
        Tensor(0.5, float32)

    Reference: Salehi, Erdogmus and Gholipour 2017, arXiv 1706.05721. Keras differs: its code multiplies the false
    negatives by α and the false positives by β, against the paper and its own description.
    """
    p = tensor(y_pred)
    y = aligned_target("tversky", y_true, p)
    hits = ops.sum(y * p, axis=_axes(axis))
    wrong = alpha * ops.sum((1.0 - y) * p, axis=_axes(axis)) + beta * ops.sum(y * (1.0 - p), axis=_axes(axis))
    return 1.0 - hits / (hits + wrong + _TINY)


@functions.register()
def dice(y_true: Any, y_pred: Any, axis: Axes = None) -> Tensor:
    """1 - 2 Σ y p / (Σ y + Σ p): the Tversky loss with α = β = ½.

    Args:
        y_true, y_pred, axis: as in `tversky`.

    Example:
        >>> dice([1.0, 1.0, 0.0], [1.0, 0.0, 1.0])
        Tensor(0.5, float32)

    Reference: Milletari, Navab and Ahmadi 2016, arXiv 1606.04797.
    """
    p = tensor(y_pred)
    y = aligned_target("dice", y_true, p)
    common, both = ops.sum(y * p, axis=_axes(axis)), ops.sum(y, axis=_axes(axis)) + ops.sum(p, axis=_axes(axis))
    return 1.0 - (2.0 * common + _TINY) / (both + _TINY)


@registry.register()
class Dice(PairLoss):
    """1 - 2 Σ y p / (Σ y + Σ p): 0 for regions that agree, 1 for regions apart.

    Args:
        reduction, name, dtype: as in `Loss`.
        axis: over which the sums run; all by default.

    Example:
        >>> Dice()([1.0, 1.0, 0.0], [1.0, 0.0, 1.0])
        Tensor(0.5, float32)
    """

    lowest = 0.0

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: Axes = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.axis = axis

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return dice(y, p, self.axis)


@registry.register()
class Tversky(PairLoss):
    """1 - TP / (TP + α FP + β FN): a Dice loss in which the two kinds of error count differently.

    Args:
        alpha: α, the weight of false positives.
        beta: β, the weight of false negatives.
        reduction, name, dtype: as in `Loss`.
        axis: over which the sums run; all by default.

    Example:
        >>> Tversky(alpha=0.0, beta=1.0)([1.0, 1.0, 0.0], [1.0, 0.0, 1.0])
        Tensor(0.5, float32)
    """

    lowest = 0.0

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: Axes = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.alpha, self.beta, self.axis = alpha, beta, axis

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return tversky(y, p, self.alpha, self.beta, self.axis)
