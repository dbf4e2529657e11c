"""Areas under the ROC and the precision-recall curve, and single points of these curves."""

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core import ArgumentError, Tensor, as_array, stop_gradient
from ..core.budget import spend
from ..ops.targets import aligned_target, aligned_weight
from .confusion import KINDS, confusion_counts, share
from .metric import Metric, registry

_EDGE = 1e-7  # the first and last threshold lie this far outside [0, 1]


def _checked(name: str, value: Any, known: Sequence[str]) -> str:
    if value in known:
        return value
    raise ArgumentError(
        "AUC", f"{name} must be known", expected="one of " + ", ".join(known), received=repr(value), remedy="Choose one"
    )


@registry.register()
class AUC(Metric):
    """Area under a curve that a threshold runs along, as a sum over `num_thresholds` buckets of scores.

    ROC: recall over the share of false alarms; the chance that a positive sample scores higher than a negative one.
    PR: precision over recall. Counting in buckets makes the state small and the result near the exact area:
    scores that fall between two thresholds are taken as one.

    Args:
        num_thresholds: at least 2; evenly spaced in [0, 1].
        curve: "ROC" or "PR".
        summation_method: "interpolation" (trapezoids; for PR along the true curve between two points, Davis and
            Goadrich 2006), "minoring" or "majoring" (lower and upper sums).
        name, dtype: as in `Metric`.
        thresholds: inner thresholds of your own in place of `num_thresholds`.
        multi_label: an area for each of the last axis' outputs; the result is their mean.
        num_labels: how many outputs, with `multi_label`.
        label_weights: weights for that mean.
        from_logits: whether predictions are logits; they go through a sigmoid first.

    Raises:
        ArgumentError: an argument is none of these.

    Example:
        >>> AUC()([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).item()
        0.75

    Reference: Hanley and McNeil 1982; Davis and Goadrich 2006, The relationship between precision-recall and ROC.
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(name, dtype)
        self.curve = _checked("curve", curve, ("ROC", "PR"))
        methods = ("interpolation", "minoring", "majoring")
        self.summation_method = _checked("summation_method", summation_method, methods)
        inner = sorted(thresholds) if thresholds is not None else list(_even(num_thresholds)[1:-1])
        self.thresholds = [-_EDGE, *inner, 1.0 + _EDGE]
        self.multi_label, self.num_labels = multi_label, num_labels
        self.label_weights, self.from_logits = label_weights, from_logits
        self._cells: dict[str, Any] = {}
        if not multi_label or num_labels is not None:
            self._make(num_labels or 1)

    def _make(self, outputs: int) -> None:
        shape = (outputs, len(self.thresholds))
        self._cells = {kind: self.add_variable(shape, name=kind) for kind in KINDS}

    def build(self, output_shape: Sequence[int | None]) -> None:
        if not self._cells:
            self._make(int(output_shape[-1] or 1))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        scores = self._number(y_pred)
        self.build(scores.shape)
        labels = aligned_target("AUC", stop_gradient(y_true), scores)
        weights = aligned_weight("AUC", 1.0 if sample_weight is None else sample_weight, scores)
        outputs = scores.shape[-1] if self.multi_label else 1
        y, p, w = (x.array.reshape(-1, outputs).T for x in (labels, scores, weights))
        p = jax.nn.sigmoid(p) if self.from_logits else p
        limits = jnp.asarray(self.thresholds, p.dtype)
        found = jax.vmap(confusion_counts, in_axes=(0, 0, 0, None))(y > 0, p, w, limits)
        for kind, cell in self._cells.items():
            cell.assign_add(found[kind])

    def result(self) -> Tensor:
        """The area; 0 before the first batch."""
        if not self._cells:
            return Tensor(0.0, self.dtype)
        counts = (as_array(self._cells[kind]) for kind in KINDS)
        areas = _areas(*counts, curve=self.curve, method=self.summation_method)
        if self.label_weights is None:
            return Tensor(jnp.mean(areas))
        weights = jnp.asarray(self.label_weights, areas.dtype)
        return Tensor(jnp.sum(areas * weights) / jnp.sum(weights))


@functools.partial(jax.jit, static_argnames=("curve", "method"))
def _areas(tp: jax.Array, fp: jax.Array, tn: jax.Array, fn: jax.Array, curve: str, method: str) -> jax.Array:
    """One area per output from counts (outputs, T)."""
    if curve == "PR" and method == "interpolation":
        return _interpolated_pr(tp, fp, fn)
    x, y = (share(fp, tn), share(tp, fn)) if curve == "ROC" else (share(tp, fn), share(tp, fp))
    left, right = y[:, :-1], y[:, 1:]
    heights = {
        "interpolation": (left + right) / 2,
        "minoring": jnp.minimum(left, right),
        "majoring": jnp.maximum(left, right),
    }[method]
    return jnp.sum((x[:, :-1] - x[:, 1:]) * heights, axis=-1)


def _interpolated_pr(tp: jax.Array, fp: jax.Array, fn: jax.Array) -> jax.Array:
    """∫ precision d recall, where TP and FP change in proportion between two thresholds.

    With P = TP + FP and TP = a + b P between two points, it is Σ b (ΔTP + a log(P₁ / P₂)) / (TP + FN).
    """
    p = tp + fp
    d_tp, d_p = tp[:, :-1] - tp[:, 1:], p[:, :-1] - p[:, 1:]
    slope = jnp.where(d_p > 0, d_tp / jnp.where(d_p > 0, d_p, 1), 0)
    intercept = tp[:, 1:] - slope * p[:, 1:]
    both = (p[:, :-1] > 0) & (p[:, 1:] > 0)
    ratio = jnp.where(both, p[:, :-1] / jnp.where(both, p[:, 1:], 1), 1)
    positives = tp[:, 1:] + fn[:, 1:]
    area = slope * (d_tp + intercept * jnp.log(ratio)) / jnp.where(positives > 0, positives, 1)
    return jnp.sum(jnp.where(positives > 0, area, 0), axis=-1)


def _even(count: int) -> np.ndarray:
    """`count` thresholds evenly spaced from 0 to 1."""
    if isinstance(count, int) and count >= 2:
        spend((count,), "AUC")
        return np.linspace(0.0, 1.0, count)
    raise ArgumentError(
        "AUC", "a curve has two ends", expected="num_thresholds >= 2", received=repr(count), remedy="Try 200"
    )
