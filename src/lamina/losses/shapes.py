"""Predictions of one number per sample may come as (N,) or (N, 1); per sample there is one loss either way."""

from ..core import Tensor
from ..ops import expand_dims
from ..ops.targets import aligned_target


def with_last_axis(who: str, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Labels in the predictions' shape; both get a last axis of size 1 if they have only the batch axis.

    Example:
        >>> [x.shape for x in with_last_axis("MeanSquaredError", Tensor([1.0, 2.0]), Tensor([0.0, 0.0]))]
        [(2, 1), (2, 1)]
    """
    y_true = aligned_target(who, y_true, y_pred)
    return (expand_dims(y_true, -1), expand_dims(y_pred, -1)) if y_pred.ndim == 1 else (y_true, y_pred)
