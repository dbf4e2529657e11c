"""Which class was taken for which: the matrix of all pairs of true and predicted class, counted."""

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .. import ops
from ..core import ArgumentError, Tensor, as_array, floatx, stop_gradient
from ..ops.targets import aligned_target, aligned_weight
from .confusion import share
from .labels import class_labels, class_scores
from .metric import Metric, registry


@functools.partial(jax.jit, static_argnames="classes")
def pair_counts(true: jax.Array, predicted: jax.Array, weights: jax.Array, classes: int) -> jax.Array:
    """The weight of each pair of classes; pairs with a class outside [0, classes) are left out.

    Args:
        true: class numbers, int32, (N,).
        predicted: class numbers, int32, (N,).
        weights: (N,).
        classes: how many there are, C.

    Returns:
        (C, C), a row for each true class, a column for each predicted one.

    Example:
        >>> pair_counts(jnp.array([0, 1, 1]), jnp.array([0, 0, 7]), jnp.ones(3), 2).tolist()
        [[1.0, 0.0], [1.0, 0.0]]
    """
    known = (true >= 0) & (true < classes) & (predicted >= 0) & (predicted < classes)
    cell = jnp.where(known, true * classes + predicted, 0)
    counts = jnp.zeros(classes * classes, weights.dtype).at[cell].add(jnp.where(known, weights, 0))
    return counts.reshape(classes, classes)


class PairMetric(Metric):
    """Base of metrics made of this matrix: a subclass makes it with `build`, fills it with `add`, reads `counted`.

    Counts are float32 by default, so that weights may be fractions; they are exact up to 2^24 a pair.

    Example:
        >>> metric = PairMetric()
        >>> metric.build((None, 2))
        >>> metric.add(Tensor([0, 1]), Tensor([1, 1]), sample_weight=[1.0, 0.5])
        >>> metric.counted().tolist()
        [[0.0, 1.0], [0.0, 0.5]]
    """

    matrix: Any = None
    ignore_class: int | None = None

    def build(self, output_shape: Sequence[int | None]) -> None:
        if self.matrix is None:
            classes = int(output_shape[-1] or 1)
            self.matrix = self.add_variable((classes, classes), name="matrix")

    def add(self, true: Tensor, predicted: Tensor, sample_weight: Any) -> None:
        """Count pairs of class numbers (N, ...); `ignore_class`, as the true one, is left out."""
        who = type(self).__name__
        true, predicted = ops.cast(stop_gradient(true), "int32"), ops.cast(stop_gradient(predicted), "int32")
        true = aligned_target(who, true, predicted)
        given = stop_gradient(1.0 if sample_weight is None else sample_weight)
        weights = aligned_weight(who, given, ops.cast(predicted, floatx()))
        if self.ignore_class is not None:
            true = ops.where(true == self.ignore_class, -1, true)
        y, p, w = (x.array.reshape(-1) for x in (true, predicted, weights))
        self.matrix.assign_add(pair_counts(y, p, w, self.matrix.shape[0]))

    def counted(self) -> jax.Array:
        """The matrix as an array of floats, (C, C)."""
        return as_array(self.matrix, floatx())


@registry.register()
class ConfusionMatrix(PairMetric):
    """How often each true class (row) was predicted as each class (column).

    Args:
        num_classes: C; None takes it from the predictions' last axis.
        normalize: None for counts; "true" divides by each row's sum (the diagonal then holds the recalls), "pred" by
            each column's (precisions), "all" by the sum of all.
        ignore_class: a label whose samples do not count.
        name, dtype: as in `Metric`.

    Labels are class numbers (N, ...) or one-hot (N, ..., C). Predictions are scores (N, ..., C), of which the largest
    counts; probabilities (N,) or (N, 1) of class 1; or, where they are integers, class numbers. Classes outside
    [0, C) are left out.

    Raises:
        ArgumentError: `normalize` is none of these, or `num_classes` is missing beside class numbers.

    Example:
        >>> ConfusionMatrix()([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]).tolist()
        [[1.0, 0.0], [1.0, 1.0]]
    """

    def __init__(
        self,
        num_classes: int | None = None,
        normalize: str | None = None,
        ignore_class: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, dtype)
        if normalize not in (None, "true", "pred", "all"):
            known, remedy = "None, 'true', 'pred' or 'all'", "Choose one"
            rule = "normalize says what is divided by"
            raise ArgumentError("ConfusionMatrix", rule, expected=known, received=repr(normalize), remedy=remedy)
        self.num_classes, self.normalize, self.ignore_class = num_classes, normalize, ignore_class
        if num_classes is not None:
            self.build((None, num_classes))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        predicted = stop_gradient(y_pred)
        if ops.isdtype(predicted.dtype, ("integral", "bool")):
            self._check_known()
            return self.add(stop_gradient(y_true), predicted, sample_weight)
        scores = class_scores(predicted)
        self.build(scores.shape)
        labels = class_labels("ConfusionMatrix", stop_gradient(y_true), scores)
        return self.add(labels, ops.argmax(scores, axis=-1), sample_weight)

    def _check_known(self) -> None:
        if self.matrix is None:
            rule, remedy = "class numbers do not tell how many classes there are", "Pass num_classes"
            raise ArgumentError("ConfusionMatrix", rule, expected="num_classes", received="None", remedy=remedy)

    def result(self) -> Tensor:
        """The matrix, (C, C); rows or columns without a sample are 0."""
        if self.matrix is None:
            return Tensor(jnp.zeros((0, 0), floatx()))
        counts = self.counted()
        axis: dict[str, int | tuple[int, int]] = {"true": 1, "pred": 0, "all": (0, 1)}
        if self.normalize is None:
            return Tensor(counts)
        return Tensor(share(counts, jnp.sum(counts, axis[self.normalize], keepdims=True) - counts))
