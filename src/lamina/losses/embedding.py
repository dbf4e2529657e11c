"""What losses of embeddings share: labels beside embeddings, and which samples of a batch belong together."""

from typing import Any

import numpy as np

from .. import ops
from ..core import ShapeError, Tensor
from ..ops.casting import as_type, tensor
from . import checks
from .loss import Loss, Shape


def _refuse(who: str, labels: Any, embeddings: Any) -> ShapeError:
    return ShapeError(
        who,
        "each embedding has one label",
        expected="labels (N,) and embeddings (N, F)",
        received=f"labels {tuple(labels)} and embeddings {tuple(embeddings)}",
        remedy="Pass class numbers, not one-hot rows, and let the model end in a vector per sample",
    )


def labelled(who: str, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Labels as integers (N,) and embeddings (N, F).

    Raises:
        ShapeError: they have other shapes.

    Example:
        >>> labelled("Circle", [[0.0], [1.0]], [[1.0, 0.0], [0.0, 1.0]])[0]
        Tensor([0, 1], int32)
    """
    labels, embeddings = as_type(tensor(y_true), "int32"), tensor(y_pred)
    if embeddings.ndim != 2 or labels.shape not in (embeddings.shape[:1], (embeddings.shape[0], 1)):
        raise _refuse(who, labels.shape, embeddings.shape)
    return ops.reshape(labels, (-1,)), embeddings


def same_label(labels: Tensor, others: Tensor) -> Tensor:
    """Whether label i of the first is label j of the second, (N, M).

    Example:
        >>> same_label(Tensor([0, 1]), Tensor([1, 1]))
        Tensor([[False, False], [ True,  True]], bool)
    """
    return ops.expand_dims(labels, 1) == ops.expand_dims(others, 0)


def not_itself(rows: int, columns: int) -> np.ndarray:
    """True but on the diagonal, (rows, columns).

    Example:
        >>> not_itself(2, 2).tolist()
        [[False, True], [True, False]]
    """
    return ~np.eye(rows, columns, dtype=bool)


class EmbeddingLoss(Loss):
    """Base of losses that compare the embeddings (N, F) of a batch by their labels (N,).

    Args:
        name, reduction, dtype: as in `Loss`.

    Example:
        >>> class Spread(EmbeddingLoss):
        ...     def call(self, y_true, y_pred):
        ...         labels, z = labelled("Spread", y_true, y_pred)
        ...         return ops.mean(ops.where(same_label(labels, labels), 0.0, z @ z.T), axis=1)
        >>> Spread()([0, 1], [[1.0, 0.0], [1.0, 0.0]])
        Tensor(0.5, float32)
    """

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        who = type(self).__name__
        if len(output_shape) != 2 or y_true.shape[1:] not in ((), (1,)):
            raise _refuse(who, y_true.shape, output_shape)
        checks.check_numbers(who, y_true, -np.inf, np.inf, "Remove or fill rows without a label")
        checks.check_whole(who, y_true)
