"""Losses that compare directions and distributions."""

from typing import Any

from ..core import Tensor
from ..ops.errors import cosine, kl_divergence
from .loss import functions, registry
from .pair import PairLoss

functions.add(kl_divergence, "kl_divergence")


@functions.register()
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """-y · p / (|y| |p|) along `axis`: -1 for the same direction, so that minimising brings them together.

    Example:
        >>> cosine_similarity([[0.0, 1.0]], [[3.0, 4.0]])
        Tensor([-0.8], float32)
    """
    return -cosine(y_true, y_pred, axis)


@registry.register("CosineSimilarity", "cosine_similarity")
class CosineSimilarity(PairLoss):
    """-cos of the angle between labels and predictions: -1 for the same direction.

    Args:
        axis: along which a vector lies.
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> CosineSimilarity()([[0.0, 1.0]], [[3.0, 4.0]])
        Tensor(-0.8, float32)
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.axis = axis

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return cosine_similarity(y, p, self.axis)


@registry.register("KLDivergence", "kl_divergence", "kld", "KLD", "kullback_leibler_divergence")
class KLDivergence(PairLoss):
    """Σ y log(y / p): how many nats more p needs to code samples of y than y itself.

    Args:
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])
        Tensor(0.143841, float32)

    Reference: Kullback and Leibler 1951, On information and sufficiency.
    """

    lowest = 0.0

    def between(self, y: Tensor, p: Tensor) -> Tensor:
        return kl_divergence(y, p)
