"""Metrics of ranked lists: whether what is relevant comes first."""

from typing import Any

import jax
import jax.numpy as jnp

from .. import ops
from ..core import ArgumentError, Tensor
from ..ops.casting import tensor
from ..ops.class_errors import class_numbers
from ..ops.targets import aligned_target
from .mean import MeanOf
from .metric import registry


class RankingMetric(MeanOf):
    """Base of means over lists: a subclass defines `of_list` for the relevances and scores of one list.

    Args:
        k: only the first k places count; None for all.
        name, dtype: as in `Metric`.

    Raises:
        ArgumentError: k is less than 1.

    Example:
        >>> class Best(RankingMetric):
        ...     def of_list(self, relevance, scores):
        ...         return relevance[jnp.argmax(scores)]
        >>> Best()([[0, 2], [1, 0]], [[0.1, 0.9], [0.3, 0.2]])
        Tensor(1.5, float32)
    """

    def __init__(self, k: int | None = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name, dtype)
        if k is not None and not (isinstance(k, int) and k >= 1):
            rule, remedy = "k is how many places count", "Try 10"
            raise ArgumentError(type(self).__name__, rule, expected="k >= 1", received=repr(k), remedy=remedy)
        self.k = k

    def of_list(self, relevance: jax.Array, scores: jax.Array) -> jax.Array:
        """The value of one list of C items; relevance >= 0, 0 for what is not."""
        raise NotImplementedError(f"{type(self).__name__} must define of_list(relevance, scores)")

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        relevance = _relevances(type(self).__name__, y_true, y_pred).array
        scores = jnp.where(jnp.isnan(y_pred.array), -jnp.inf, y_pred.array)  # what has no score comes last
        items = scores.shape[-1]
        found = jax.vmap(self.of_list)(relevance.reshape(-1, items), scores.reshape(-1, items))
        return Tensor(found.reshape(scores.shape[:-1]))


def _relevances(who: str, y_true: Any, y_pred: Tensor) -> Tensor:
    """Labels (N, C), also where each names the one relevant item, (N,) or (N, 1)."""
    labels = tensor(y_true)
    if labels.shape == y_pred.shape:
        return ops.cast(labels, y_pred.dtype)
    numbers = aligned_target(who, class_numbers(labels, y_pred), ops.argmax(y_pred, axis=-1))
    return Tensor(jax.nn.one_hot(numbers.array, y_pred.shape[-1], dtype=y_pred.dtype))


def _first_rank(relevance: jax.Array, scores: jax.Array) -> jax.Array:
    """The place, from 1, of the first relevant item; infinity if none is. Others that tie with it come before it."""
    best = jnp.max(jnp.where(relevance > 0, scores, -jnp.inf))
    rank = 1 + jnp.sum((relevance <= 0) & (scores >= best))
    return jnp.where(jnp.any(relevance > 0), rank.astype(scores.dtype), jnp.inf)


@registry.register()
class HitRate(RankingMetric):
    """The share of lists with a relevant item among the k items of highest score, HR@k.

    Args:
        k: how many places count; None for all.
        name, dtype: as in `Metric`.

    Labels are relevances (N, C), 0 for what is not relevant, or the number of the one relevant item, (N,). An item
    that ties with a relevant one counts as ranked before it, so that equal scores for all earn nothing.

    Example:
        >>> HitRate(k=2)([[0, 0, 1], [1, 0, 0]], [[0.9, 0.1, 0.5], [0.1, 0.7, 0.2]])
        Tensor(0.5, float32)
    """

    def __init__(self, k: int | None = 10, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(k, name, dtype)

    def of_list(self, relevance: jax.Array, scores: jax.Array) -> jax.Array:
        places = scores.shape[0] if self.k is None else self.k
        return (_first_rank(relevance, scores) <= places).astype(scores.dtype)


@registry.register("MeanReciprocalRank", "mean_reciprocal_rank", "mrr", "MRR")
class MeanReciprocalRank(RankingMetric):
    """The mean of 1 / r, r the place of a list's first relevant item; 0 for a list without one in its first k places.

    Args:
        k: how many places count; None for all.
        name, dtype: as in `Metric`.

    Labels are relevances (N, C), 0 for what is not relevant, or the number of the one relevant item, (N,). An item
    that ties with a relevant one counts as ranked before it.

    Example:
        >>> MeanReciprocalRank()([[0, 0, 1], [1, 0, 0]], [[0.9, 0.1, 0.5], [0.8, 0.7, 0.2]])
        Tensor(0.75, float32)

    Reference: Voorhees 1999, The TREC-8 question answering track report.
    """

    def of_list(self, relevance: jax.Array, scores: jax.Array) -> jax.Array:
        rank = _first_rank(relevance, scores)
        return jnp.where(rank <= (scores.shape[0] if self.k is None else self.k), 1 / rank, 0)


@registry.register()
class NDCG(RankingMetric):
    """The mean of DCG / (DCG of the best order), with DCG = Σ_r rel_r / log₂(r + 1) over the places r = 1 ... k.

    Items of equal score share the mean of their places' discounts. A list without a relevant item has 0.

    Args:
        k: how many places count; None for all.
        name, dtype: as in `Metric`.

    Labels are relevances >= 0, (N, C), or the number of the one relevant item, (N,).

    Example:
        >>> NDCG()([[10, 0, 0, 1, 5]], [[0.1, 0.2, 0.3, 4.0, 70.0]]).item()
        0.6956...

    Reference: Järvelin and Kekäläinen 2002; ties by McSherry and Najork 2008, Computing information retrieval
    performance measures efficiently in the presence of tied scores.
    """

    def of_list(self, relevance: jax.Array, scores: jax.Array) -> jax.Array:
        found, best = (_gain(relevance, order, self.k) for order in (scores, relevance))
        return jnp.where(best > 0, found / jnp.where(best > 0, best, 1), 0)


def _gain(relevance: jax.Array, scores: jax.Array, k: int | None) -> jax.Array:
    """The DCG of a list in the order of its scores."""
    items = scores.shape[0]
    place = jnp.arange(items)
    discount = jnp.where(place < (items if k is None else k), 1 / jnp.log2(place.astype(scores.dtype) + 2), 0)
    upto = jnp.concatenate([jnp.zeros(1, scores.dtype), jnp.cumsum(discount)])  # of the first n places
    rising = jnp.sort(scores)
    before = items - jnp.searchsorted(rising, scores, side="right")  # items with a higher score
    through = items - jnp.searchsorted(rising, scores, side="left")  # and those of the same
    return jnp.sum(relevance * (upto[through] - upto[before]) / (through - before).astype(scores.dtype))
