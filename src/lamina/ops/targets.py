"""How labels and sample weights are laid beside predictions: never by silent broadcasting."""

import logging
from typing import Any

from ..core import ShapeError, Tensor
from .casting import as_type, tensor
from .shape import broadcast_to, expand_dims, reshape

log = logging.getLogger("lamina.losses")


def aligned_target(who: str, y_true: Any, y_pred: Tensor) -> Tensor:
    """The labels in the shape and dtype of the predictions; only a last axis of size 1 is added or removed.

    Raises:
        ShapeError: the shapes differ in another way.

    Example:
        >>> aligned_target("MeanSquaredError", [1, 2], Tensor([[0.5], [2.5]]))
        Tensor([[1.], [2.]], float32)
    """
    y_true = as_type(tensor(y_true), y_pred.dtype)
    if y_true.shape == y_pred.shape:
        return y_true
    if (*y_true.shape, 1) == y_pred.shape or y_true.shape == (*y_pred.shape, 1):
        log.info("%s: labels of shape %s are taken as %s, as the predictions are", who, y_true.shape, y_pred.shape)
        return reshape(y_true, y_pred.shape)
    raise ShapeError(
        who,
        "labels and predictions have one shape",
        expected=f"labels of shape {y_pred.shape}, as the predictions",
        received=f"labels of shape {y_true.shape}",
        remedy="Reshape the labels, or change the units of the last layer",
    )


def with_last_axis(who: str, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Labels in the predictions' shape; both get a last axis of size 1 if they have only the batch axis.

    So there is one error per sample, whether its predictions come as (N,) or as (N, 1).

    Example:
        >>> [x.shape for x in with_last_axis("MeanSquaredError", Tensor([1.0, 2.0]), Tensor([0.0, 0.0]))]
        [(2, 1), (2, 1)]
    """
    y_pred = tensor(y_pred)
    y_true = aligned_target(who, y_true, y_pred)
    return (expand_dims(y_true, -1), expand_dims(y_pred, -1)) if y_pred.ndim == 1 else (y_true, y_pred)


def aligned_weight(who: str, weight: Any, values: Tensor) -> Tensor:
    """Sample weights in the shape and dtype of the values they weigh: (N,) holds for all that belongs to a sample.

    Args:
        weight: its axes are the first axes of `values`, of equal size or 1; a further last axis of size 1 is ignored.
        values: (N, ...).

    Raises:
        ShapeError: they do not fit.

    Example:
        >>> aligned_weight("Mean", [1.0, 2.0], Tensor([[5.0, 5.0], [5.0, 5.0]]))
        Tensor([[1., 1.], [2., 2.]], float32)
    """
    weight = as_type(tensor(weight), values.dtype)
    shape = weight.shape[:-1] if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1 else weight.shape
    if len(shape) <= values.ndim and all(n in (1, m) for n, m in zip(shape, values.shape, strict=False)):
        return broadcast_to(reshape(weight, (*shape, *(1,) * (values.ndim - len(shape)))), values.shape)
    raise ShapeError(
        who,
        "each sample has one weight",
        expected=f"sample weights of shape {values.shape}, or of its first axes",
        received=f"sample weights of shape {weight.shape}",
        remedy="Pass one weight a sample",
    )
