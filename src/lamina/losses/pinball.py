"""The quantile loss: what a prediction minimises that is exceeded with a given probability."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import ops
from ..core import ArgumentError, ShapeError, Tensor
from ..ops.casting import tensor
from ..ops.targets import aligned_target, with_last_axis
from . import checks
from .loss import Loss, Shape, functions, registry


@functions.register()
def quantile(y_true: Any, y_pred: Any, q: float | Sequence[float] = 0.5) -> Tensor:
    """mean of q e where e = y - p is positive, and of (q - 1) e elsewhere, over the last axis: the pinball loss.

    Args:
        y_true: y, (..., F); with several q, one label for all of them, (...) or (..., 1).
        y_pred: p, (..., F); with several q, one prediction for each, (..., Q).
        q: which quantile, in (0, 1), or a sequence of them. 0.5 is the median: half the absolute error.

    Returns:
        One loss per sample, (...).

    Raises:
        ShapeError: labels, predictions and quantiles do not fit together.

    Example:
        >>> quantile([[1.0], [0.0]], [[0.0], [1.0]], q=0.75)
        Tensor([0.75, 0.25], float32)
        >>> quantile([1.0], [[0.5, 1.5]], q=[0.1, 0.9])
        Tensor([0.05], float32)

    Reference: Koenker and Bassett 1978, Regression quantiles.
    """
    p = tensor(y_pred)
    several = _several(q, p.shape)
    e = aligned_target("quantile", y_true, p[..., :1] if several else p) - p
    share = Tensor(q, p.dtype)
    return ops.mean(ops.maximum(share * e, (share - 1.0) * e), axis=-1)


def _several(q: Any, shape: Any) -> bool:
    """Whether q is a sequence, for each number of which there is a prediction."""
    if np.ndim(q) and tuple(shape)[-1:] != (len(q),):
        raise ShapeError(
            "Quantile",
            "there is one prediction for each quantile",
            expected=f"predictions (N, ..., {len(q)}) for the quantiles {list(q)}",
            received=tuple(shape),
            remedy="Give the last layer as many units as there are quantiles",
        )
    return bool(np.ndim(q))


@registry.register("Quantile", "quantile", "pinball")
class Quantile(Loss):
    """q e where e = y - p is positive, else (q - 1) e: predicts the value below which y lies with probability q.

    Args:
        q: as in `quantile`; for several of them the labels are (N,) or (N, 1) and the predictions (N, Q).
        reduction, name, dtype: as in `Loss`.

    Raises:
        ArgumentError: a quantile is not within (0, 1).

    Example:
        >>> Quantile(0.9)([[1.0], [0.0]], [[0.0], [1.0]])
        Tensor(0.5, float32)

    Reference: Koenker and Bassett 1978, Regression quantiles.
    """

    def __init__(
        self,
        q: float | Sequence[float] = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "quantile",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        if not np.size(q) or not all(0 < each < 1 for each in np.ravel(q)):
            raise ArgumentError(
                "Quantile",
                "a quantile is a probability between 0 and 1",
                expected="0 < q < 1",
                received=q,
                remedy="Use 0.5 for the median",
            )
        self.q = q

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        if not np.ndim(self.q):
            y_true, y_pred = with_last_axis("Quantile", y_true, y_pred)
        return quantile(y_true, y_pred, self.q)

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        wanted = (*output_shape[:-1], 1) if _several(self.q, output_shape) else output_shape
        checks.check_same_shape("Quantile", y_true, wanted, "Reshape the labels, or change the units of the last layer")
        checks.check_numbers("Quantile", y_true, -np.inf, np.inf, "Remove or change these rows")
