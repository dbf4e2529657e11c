"""Metrics that compare directions and distributions."""

from typing import Any

from ..core import Tensor
from ..ops.errors import cosine, kl_divergence
from ..ops.targets import with_last_axis
from .mean import MeanOf
from .metric import functions, registry

functions.add(kl_divergence, "kl_divergence")


@registry.register("KLDivergence", "kl_divergence", "kld", "KLD")
class KLDivergence(MeanOf):
    """mean Σ y log(y / p).

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])
        Tensor(0.143841, float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return kl_divergence(*with_last_axis("KLDivergence", y_true, y_pred))


@registry.register("CosineSimilarity", "cosine_similarity")
class CosineSimilarity(MeanOf):
    """mean y · p / (|y| |p|): 1 for the same direction. The loss of this name has the other sign.

    Args:
        name, dtype: as in `Metric`.
        axis: along which a vector lies.

    Example:
        >>> CosineSimilarity()([[0.0, 1.0]], [[3.0, 4.0]])
        Tensor(0.8, float32)
    """

    def __init__(self, name: str | None = None, dtype: Any = None, axis: int = -1) -> None:
        super().__init__(name, dtype)
        self.axis = axis

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return cosine(*with_last_axis("CosineSimilarity", y_true, y_pred), axis=self.axis)
