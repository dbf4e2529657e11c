"""True and false positives and negatives at one or more thresholds."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core import ArgumentError, Tensor, as_array, stop_gradient
from ..ops.targets import aligned_target, aligned_weight
from .metric import Metric

KINDS = ("true_positives", "false_positives", "true_negatives", "false_negatives")


@jax.jit  # one program also where a metric is used outside of one
def confusion_counts(
    positive: jax.Array, scores: jax.Array, weights: jax.Array, thresholds: jax.Array
) -> dict[str, jax.Array]:
    """Weights of the four kinds of outcome at each threshold; a score above the threshold predicts 1.

    Each score is put into the bucket between two thresholds, the buckets are summed from either end: the cost is
    N log T + T for N scores and T thresholds, and counts are exact up to 2^24.

    Args:
        positive: labels, boolean, (N,).
        scores: (N,).
        weights: (N,).
        thresholds: in rising order, (T,).

    Returns:
        By kind, an array (T,).

    Example:
        >>> positive, scores = jnp.array([True, True, False]), jnp.array([0.9, 0.2, 0.6])
        >>> counts = confusion_counts(positive, scores, jnp.ones(3), jnp.array([0.1, 0.5]))
        >>> counts["true_positives"].tolist(), counts["false_positives"].tolist()
        ([2.0, 1.0], [1.0, 1.0])
    """
    bucket = jnp.searchsorted(thresholds, scores, side="left")  # how many thresholds lie below the score
    empty = jnp.zeros(thresholds.size + 1, weights.dtype)
    hits = empty.at[bucket].add(jnp.where(positive, weights, 0))
    alarms = empty.at[bucket].add(jnp.where(positive, 0, weights))
    above = [jnp.cumsum(b[::-1])[::-1][1:] for b in (hits, alarms)]
    below = [jnp.cumsum(b)[:-1] for b in (alarms, hits)]
    return dict(zip(KINDS, (*above, *below), strict=True))


def share(part: jax.Array, rest: jax.Array) -> jax.Array:
    """part / (part + rest), and 0 where both are 0.

    Example:
        >>> share(jnp.array([1.0, 0.0]), jnp.array([3.0, 0.0])).tolist()
        [0.25, 0.0]
    """
    whole = part + rest
    return jnp.where(whole == 0, 0, part / jnp.where(whole == 0, 1, whole))


class ConfusionMetric(Metric):
    """Base of metrics made of these counts: a subclass names the `counts` that it needs, and defines `value`.

    Args:
        thresholds: a number or several; by default 0.5, or none at all with `top_k`.
        top_k: only the k largest predictions of a sample can be 1.
        class_id: look at this output alone.
        name, dtype: as in `Metric`.
        average: how the outputs become one. None or "micro": by the sum of their counts; "macro": by the mean of
            their values; "weighted": by the mean weighted with the number of samples of label 1 that each has.

    Raises:
        ArgumentError: a threshold is no finite number, or `average` is not known or asked for beside `class_id`.

    Example:
        >>> class Alarms(ConfusionMetric):
        ...     counts = ("true_positives", "false_positives")
        ...     def value(self, true_positives, false_positives):
        ...         return true_positives + false_positives
        >>> Alarms()([1, 0, 1], [0.9, 0.8, 0.1])
        Tensor(2., float32)
    """

    counts: tuple[str, ...] = KINDS

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        average: str | None = None,
    ) -> None:
        super().__init__(name, dtype)
        self.thresholds = self._listed(thresholds, top_k)
        self.top_k, self.class_id = top_k, class_id
        self._check_average(average)
        self.average = None if average == "micro" else average
        self._order = np.argsort(self.thresholds)  # counting wants them in rising order
        self._cells: dict[str, Any] = {}
        if self.average is None:
            self._make(self.counts, (len(self.thresholds),))

    def _make(self, kinds: Sequence[str], shape: tuple[int, ...]) -> None:
        self._cells = {kind: self.add_variable(shape, name=kind) for kind in kinds}

    def _check_average(self, average: Any) -> None:
        if average is None or average in ("micro", "macro", "weighted") and self.class_id is None:
            return
        raise ArgumentError(
            type(self).__name__,
            "average says how several outputs become one",
            expected="None, or micro, macro or weighted without class_id",
            received=repr(average),
            remedy="Change average or class_id",
        )

    def build(self, output_shape: Sequence[int | None]) -> None:
        if not self._cells:
            outputs = output_shape[-1] if len(output_shape) > 1 else 1
            self._make(KINDS, (int(outputs or 1), len(self.thresholds)))

    def _listed(self, thresholds: Any, top_k: int | None) -> list[float]:
        default = 0.5 if top_k is None else -1e10
        listed = np.atleast_1d(np.asarray(default if thresholds is None else thresholds, float))
        if listed.ndim == 1 and listed.size and np.isfinite(listed).all():
            return listed.tolist()
        raise ArgumentError(
            type(self).__name__,
            "thresholds are numbers that scores are compared with",
            expected="a finite number, or a list of them",
            received=repr(thresholds),
            remedy="Try 0.5 for probabilities, 0 for logits",
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        scores = self._number(y_pred)
        labels = aligned_target(type(self).__name__, stop_gradient(y_true), scores)
        weights = aligned_weight(type(self).__name__, 1.0 if sample_weight is None else sample_weight, scores)
        chosen = [x.array for x in (labels, scores, weights)]
        if self.top_k is not None:
            chosen[1] = _only_top_k(chosen[1], self.top_k)
        if self.class_id is not None:
            chosen = [x[..., self.class_id] for x in chosen]
        self.build(scores.shape)
        outputs = 1 if self.average is None or scores.ndim == 1 else scores.shape[-1]
        y, p, w = (x.reshape(-1, outputs).T for x in chosen)
        thresholds = jnp.asarray(np.asarray(self.thresholds)[self._order], p.dtype)
        found = jax.vmap(confusion_counts, in_axes=(0, 0, 0, None))(y > 0, p, w, thresholds)
        for kind, cell in self._cells.items():
            cell.assign_add(found[kind].reshape(cell.shape))

    def value(self, *counts: jax.Array) -> jax.Array:
        """The metric from the counts at each threshold, in the order of `counts`."""
        raise NotImplementedError(f"{type(self).__name__} must define value(...)")

    def result(self) -> Tensor:
        """The value at each threshold; a scalar if there is one threshold."""
        if not self._cells:
            return Tensor(jnp.zeros(self._order.shape if self._order.size > 1 else (), self.dtype))
        found = self.value(*(as_array(self._cells[kind]) for kind in self.counts))
        found = (found if self.average is None else self._averaged(found))[np.argsort(self._order)]
        return Tensor(found[0] if len(self.thresholds) == 1 else found)

    def _averaged(self, values: jax.Array) -> jax.Array:
        """The mean of values (outputs, T) over the outputs."""
        if self.average == "macro":
            return jnp.mean(values, axis=0)
        positive = as_array(self._cells["true_positives"]) + as_array(self._cells["false_negatives"])
        whole = jnp.sum(positive, axis=0)
        return jnp.sum(values * positive, axis=0) / jnp.where(whole == 0, 1, whole)


def _only_top_k(scores: jax.Array, k: int) -> jax.Array:
    """Scores with all but the k largest of the last axis at minus infinity."""
    _, places = jax.lax.top_k(scores, k)
    kept = jax.nn.one_hot(places, scores.shape[-1], dtype=bool).any(-2)
    return jnp.where(kept, scores, -jnp.inf)
