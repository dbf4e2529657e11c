"""Whether a model that says 80 % is right in 80 % of the cases."""

from typing import Any

import jax.numpy as jnp

from .. import ops
from ..core import ArgumentError, Tensor, as_array, stop_gradient
from ..ops.targets import aligned_weight
from .labels import class_labels, class_scores
from .mean import ratio
from .metric import Metric, registry


@registry.register("ExpectedCalibrationError", "expected_calibration_error", "ece", "ECE")
class ExpectedCalibrationError(Metric):
    """Σ_b n_b / n |acc_b - conf_b| over `num_bins` bins of equal width.

    A sample's confidence is the largest predicted probability. Bin b holds the n_b of n samples whose confidence lies
    in ((b - 1) / B, b / B]; conf_b is their mean confidence and acc_b the share of them that is predicted right.

    Args:
        num_bins: B.
        name, dtype: as in `Metric`.
        from_logits: whether predictions are logits; they go through a softmax, or a sigmoid if there is one output.

    Labels are class numbers (N, ...) or one-hot (N, ..., C); predictions are (N, ..., C), or (N,) or (N, 1) for class
    1 alone.

    Attributes:
        weight, confidence, correct: n_b, n_b conf_b and n_b acc_b, (B,): what a reliability diagram shows.

    Raises:
        ArgumentError: `num_bins` is less than 1.

    Example:
        >>> error = ExpectedCalibrationError(num_bins=2)
        >>> error([0, 1, 1], [[0.8, 0.2], [0.4, 0.6], [1.0, 0.0]]).item()
        0.1333333...

    Reference: Guo et al., arXiv 1706.04599, equation 3.
    """

    def __init__(
        self, num_bins: int = 15, name: str | None = None, dtype: Any = None, from_logits: bool = False
    ) -> None:
        super().__init__(name, dtype)
        if not (isinstance(num_bins, int) and num_bins >= 1):
            who, rule, remedy = "ExpectedCalibrationError", "confidences fall into bins", "Try 15"
            raise ArgumentError(who, rule, expected="num_bins >= 1", received=repr(num_bins), remedy=remedy)
        self.num_bins, self.from_logits = num_bins, from_logits
        names = ("weight", "confidence", "correct")
        self.weight, self.confidence, self.correct = (self.add_variable((num_bins,), name=name) for name in names)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        scores = class_scores(self._probabilities(self._number(y_pred)))
        labels = class_labels("ExpectedCalibrationError", stop_gradient(y_true), scores)
        said, sure = ops.argmax(scores, axis=-1), ops.max(scores, axis=-1)
        given = stop_gradient(1.0 if sample_weight is None else sample_weight)
        weights = aligned_weight("ExpectedCalibrationError", given, sure)
        hit, p, w = (x.array.reshape(-1) for x in (labels == said, sure, weights))
        bins = jnp.clip(jnp.ceil(p * self.num_bins).astype("int32") - 1, 0, self.num_bins - 1)
        for cell, value in ((self.weight, w), (self.confidence, w * p), (self.correct, jnp.where(hit, w, 0))):
            cell.assign_add(jnp.zeros(self.num_bins, w.dtype).at[bins].add(value))

    def _probabilities(self, scores: Tensor) -> Tensor:
        if not self.from_logits:
            return scores
        return ops.softmax(scores) if scores.ndim > 1 and scores.shape[-1] > 1 else ops.sigmoid(scores)

    def result(self) -> Tensor:
        """The error, from 0 to 1; 0 before the first batch."""
        gaps = jnp.abs(as_array(self.correct) - as_array(self.confidence))
        return ratio(Tensor(jnp.sum(gaps)), ops.sum(self.weight))
