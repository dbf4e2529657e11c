"""The contrastive loss: two embeddings of a pair lie together, or apart by a margin."""

from typing import Any

import numpy as np

from .. import ops
from ..core import ShapeError, Tensor
from ..ops.casting import as_type, tensor
from . import checks
from .loss import Loss, Shape, functions, registry

_TINY = 1e-12  # squared distances below it have no square root with a finite slope


def _check_pairs(labels: Any, embeddings: Any) -> None:
    sizes, shape = tuple(embeddings), tuple(labels)
    if len(sizes) != 3 or sizes[1] not in (2, None) or shape[1:] not in ((), (1,)) or sizes[0] not in (None, shape[0]):
        raise ShapeError(
            "Contrastive",
            "each pair of embeddings has one label",
            expected="labels (N,) and embeddings (N, 2, F)",
            received=f"labels {shape} and embeddings {sizes}",
            remedy="Put the two embeddings side by side, for example with lamina.ops.stack",
        )


@functions.register()
def contrastive(y_true: Any, y_pred: Any, margin: float = 1.0) -> Tensor:
    """(1 - y) ½D² + y ½[m - D]₊², with D = |a - b| for the two embeddings a and b of a pair.

    Args:
        y_true: y, 0 for pairs that belong together and 1 for pairs that do not, (N,) or (N, 1).
        y_pred: the embeddings, (N, 2, F).
        margin: m, the distance from which on two that do not belong together cost nothing.

    Returns:
        One loss per pair, (N,).

    Raises:
        ShapeError: y_pred holds no pairs, or there is not one label per pair.

    Example:
        >>> contrastive([0, 1], [[[0.0, 0.0], [0.6, 0.8]], [[0.0, 0.0], [0.3, 0.4]]])
        Tensor([0.5  , 0.125], float32)

    Reference: Hadsell, Chopra and LeCun 2006, Dimensionality reduction by learning an invariant mapping. Some
    libraries write 1 for pairs that belong together.
    """
    pairs = tensor(y_pred)
    labels = as_type(tensor(y_true), pairs.dtype)
    _check_pairs(labels.shape, pairs.shape)
    y = ops.reshape(labels, (-1,))
    squared = ops.sum(ops.square(pairs[:, 0] - pairs[:, 1]), axis=-1)
    short = ops.relu(margin - ops.sqrt(ops.maximum(squared, _TINY)))
    return 0.5 * ((1.0 - y) * squared + y * ops.square(short))


@registry.register()
class Contrastive(Loss):
    """½D² for pairs that belong together (label 0), ½[m - D]₊² for others (label 1), D their distance.

    Labels are (N,), predictions pairs of embeddings (N, 2, F).

    Args:
        margin: m, as in `contrastive`.
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> Contrastive()([0, 1], [[[0.0, 0.0], [0.6, 0.8]], [[0.0, 0.0], [0.3, 0.4]]])
        Tensor(0.3125, float32)

    Reference: Hadsell, Chopra and LeCun 2006, Dimensionality reduction by learning an invariant mapping.
    """

    def __init__(
        self,
        margin: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "contrastive",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.margin = margin

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return contrastive(y_true, y_pred, self.margin)

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        _check_pairs(y_true.shape, (None, *output_shape[1:]))
        checks.check_numbers("Contrastive", y_true, 0, 1, "Write 0 for pairs that belong together and 1 for others")
