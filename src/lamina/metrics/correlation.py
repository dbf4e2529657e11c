"""Metrics of how far predictions rise and fall with the labels."""

from typing import Any

from .. import ops
from ..core import ShapeError, Tensor
from ..ops.casting import tensor
from ..ops.targets import aligned_target
from .mean import MeanOf
from .metric import functions, registry

_EPSILON = 1e-7  # Keras' guard of the concordance's divisor


def _centred(who: str, y_true: Any, y_pred: Any, axis: int) -> tuple[Tensor, Tensor, Tensor]:
    """Labels and predictions less their means along `axis`, and the difference of the two means."""
    p = tensor(y_pred)
    y = aligned_target(who, y_true, p)
    if p.ndim == 0 or p.shape[axis] < 2:
        rule, remedy = "a correlation is one of several numbers", "Choose another axis"
        received = f"predictions of shape {p.shape}, axis {axis}"
        raise ShapeError(who, rule, expected="at least 2 along the axis", received=received, remedy=remedy)
    means = [ops.mean(x, axis=axis, keepdims=True) for x in (y, p)]
    return y - means[0], p - means[1], ops.squeeze(means[0] - means[1], axis=axis)


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """cov(y, p) / (σ_y σ_p) along `axis`: 1 on a rising line, -1 on a falling one; NaN if y or p is constant.

    Example:
        >>> pearson_correlation([[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]])
        Tensor([1.], float32)
    """
    y, p, _ = _centred("pearson_correlation", y_true, y_pred, axis)
    spread = ops.sqrt(ops.mean(y * y, axis=axis)) * ops.sqrt(ops.mean(p * p, axis=axis))
    return ops.mean(y * p, axis=axis) / spread


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """2 cov(y, p) / (σ_y² + σ_p² + (μ_y - μ_p)²) along `axis`: 1 only where p = y.

    Example:
        >>> concordance_correlation([[0.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]])
        Tensor([0.57142854], float32)
    """
    y, p, gap = _centred("concordance_correlation", y_true, y_pred, axis)
    spread = ops.mean(y * y, axis=axis) + ops.mean(p * p, axis=axis) + gap * gap
    return 2.0 * ops.mean(y * p, axis=axis) / (spread + _EPSILON)


for _function in (pearson_correlation, concordance_correlation):
    functions.add(_function, _function.__name__)


@registry.register()
class PearsonCorrelation(MeanOf):
    """The mean of Pearson's correlations r = cov(y, p) / (σ_y σ_p), one along `axis` for each sample.

    Args:
        name, dtype: as in `Metric`.
        axis: along which y and p are compared; 0 takes the samples of a batch as one series.

    Raises:
        ShapeError: there are fewer than two numbers along `axis`.

    Example:
        >>> PearsonCorrelation()([[0.0, 1.0, 0.5], [1.0, 1.0, 0.2]], [[0.1, 0.9, 0.5], [1.0, 0.9, 0.2]]).item()
        0.996...

    Reference: Pearson 1895, Note on regression and inheritance in the case of two parents.
    """

    def __init__(self, name: str | None = None, dtype: Any = None, axis: int = -1) -> None:
        super().__init__(name, dtype)
        self.axis = axis

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return pearson_correlation(y_true, y_pred, self.axis)


@registry.register()
class ConcordanceCorrelation(MeanOf):
    """The mean of Lin's concordances, one along `axis` for each sample: correlation that also asks for equal scale.

    Args:
        name, dtype: as in `Metric`.
        axis: along which y and p are compared; 0 takes the samples of a batch as one series.

    Raises:
        ShapeError: there are fewer than two numbers along `axis`.

    Example:
        >>> ConcordanceCorrelation()([[0.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]]).item()
        0.57142854

    Reference: Lin 1989, A concordance correlation coefficient to evaluate reproducibility.
    """

    def __init__(self, name: str | None = None, dtype: Any = None, axis: int = -1) -> None:
        super().__init__(name, dtype)
        self.axis = axis

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return concordance_correlation(y_true, y_pred, self.axis)
