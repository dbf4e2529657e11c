"""The share of the labels' variance that predictions explain."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..core import ArgumentError, Tensor, as_array, stop_gradient
from ..ops.targets import aligned_weight, with_last_axis
from .metric import Metric, registry

_STATE = ("weight", "shift", "mean", "spread", "error")


@registry.register()
class R2Score(Metric):
    """R² = 1 - Σ w (y - p)² / Σ w (y - ȳ)² with ȳ the mean label, for each output.

    Mean and spread of the labels, less the first label, are merged batch by batch (Chan et al. 1979), not taken from
    Σ y²: the result stays exact where labels are large beside their spread. An output with constant labels scores 0,
    or 1 if p = y.

    Args:
        class_aggregation: None for one score per output; "uniform_average" for their mean;
            "variance_weighted_average" for their mean by the labels' spread.
        num_regressors: k > 0 asks for the adjusted score 1 - (1 - R²) (n - 1) / (n - k - 1) of n samples, as soon
            as n > k + 1.
        name, dtype: as in `Metric`.

    Raises:
        ArgumentError: an argument is none of these.

    Example:
        >>> R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]).item()
        0.571428...

    Keras differs: it takes the spread from sums of squares, gives NaN where constant labels are met exactly, and
    counts n of several outputs together.
    """

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, dtype)
        known = (None, "uniform_average", "variance_weighted_average")
        self._check("class_aggregation", class_aggregation, class_aggregation in known, "one of " + str(known))
        fine = isinstance(num_regressors, int) and num_regressors >= 0
        self._check("num_regressors", num_regressors, fine, "an integer >= 0")
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self._samples = self.add_variable(name="samples")
        self._cells: dict[str, Any] = {}

    def _check(self, name: str, value: Any, fine: bool, expected: str) -> None:
        if not fine:
            rule, remedy = f"{name} is out of range", f"Change {name}"
            raise ArgumentError("R2Score", rule, expected=expected, received=repr(value), remedy=remedy)

    def build(self, output_shape: Sequence[int | None]) -> None:
        if not self._cells:
            outputs = output_shape[-1] if len(output_shape) > 1 else 1
            self._cells = {name: self.add_variable((int(outputs or 1),), name=name) for name in _STATE}

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        labels, predictions = with_last_axis("R2Score", stop_gradient(y_true), self._number(y_pred))
        self.build(predictions.shape)
        given = stop_gradient(1.0 if sample_weight is None else sample_weight)
        weights = aligned_weight("R2Score", given, predictions)
        y, p, w = (x.array.reshape(-1, predictions.shape[-1]) for x in (labels, predictions, weights))
        merged = _merge(*(as_array(self._cells[name]) for name in _STATE), y, p, w)
        for name, value in zip(_STATE, merged, strict=True):
            self._cells[name].assign(value)
        self._samples.assign_add(y.shape[0])

    def result(self) -> Tensor:
        """One score per output, or their average; 0 before the first batch."""
        if not self._cells:
            return Tensor(0.0, self.dtype)
        spread, error = (as_array(self._cells[name]) for name in ("spread", "error"))
        constant = (error > 0).astype(error.dtype)
        scores = 1 - jnp.where(spread > 0, error / jnp.where(spread > 0, spread, 1), constant)
        if self.class_aggregation == "uniform_average":
            scores = jnp.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            total = jnp.sum(spread)
            scores = jnp.where(total > 0, jnp.sum(scores * spread) / jnp.where(total > 0, total, 1), jnp.mean(scores))
        return Tensor(self._adjusted(scores) if self.num_regressors else scores)

    def _adjusted(self, scores: jax.Array) -> jax.Array:
        n = as_array(self._samples)
        free = n - self.num_regressors - 1
        return jnp.where(free > 0, 1 - (1 - scores) * (n - 1) / jnp.where(free > 0, free, 1), scores)


@jax.jit
def _merge(
    weight: jax.Array, shift: jax.Array, mean: jax.Array, spread: jax.Array, error: jax.Array,
    y: jax.Array, p: jax.Array, w: jax.Array,
) -> tuple[jax.Array, ...]:  # fmt: skip
    """The state after a batch (N, F): two groups' means and spreads become those of their union."""
    error = error + jnp.sum(w * (y - p) ** 2, axis=0)
    shift = jnp.where(weight == 0, y[0], shift)
    y = y - shift
    here = jnp.sum(w, axis=0)
    centre = jnp.sum(w * y, axis=0) / jnp.where(here == 0, 1, here)
    whole = weight + here
    part = here / jnp.where(whole == 0, 1, whole)
    gap = centre - mean
    spread = spread + jnp.sum(w * (y - centre) ** 2, axis=0) + gap**2 * weight * part
    return whole, shift, mean + gap * part, spread, error
