"""The circle loss: similarities of one class rise, those of different classes fall, the worst ones fastest."""

from typing import Any

from .. import ops
from ..core import Tensor
from .embedding import EmbeddingLoss, labelled, not_itself, same_label
from .loss import functions, registry


@functions.register()
def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80.0,
    margin: float = 0.4,
) -> Tensor:
    """log(1 + Σ_n exp(γ [1 + m - d_n]₊ (1 - m - d_n)) · Σ_p exp(γ [d_p + m]₊ (d_p - m))).

    d = 1 - cosine are the distances to the references of the same class (p) and of other classes (n).

    Args:
        y_true: class numbers, (N,) or (N, 1).
        y_pred: embeddings of length 1, (N, F).
        ref_labels, ref_embeddings: the references, (M,) and (M, F); the batch itself by default.
        remove_diagonal: leave out the pairs of sample i and reference i.
        gamma: γ, the scale.
        margin: m, the distance within which a class should lie.

    Returns:
        One loss per sample, (N,); 0 where a sample has no p or no n.

    Raises:
        ShapeError: there is not one label per embedding.

    Example:
        >>> circle([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.8, 0.6]], gamma=1.0)
        Tensor([0.86589295, 0.86589295, 0.        ], float32)

    Reference: Sun et al. 2020, arXiv 2002.10857. There the factors [·]₊ pass no gradient; here and in Keras they do.
    """
    labels, z = labelled("circle", y_true, y_pred)
    others, references = (labels, z) if ref_labels is None else labelled("circle", ref_labels, ref_embeddings)
    d = ops.maximum(1.0 - z @ references.T, 0.0)
    same = same_label(labels, others)
    near = same & not_itself(*d.shape) if remove_diagonal else same
    pull = gamma * ops.maximum(d + margin, 0.0) * (d - margin)
    push = gamma * ops.maximum(1.0 + margin - d, 0.0) * (1.0 - margin - d)
    return ops.softplus(_log_sum(near, pull) + _log_sum(~same, push))


def _log_sum(chosen: Tensor, exponents: Tensor) -> Tensor:
    return ops.logsumexp(ops.where(chosen, exponents, -float("inf")), axis=1)


@registry.register()
class Circle(EmbeddingLoss):
    """Pulls embeddings of one class together and pushes classes apart; see `circle`.

    Labels are class numbers, (N,), predictions embeddings of length 1, (N, F). A mean is one over the samples whose
    loss is not 0.

    Args:
        gamma, margin, remove_diagonal: as in `circle`.
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> Circle(gamma=1.0)([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.8, 0.6]])
        Tensor(0.86589295, float32)

    Reference: Sun et al. 2020, arXiv 2002.10857.
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.gamma, self.margin, self.remove_diagonal = gamma, margin, remove_diagonal

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return circle(y_true, y_pred, remove_diagonal=self.remove_diagonal, gamma=self.gamma, margin=self.margin)

    def mask(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        return self.call(y_true, y_pred) > 0  # the compiler merges this with the first call
