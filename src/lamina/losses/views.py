"""The normalised temperature-scaled cross-entropy: which of a batch is my other view?"""

from typing import Any

import numpy as np

from .. import ops
from ..core import ArgumentError, Tensor
from ..ops.casting import tensor
from .embedding import EmbeddingLoss, labelled, not_itself, same_label
from .loss import Shape, functions, registry

_TINY = 1e-12
_NEVER = -1e9  # similarity of a sample to itself: finite, so that a batch of one is not NaN


@functions.register()
def nt_xent(y_true: Any, y_pred: Any, temperature: float = 0.1) -> Tensor:
    """-log(exp(s_ij / τ) / Σ_{k≠i} exp(s_ik / τ)), s the cosine, mean over all j ≠ i with the label of i.

    Args:
        y_true: class numbers, (N,) or (N, 1). Numbers that are all different make each sample its own class, whose
            members are its views: self-supervised learning. Labels of classes make the supervised form.
        y_pred: embeddings, (N, F), or (N, V, F) with V views of each sample.
        temperature: τ.

    Returns:
        One loss per sample, (N,): the mean of its views; 0 for a view without partner.

    Raises:
        ShapeError: there is not one label per sample.

    Example:
        >>> nt_xent([0, 0, 1], [[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]], temperature=1.0)
        Tensor([0.3132617, 0.3132617, 0.       ], float32)
        >>> nt_xent([0, 1], [[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]], temperature=1.0).sum()
        Tensor(1.102889, float32)

    Reference: Chen et al. 2020, arXiv 2002.05709; with labels of classes: Khosla et al. 2020, arXiv 2004.11362.
    """
    labels, z, views = _flat(y_true, tensor(y_pred))
    z = z / ops.sqrt(ops.maximum(ops.sum(z * z, axis=-1, keepdims=True), _TINY))
    others = not_itself(*z.shape[:1] * 2)
    similar = ops.where(others, z @ z.T / temperature, _NEVER)
    partners = ops.cast(same_label(labels, labels) & others, z.dtype)
    costs = partners * (ops.logsumexp(similar, axis=1, keepdims=True) - similar)
    each = ops.sum(costs, axis=1) / ops.maximum(ops.sum(partners, axis=1), 1.0)
    return ops.mean(ops.reshape(each, (-1, views)), axis=1)


def _flat(y_true: Any, z: Tensor) -> tuple[Tensor, Tensor, int]:
    """One label and one embedding per view, and the number of views."""
    if z.ndim != 3:
        return *labelled("nt_xent", y_true, z), 1
    views = z.shape[1]
    labels, _ = labelled("nt_xent", y_true, z[:, 0])
    return ops.repeat(labels, views), ops.reshape(z, (-1, z.shape[2])), views


@registry.register()
class NTXent(EmbeddingLoss):
    """Cross-entropy of finding the other views of a sample among all of the batch; see `nt_xent`.

    Labels are class numbers (N,), for self-supervised learning all different; predictions are embeddings (N, V, F) of
    V views, or (N, F). A mean is one over the samples that have a partner.

    Args:
        temperature: τ > 0.
        reduction, name, dtype: as in `Loss`.

    Raises:
        ArgumentError: the temperature is not positive.

    Example:
        >>> NTXent(temperature=1.0)([0, 1], [[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]])
        Tensor(0.5514447, float32)

    Reference: Chen et al. 2020, arXiv 2002.05709.
    """

    def __init__(
        self,
        temperature: float = 0.1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "nt_xent",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        if not temperature > 0:
            raise ArgumentError(
                "NTXent",
                "the temperature divides the cosines",
                expected="a number above 0",
                received=temperature,
                remedy="Try 0.1",
            )
        self.temperature = temperature

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return nt_xent(y_true, y_pred, self.temperature)

    def mask(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        labels, _, views = _flat(y_true, y_pred)
        partners = same_label(labels, labels) & not_itself(*labels.shape * 2)
        return ops.any(ops.reshape(ops.any(partners, axis=1), (-1, views)), axis=1)

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        one_view = [size for axis, size in enumerate(output_shape) if axis != 1 or len(output_shape) != 3]
        super().check_targets(y_true, one_view)
