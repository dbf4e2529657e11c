"""Intersection over union: how well predicted regions cover the true ones."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from .. import ops
from ..core import ArgumentError, Tensor, stop_gradient
from ..core.budget import spend
from .confusion import share
from .confusion_matrix import PairMetric
from .metric import registry


@registry.register("IoU", "io_u", "iou")
class IoU(PairMetric):
    """mean over the wanted classes of TP / (TP + FP + FN).

    A class that neither labels nor predictions hold does not count. Pairs outside [0, num_classes) are left out.

    Args:
        num_classes: C.
        target_class_ids: the wanted classes.
        name, dtype: as in `Metric`.
        ignore_class: a label whose elements (a "void" class, say) do not count.
        sparse_y_true: labels are class numbers; otherwise their largest value along `axis` names the class.
        sparse_y_pred: the same for predictions.
        axis: the class axis of what is not sparse.

    Raises:
        ArgumentError: a wanted class is not in [0, num_classes).

    Example:
        >>> IoU(num_classes=2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1]).item()
        0.33333334

    Keras differs: its default state is of integers, which cuts weights that are fractions to 0.
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(name, dtype)
        spend((num_classes, num_classes), type(self).__name__)
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        self._check()
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        self.build((None, num_classes))

    def _check(self) -> None:
        if self.target_class_ids and all(0 <= i < self.num_classes for i in self.target_class_ids):
            return
        raise ArgumentError(
            type(self).__name__,
            "target_class_ids name classes",
            expected=f"numbers from 0 to {self.num_classes - 1}",
            received=self.target_class_ids,
            remedy="Change target_class_ids or num_classes",
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, predicted = stop_gradient(y_true), stop_gradient(y_pred)
        true = true if self.sparse_y_true else ops.argmax(true, axis=self.axis)
        predicted = predicted if self.sparse_y_pred else ops.argmax(predicted, axis=self.axis)
        self.add(true, predicted, sample_weight)

    def result(self) -> Tensor:
        """The mean over the wanted classes that were seen; 0 if there is none."""
        counts, wanted = self.counted(), jnp.asarray(self.target_class_ids)
        hits = jnp.diagonal(counts)[wanted]
        misses = (jnp.sum(counts, axis=0) + jnp.sum(counts, axis=1))[wanted] - 2 * hits
        seen = jnp.sum(hits + misses > 0)
        return Tensor(jnp.sum(share(hits, misses)) / jnp.maximum(seen, 1).astype(hits.dtype))


@registry.register("MeanIoU", "mean_io_u", "mean_iou", "miou")
class MeanIoU(IoU):
    """mean over all classes of TP / (TP + FP + FN).

    Args:
        num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis: as in `IoU`.

    Example:
        >>> MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1], sample_weight=[0.3, 0.3, 0.3, 0.1]).item()
        0.238...
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        classes = range(num_classes)
        super().__init__(num_classes, classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)


@registry.register("BinaryIoU", "binary_io_u", "binary_iou")
class BinaryIoU(IoU):
    """IoU where predictions are scores of class 1: those of at least `threshold` predict it.

    Args:
        target_class_ids: (0,), (1,) or both.
        threshold: 0.5 for probabilities, 0 for logits.
        name, dtype: as in `Metric`.

    Example:
        >>> BinaryIoU(threshold=0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]).item()
        0.33333334
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update_state(y_true, stop_gradient(y_pred) >= self.threshold, sample_weight)


@registry.register("OneHotIoU", "one_hot_io_u", "one_hot_iou")
class OneHotIoU(IoU):
    """IoU where labels are one-hot, and predictions, as a rule, scores of all classes.

    Args:
        num_classes, target_class_ids, name, dtype, ignore_class, sparse_y_pred, axis: as in `IoU`.

    Example:
        >>> iou = OneHotIoU(num_classes=2, target_class_ids=[1])
        >>> iou([[0, 1], [1, 0], [0, 1]], [[0.2, 0.8], [0.9, 0.1], [0.6, 0.4]]).item()
        0.5
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)


@registry.register("OneHotMeanIoU", "one_hot_mean_io_u", "one_hot_mean_iou")
class OneHotMeanIoU(MeanIoU):
    """MeanIoU where labels are one-hot, and predictions, as a rule, scores of all classes.

    Args:
        num_classes, name, dtype, ignore_class, sparse_y_pred, axis: as in `IoU`.

    Example:
        >>> iou = OneHotMeanIoU(num_classes=2)
        >>> iou([[0, 1], [1, 0], [0, 1]], [[0.2, 0.8], [0.9, 0.1], [0.6, 0.4]]).item()
        0.5
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
