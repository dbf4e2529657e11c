"""F-scores: precision and recall in one number."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .. import ops
from ..core import ArgumentError, Tensor, as_array, stop_gradient
from ..ops.targets import aligned_target, aligned_weight
from .confusion import share
from .metric import Metric, registry

_COUNTS = ("true_positives", "false_positives", "false_negatives")


@registry.register("FBetaScore", "fbeta_score", "f_beta_score")
class FBetaScore(Metric):
    """(1 + β²) P R / (β² P + R), with P the precision and R the recall of each class.

    Args:
        average: None for one score per class; "macro" for their mean; "weighted" for their mean by the number of
            samples of each class; "micro" for the score of all classes' counts together.
        beta: β: how many times as much recall counts.
        threshold: predictions above it are 1; None: the largest of a sample is 1, the others 0.
        name, dtype: as in `Metric`.

    Raises:
        ArgumentError: an argument is none of these.

    Example:
        >>> score = FBetaScore(average="micro", beta=2.0, threshold=0.5)
        >>> score([[1], [1], [0], [0]], [[0.9], [0.2], [0.8], [0.1]]).item()
        0.5

    Reference: Van Rijsbergen 1979, Information retrieval, chapter 7.
    """

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name or ("fbeta_score" if type(self) is FBetaScore else None), dtype)
        self._check("average", "says how classes become one", average, average in (None, "micro", "macro", "weighted"))
        self._check("beta", "must be positive", beta, isinstance(beta, (int, float)) and beta > 0)
        self.average, self.beta, self.threshold = average, beta, threshold
        self._cells: dict[str, Any] = {}

    def _check(self, name: str, rule: str, value: Any, fine: bool) -> None:
        if not fine:
            expected = "None, micro, macro or weighted" if name == "average" else "a number > 0"
            raise ArgumentError(
                type(self).__name__, f"{name} {rule}", expected=expected, received=repr(value), remedy=f"Change {name}"
            )

    def build(self, output_shape: Sequence[int | None]) -> None:
        if not self._cells:
            classes = output_shape[-1] if len(output_shape) > 1 else 1
            self._cells = {name: self.add_variable((int(classes or 1),), name=name) for name in _COUNTS}

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        scores = self._number(y_pred)
        scores = ops.expand_dims(scores, -1) if scores.ndim == 1 else scores
        self.build(scores.shape)
        labels = aligned_target(type(self).__name__, stop_gradient(y_true), scores)
        weights = aligned_weight(type(self).__name__, 1.0 if sample_weight is None else sample_weight, scores)
        y, p, w = (x.array.reshape(-1, scores.shape[-1]) for x in (labels, scores, weights))
        said, true = self._predicted(p), y > 0
        for name, hit in zip(_COUNTS, (true & said, ~true & said, true & ~said), strict=True):
            self._cells[name].assign_add(jnp.sum(jnp.where(hit, w, 0), axis=0))

    def _predicted(self, scores: jax.Array) -> jax.Array:
        if self.threshold is not None:
            return scores > self.threshold
        return jax.nn.one_hot(jnp.argmax(scores, axis=-1), scores.shape[-1], dtype=bool)

    def result(self) -> Tensor:
        """One score per class, or their average."""
        tp, fp, fn = (as_array(self._cells[name]) for name in _COUNTS) if self._cells else [jnp.zeros(1)] * 3
        if self.average == "micro":
            return Tensor(self._score(jnp.sum(tp), jnp.sum(fp), jnp.sum(fn)))
        scores = self._score(tp, fp, fn)
        if self.average == "macro":
            return Tensor(jnp.mean(scores))
        if self.average == "weighted":
            size = tp + fn
            return Tensor(jnp.sum(scores * size) / jnp.maximum(jnp.sum(size), 1e-7))
        return Tensor(scores)

    def _score(self, tp: jax.Array, fp: jax.Array, fn: jax.Array) -> jax.Array:
        """The formula with P and R written out, so that it holds where one of them is 0 / 0."""
        squared = self.beta**2
        return share((1 + squared) * tp, squared * fn + fp)


@registry.register("F1Score", "f1_score", "f1")
class F1Score(FBetaScore):
    """2 P R / (P + R), with P the precision and R the recall of each class.

    Args:
        average, threshold, name, dtype: as in `FBetaScore`.

    Example:
        >>> F1Score(threshold=0.5)([[1], [1], [0], [0]], [[0.9], [0.2], [0.1], [0.1]]).tolist()
        [0.6666667]
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)
