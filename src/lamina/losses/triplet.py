"""The triplet loss: each sample is nearer to its own class than to any other, by a margin."""

from typing import Any

from .. import ops
from ..core import ArgumentError, Tensor, stop_gradient
from .embedding import EmbeddingLoss, labelled, not_itself, same_label
from .loss import functions, registry

_TINY = 1e-12  # squared distances below it have no square root with a finite slope


def _squared_distances(z: Tensor) -> Tensor:
    """|z_i - z_j|², (N, N). Without their common mean, close vectors far from 0 keep their digits."""
    z = z - stop_gradient(ops.mean(z, axis=0))
    lengths = ops.sum(z * z, axis=1)
    return ops.maximum(ops.expand_dims(lengths, 1) + lengths - 2.0 * (z @ z.T), 0.0)


def _hard(d: Tensor, near: Tensor, far: Tensor, margin: float) -> Tensor:
    """The farthest of the own class against the nearest of another."""
    farthest = ops.max(ops.where(near, d, 0.0), axis=1)
    nearest = ops.min(ops.where(far, d, float("inf")), axis=1)
    return ops.relu(margin + farthest - nearest)


def _semi_hard(d: Tensor, near: Tensor, far: Tensor, margin: float) -> Tensor:
    """Each of the own class against the nearest of another beyond it; if there is none beyond, the farthest."""
    positive, negative = ops.expand_dims(d, 2), ops.expand_dims(d, 1)
    beyond = ops.expand_dims(far, 1) & (negative > positive)
    nearest = ops.min(ops.where(beyond, negative, float("inf")), axis=2)
    farthest = ops.max(ops.where(far, d, 0.0), axis=1, keepdims=True)
    return _mean(near, ops.relu(margin + d - ops.where(ops.any(beyond, axis=2), nearest, farthest)), 1)


def _all(d: Tensor, near: Tensor, far: Tensor, margin: float) -> Tensor:
    """Each of the own class against each of the others."""
    triples = ops.expand_dims(near, 2) & ops.expand_dims(far, 1)
    return _mean(triples, ops.relu(margin + ops.expand_dims(d, 2) - ops.expand_dims(d, 1)), (1, 2))


def _mean(chosen: Tensor, values: Tensor, axis: int | tuple[int, ...]) -> Tensor:
    count = ops.sum(ops.cast(chosen, values.dtype), axis=axis)
    return ops.sum(ops.where(chosen, values, 0.0), axis=axis) / ops.maximum(count, 1.0)


_MINING = {"hard": _hard, "semi_hard": _semi_hard, "all": _all}
_DISTANCES = ("squared_euclidean", "euclidean")


def _known(rule: str, value: str, names: Any) -> None:
    if value not in names:
        raise ArgumentError(
            "TripletMargin",
            rule,
            expected="one of " + ", ".join(map(repr, names)),
            received=repr(value),
            remedy="Choose one of these",
        )


@functions.register()
def triplet_margin(
    y_true: Any,
    y_pred: Any,
    margin: float = 0.2,
    mining: str = "semi_hard",
    distance: str = "squared_euclidean",
) -> Tensor:
    """[m + d(a, p) - d(a, n)]₊ for an anchor a, a sample p of its class and a sample n of another one.

    Args:
        y_true: class numbers, (N,) or (N, 1).
        y_pred: embeddings, (N, F); the paper scales them to length 1.
        margin: m.
        mining: which triplets of the batch count for an anchor. "semi_hard": each p with the nearest n farther away
            than p, or else the farthest n. "hard": the farthest p with the nearest n. "all": every p with every n.
            The loss of the anchor is their mean; the first and the last need memory for N³ numbers.
        distance: "squared_euclidean", d = |a - p|², or "euclidean", its root.

    Returns:
        One loss per anchor, (N,); 0 where it has no p or no n.

    Raises:
        ShapeError: there is not one label per embedding.
        ArgumentError: mining or distance has no such name.

    Example:
        >>> triplet_margin([0, 0, 1], [[0.0], [1.0], [1.5]], margin=1.0)
        Tensor([0.  , 1.75, 0.  ], float32)

    Reference: Schroff, Kalenichenko and Philbin 2015, arXiv 1503.03832; "hard" as in Hermans et al. 2017, arXiv
    1703.07737. PyTorch's TripletMarginLoss takes three tensors that are paired already.
    """
    _known("mining says which triplets count", mining, _MINING)
    _known("distance says how far apart two embeddings are", distance, _DISTANCES)
    labels, z = labelled("triplet_margin", y_true, y_pred)
    d = _squared_distances(z)
    d = ops.sqrt(ops.maximum(d, _TINY)) if distance == "euclidean" else d
    near, far = _near_and_far(labels)
    whole = ops.any(near, axis=1) & ops.any(far, axis=1)
    return ops.where(whole, _MINING[mining](d, near, far, margin), 0.0)


def _near_and_far(labels: Tensor) -> tuple[Tensor, Tensor]:
    same = same_label(labels, labels)
    return same & not_itself(*same.shape), ~same


@registry.register()
class TripletMargin(EmbeddingLoss):
    """[m + d(a, p) - d(a, n)]₊ over triplets that are found within the batch; see `triplet_margin`.

    Labels are class numbers, (N,), predictions embeddings, (N, F). A mean is one over the samples that have another
    one of their class and one of another class in the batch.

    Args:
        margin, mining, distance: as in `triplet_margin`.
        reduction, name, dtype: as in `Loss`.

    Raises:
        ArgumentError: mining or distance has no such name.

    Example:
        >>> TripletMargin(margin=1.0)([0, 0, 1], [[0.0], [1.0], [1.5]])
        Tensor(0.875, float32)

    Reference: Schroff, Kalenichenko and Philbin 2015, arXiv 1503.03832.
    """

    def __init__(
        self,
        margin: float = 0.2,
        mining: str = "semi_hard",
        distance: str = "squared_euclidean",
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "triplet_margin",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        _known("mining says which triplets count", mining, _MINING)
        _known("distance says how far apart two embeddings are", distance, _DISTANCES)
        self.margin, self.mining, self.distance = margin, mining, distance

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return triplet_margin(y_true, y_pred, self.margin, self.mining, self.distance)

    def mask(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        near, far = _near_and_far(labelled("TripletMargin", y_true, y_pred)[0])
        return ops.any(near, axis=1) & ops.any(far, axis=1)
