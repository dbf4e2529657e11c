"""The likelihood of normal noise of which the model predicts the variance, too."""

import math
from typing import Any

import numpy as np

from .. import ops
from ..core import ArgumentError, ShapeError, Tensor, stop_gradient
from ..ops.casting import tensor
from ..ops.targets import aligned_target
from . import checks
from .loss import Loss, Shape, functions, registry


@functions.register()
def gaussian_nll(
    y_true: Any, y_pred: Any, from_log_variance: bool = True, full: bool = False, epsilon: float = 1e-6
) -> Tensor:
    """mean ½(log σ² + (y - μ)² / σ²) over the last axis: the negative log-likelihood of y.

    Args:
        y_true: y, (..., F); (...) if F is 1.
        y_pred: μ and behind it log σ² (or σ²), (..., 2F).
        from_log_variance: whether y_pred holds log σ², which may be any number, and not σ².
        full: add ½ log 2π.
        epsilon: a smaller variance counts as this; its gradient is kept.

    Returns:
        One loss per sample, (...), in nats.

    Raises:
        ShapeError: the last axis of y_pred is not twice that of y_true.

    Example:
        >>> gaussian_nll([[1.0]], [[0.0, 0.0]])
        Tensor([0.5], float32)
        >>> gaussian_nll([[2.0]], [[0.0, 4.0]], from_log_variance=False)
        Tensor([1.193147], float32)

    Reference: Nix and Weigend 1994, Estimating the mean and variance of the target probability distribution. PyTorch
    takes the variance, not its logarithm, as a third argument.
    """
    p = tensor(y_pred)
    _check_halves(p.shape)
    size = p.shape[-1] // 2
    mean, spread = p[..., :size], p[..., size:]
    spread = _at_least(spread, math.log(epsilon) if from_log_variance else epsilon)
    log_variance, precision = (spread, ops.exp(-spread)) if from_log_variance else (ops.log(spread), 1.0 / spread)
    each = log_variance + ops.square(aligned_target("gaussian_nll", y_true, mean) - mean) * precision
    return 0.5 * ops.mean(each + math.log(2 * math.pi) if full else each, axis=-1)


def _at_least(x: Tensor, low: float) -> Tensor:
    """max(x, low) with the gradient of x, so that what has fallen too low can rise again."""
    return x + stop_gradient(ops.maximum(x, low) - x)


def _check_halves(shape: Any) -> None:
    if not shape or shape[-1] is None or shape[-1] % 2 or not shape[-1]:
        raise ShapeError(
            "GaussianNLL",
            "the last axis of the predictions holds the means and then the variances",
            expected="(N, ..., 2F)",
            received=tuple(shape),
            remedy="Give the last layer two units for each number to predict",
        )


@registry.register()
class GaussianNLL(Loss):
    """½(log σ² + (y - μ)² / σ²) for a model that predicts means and how uncertain they are; see `gaussian_nll`.

    Labels are (N, ..., F), predictions (N, ..., 2F): F means, then F logarithms of variances.

    Args:
        from_log_variance, full, epsilon: as in `gaussian_nll`.
        reduction, name, dtype: as in `Loss`.

    Raises:
        ArgumentError: epsilon is not positive.

    Example:
        >>> GaussianNLL()([[1.0], [0.0]], [[0.0, 0.0], [0.0, 0.0]])
        Tensor(0.25, float32)

    Reference: Nix and Weigend 1994, Estimating the mean and variance of the target probability distribution.
    """

    def __init__(
        self,
        from_log_variance: bool = True,
        full: bool = False,
        epsilon: float = 1e-6,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "gaussian_nll",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        if not epsilon > 0:
            raise ArgumentError(
                "GaussianNLL",
                "epsilon is the smallest variance",
                expected="a number above 0",
                received=epsilon,
                remedy="Leave it at 1e-6",
            )
        self.from_log_variance, self.full, self.epsilon = from_log_variance, full, epsilon

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return gaussian_nll(y_true, y_pred, self.from_log_variance, self.full, self.epsilon)

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        _check_halves(output_shape)
        means = (*output_shape[:-1], (output_shape[-1] or 0) // 2)
        checks.check_same_shape("GaussianNLL", y_true, means, "Give the last layer two units for each label")
        checks.check_numbers("GaussianNLL", y_true, -np.inf, np.inf, "Remove or change these rows")
