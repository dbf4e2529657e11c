"""Precision and recall."""

import jax

from .confusion import ConfusionMetric, share
from .metric import registry


@registry.register()
class Precision(ConfusionMetric):
    """Of what was predicted as 1, the share that is 1: TP / (TP + FP), 0 if nothing was.

    Args:
        thresholds, top_k, class_id, name, dtype, average: as in `ConfusionMetric`. Of one class out of several,
            `top_k=1` takes the largest score, as `argmax` does.

    Example:
        >>> Precision()([1, 0, 1, 1], [0.9, 0.8, 0.1, 0.7]).item()
        0.6666667
        >>> precision = Precision(top_k=1, average="macro")
        >>> precision([[1, 0], [0, 1], [0, 1]], [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]).item()
        0.75

    Keras has no `average`.
    """

    counts = ("true_positives", "false_positives")

    def value(self, *counts: jax.Array) -> jax.Array:
        return share(*counts)


@registry.register()
class Recall(ConfusionMetric):
    """Of what is 1, the share that was predicted as 1: TP / (TP + FN), 0 if nothing is.

    Args:
        thresholds, top_k, class_id, name, dtype, average: as in `Precision`.

    Example:
        >>> Recall()([1, 0, 1, 1], [0.9, 0.8, 0.1, 0.7]).item()
        0.6666667
    """

    counts = ("true_positives", "false_negatives")

    def value(self, *counts: jax.Array) -> jax.Array:
        return share(*counts)
