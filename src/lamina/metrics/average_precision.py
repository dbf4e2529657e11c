"""Mean average precision: how well scores rank the samples of each class."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import ops
from ..core import ArgumentError, Tensor, as_array, stop_gradient
from ..core.budget import spend
from ..ops.casting import tensor
from .auc import AUC
from .confusion import KINDS, share
from .metric import registry

_FURTHEST = 14.0  # the log odds of 1 - 1e-6: nearer to 1 float32 cannot tell many scores apart


@registry.register("MeanAveragePrecision", "mean_average_precision", "map", "mAP")
class MeanAveragePrecision(AUC):
    """mean over classes of Σ_t (R_t - R_{t+1}) P_t, with P_t the precision and R_t the recall above threshold t.

    Scores are counted in buckets between thresholds. If no two scores of a class with different labels share a
    bucket, this is the exact average precision of all scores; scores that share one count as equal. `bounds` says
    between which two numbers the exact value lies; more thresholds bring them together. The default thresholds are
    evenly spaced in log odds log(t / (1 - t)), hence dense where a sure model's scores lie: near 0 and 1. A class
    without a positive sample has 0.

    Args:
        num_thresholds: at least 2.
        name, dtype: as in `Metric`.
        thresholds: inner thresholds of your own in place of `num_thresholds`.
        num_labels: how many classes C; None takes it from the predictions.
        label_weights: weights of the classes in the mean.
        from_logits: whether predictions are logits; they go through a sigmoid first.

    Labels are 0 or 1, one for each of the scores (N, C) or (N,).

    Example:
        >>> MeanAveragePrecision()([[1, 0], [0, 1], [1, 1]], [[0.9, 0.1], [0.6, 0.2], [0.3, 0.7]]).item()
        0.9166667

    Reference: Buckley and Voorhees 2000, Evaluating evaluation measure stability; Everingham et al. 2010.
    """

    def __init__(
        self,
        num_thresholds: int = 1000,
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        if not (isinstance(num_thresholds, int) and num_thresholds >= 2):
            rule, remedy = "a curve has two ends", "Try 1000"
            received = repr(num_thresholds)
            raise ArgumentError(
                "MeanAveragePrecision", rule, expected="num_thresholds >= 2", received=received, remedy=remedy
            )
        spend((num_thresholds,), "MeanAveragePrecision")
        odds = np.exp(np.linspace(-_FURTHEST, _FURTHEST, num_thresholds))
        inner = (odds / (1 + odds)).tolist() if thresholds is None else thresholds
        super().__init__(
            name=name, dtype=dtype, thresholds=inner, multi_label=True, num_labels=num_labels,
            label_weights=label_weights, from_logits=from_logits,
        )  # fmt: skip

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        scores = tensor(stop_gradient(y_pred))
        super().update_state(y_true, ops.expand_dims(scores, -1) if scores.ndim == 1 else scores, sample_weight)

    def result(self) -> Tensor:
        """The mean; 0 before the first batch."""
        if not self._cells:
            return Tensor(0.0, self.dtype)
        tp, fp, _, fn = (as_array(self._cells[kind]) for kind in KINDS)
        recall = share(tp, fn)
        return self._mean(jnp.sum((recall[:, :-1] - recall[:, 1:]) * share(tp, fp)[:, :-1], axis=-1))

    def bounds(self) -> tuple[Tensor, Tensor]:
        """The least and the largest exact value that the counts allow, for sample weights of at most 1.

        In a bucket of p positive and n negative samples, above which there are a and b, the exact order may put all
        positive ones first or last; the sum of their precisions lies between ∫ (a + x) / (a + b + n + x) dx and
        ∫ (a + x + 1) / (a + b + x + 1) dx, each over 0 ... p.

        Example:
            >>> metric = MeanAveragePrecision(thresholds=[0.5])
            >>> metric.update_state([1, 0, 0], [0.9, 0.8, 0.1])  # 1 if 0.9 comes before 0.8, as it does; else 0.5
            >>> low, high = metric.bounds(); round(low.item(), 2), metric.result().item(), high.item()
            (0.31, 0.5, 1.0)
        """
        if not self._cells:
            return Tensor(0.0, self.dtype), Tensor(1.0, self.dtype)
        tp, fp, _, fn = (as_array(self._cells[kind]) for kind in KINDS)
        a, b, p, n = tp[:, 1:], fp[:, 1:], tp[:, :-1] - tp[:, 1:], fp[:, :-1] - fp[:, 1:]
        worst = p - (b + n) * jnp.log1p(p / jnp.maximum(a + b + n, 1e-30))
        best = p - b * jnp.log1p(p / (a + b + 1))
        positive = jnp.maximum(tp[:, :1] + fn[:, :1], 1e-30)
        low, high = (self._mean(jnp.sum(total / positive, axis=-1)) for total in (worst, best))
        return low, high

    def _mean(self, areas: jax.Array) -> Tensor:
        """Over the classes."""
        weights = jnp.ones_like(areas) if self.label_weights is None else jnp.asarray(self.label_weights, areas.dtype)
        return Tensor(jnp.sum(areas * weights) / jnp.sum(weights))
