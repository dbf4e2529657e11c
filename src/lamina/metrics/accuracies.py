"""How often predictions are right."""

from typing import Any

from .. import ops
from ..core import Tensor
from ..ops.casting import common, tensor
from ..ops.class_errors import class_numbers
from ..ops.targets import aligned_target
from .mean import MeanOf
from .metric import functions, registry


def _float(truth: Tensor) -> Tensor:
    return ops.cast(truth, "float32")


def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where label and prediction are equal, else 0; elementwise.

    Example:
        >>> accuracy([1, 2, 3], [1, 2, 4])
        Tensor([1., 1., 0.], float32)
    """
    y, p = common(y_true, y_pred)
    return _float(aligned_target("accuracy", y, p) == p)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """1 where the label, 0 or 1, is that of `y_pred > threshold`; elementwise.

    Example:
        >>> binary_accuracy([1, 0, 1], [0.9, 0.2, 0.5])
        Tensor([1., 1., 0.], float32)
    """
    p = tensor(y_pred)
    return _float(aligned_target("binary_accuracy", y_true, p) == ops.cast(p > threshold, p.dtype))


def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the largest prediction is that of the label's class (labels one-hot or probabilities); per sample.

    Example:
        >>> categorical_accuracy([[0.0, 1.0], [1.0, 0.0]], [[0.2, 0.8], [0.4, 0.6]])
        Tensor([1., 0.], float32)
    """
    p = tensor(y_pred)
    y = aligned_target("categorical_accuracy", y_true, p)
    return _float(ops.argmax(y, axis=-1) == ops.argmax(p, axis=-1))


def _classes(who: str, y_true: Any, y_pred: Tensor) -> Tensor:
    """Class numbers in the shape of the samples."""
    return aligned_target(who, class_numbers(y_true, y_pred), ops.argmax(y_pred, axis=-1))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the largest prediction is that of the class that the label names; per sample.

    Example:
        >>> sparse_categorical_accuracy([1, 0], [[0.2, 0.8], [0.4, 0.6]])
        Tensor([1., 0.], float32)
    """
    p = tensor(y_pred)
    return _float(_classes("sparse_categorical_accuracy", y_true, p) == ops.argmax(p, axis=-1))


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Tensor:
    """1 where fewer than k classes have a larger prediction than the class that the label names; per sample.

    With `from_sorted_ids`, predictions are no scores but class numbers, the likeliest first: 1 where the label is among
    the first k.

    Example:
        >>> sparse_top_k_categorical_accuracy([2, 1], [[0.1, 0.7, 0.2], [0.6, 0.1, 0.3]], k=2)
        Tensor([1., 0.], float32)
    """
    p = tensor(y_pred)
    if from_sorted_ids:
        wanted = aligned_target("sparse_top_k_categorical_accuracy", class_numbers(y_true, p), p[..., 0])
        return _float(ops.any(p[..., :k] == ops.expand_dims(wanted, -1), axis=-1))
    labels = _classes("sparse_top_k_categorical_accuracy", y_true, p)
    score = ops.take_along_axis(p, ops.expand_dims(labels, -1), axis=-1)
    larger = ops.count_nonzero(p > score, axis=-1)
    return _float((larger < k) & ops.isfinite(score[..., 0]))  # nothing is larger than NaN


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """1 where fewer than k classes have a larger prediction than the label's class (labels one-hot); per sample.

    Example:
        >>> top_k_categorical_accuracy([[0, 0, 1], [0, 1, 0]], [[0.1, 0.7, 0.2], [0.6, 0.1, 0.3]], k=2)
        Tensor([1., 0.], float32)
    """
    p = tensor(y_pred)
    y = aligned_target("top_k_categorical_accuracy", y_true, p)
    return sparse_top_k_categorical_accuracy(ops.argmax(y, axis=-1), p, k)


for _function in (
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
):
    functions.add(_function, _function.__name__)


@registry.register()
class Accuracy(MeanOf):
    """The share of predictions that are equal to their labels.

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> Accuracy()([1, 2, 3, 4], [1, 2, 3, 5])
        Tensor(0.75, float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return accuracy(y_true, y_pred)


@registry.register()
class BinaryAccuracy(MeanOf):
    """The share of yes-or-no predictions that are right.

    Args:
        name, dtype: as in `Metric`.
        threshold: predictions above it mean 1; use 0 for logits.

    Example:
        >>> BinaryAccuracy()([[1], [0], [1], [1]], [[0.9], [0.2], [0.4], [0.6]])
        Tensor(0.75, float32)
    """

    def __init__(self, name: str | None = None, dtype: Any = None, threshold: float = 0.5) -> None:
        super().__init__(name, dtype)
        self.threshold = threshold

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return binary_accuracy(y_true, y_pred, self.threshold)


@registry.register()
class CategoricalAccuracy(MeanOf):
    """The share of samples whose class, given one-hot, has the largest prediction.

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> CategoricalAccuracy()([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])
        Tensor(0.5, float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return categorical_accuracy(y_true, y_pred)


@registry.register()
class SparseCategoricalAccuracy(MeanOf):
    """The share of samples whose class, given as a number, has the largest prediction.

    Args:
        name, dtype: as in `Metric`.

    Example:
        >>> SparseCategoricalAccuracy()([1, 0], [[0.2, 0.8], [0.4, 0.6]])
        Tensor(0.5, float32)
    """

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return sparse_categorical_accuracy(y_true, y_pred)


@registry.register()
class TopKCategoricalAccuracy(MeanOf):
    """The share of samples whose class, given one-hot, is among the k largest predictions.

    Args:
        k: how many.
        name, dtype: as in `Metric`.

    Example:
        >>> TopKCategoricalAccuracy(k=2)([[0, 0, 1], [0, 1, 0]], [[0.1, 0.7, 0.2], [0.6, 0.1, 0.3]])
        Tensor(0.5, float32)
    """

    def __init__(self, k: int = 5, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name, dtype)
        self.k = k

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return top_k_categorical_accuracy(y_true, y_pred, self.k)


@registry.register()
class SparseTopKCategoricalAccuracy(MeanOf):
    """The share of samples whose class, given as a number, is among the k largest predictions.

    Args:
        k: how many.
        name, dtype: as in `Metric`.
        from_sorted_ids: predictions are class numbers, the likeliest first, not scores.

    Example:
        >>> SparseTopKCategoricalAccuracy(k=2)([2, 1], [[0.1, 0.7, 0.2], [0.6, 0.1, 0.3]])
        Tensor(0.5, float32)
    """

    def __init__(self, k: int = 5, name: str | None = None, dtype: Any = None, from_sorted_ids: bool = False) -> None:
        super().__init__(name, dtype)
        self.k, self.from_sorted_ids = k, from_sorted_ids

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return sparse_top_k_categorical_accuracy(y_true, y_pred, self.k, self.from_sorted_ids)
