"""Cross-entropies as metrics: to be watched beside another loss, or on other data."""

from typing import Any

from .. import ops
from ..core import Tensor
from ..ops.class_errors import (
    binary_crossentropy,
    categorical_crossentropy,
    class_numbers,
    sparse_categorical_crossentropy,
)
from ..ops.targets import aligned_weight, with_last_axis
from .mean import MeanOf
from .metric import functions, registry

for _function in (binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy):
    functions.add(_function, _function.__name__)


@registry.register("BinaryCrossentropy", "binary_crossentropy", "bce", "BCE")
class BinaryCrossentropy(MeanOf):
    """mean -y log p - (1 - y) log(1 - p).

    Args:
        name, dtype: as in `Metric`.
        from_logits, label_smoothing: as in the loss of this name.

    Example:
        >>> BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])
        Tensor(0.6931472, float32)
    """

    def __init__(
        self, name: str | None = None, dtype: Any = None, from_logits: bool = False, label_smoothing: float = 0.0
    ) -> None:
        super().__init__(name, dtype)
        self.from_logits, self.label_smoothing = from_logits, label_smoothing

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true, y_pred = with_last_axis("BinaryCrossentropy", y_true, y_pred)
        return binary_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing)


@registry.register("CategoricalCrossentropy", "categorical_crossentropy", "cce", "CCE")
class CategoricalCrossentropy(MeanOf):
    """mean -Σ_c y_c log p_c, labels one-hot or probabilities.

    Args:
        name, dtype: as in `Metric`.
        from_logits, label_smoothing, axis: as in the loss of this name.

    Example:
        >>> CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])
        Tensor(0.6931472, float32)
    """

    def __init__(
        self,
        name: str | None = None,
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
    ) -> None:
        super().__init__(name, dtype)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return categorical_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing, self.axis)


@registry.register("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", "scce", "SCCE")
class SparseCategoricalCrossentropy(MeanOf):
    """mean -log p at the class that the label names.

    Args:
        name, dtype: as in `Metric`.
        from_logits, ignore_class, axis: as in the loss of this name; ignored samples do not count.

    Example:
        >>> SparseCategoricalCrossentropy(ignore_class=9)([1, 9], [[0.5, 0.5], [0.9, 0.1]])
        Tensor(0.6931472, float32)
    """

    def __init__(
        self,
        name: str | None = None,
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(name, dtype)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def values(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return sparse_categorical_crossentropy(y_true, y_pred, self.from_logits, self.ignore_class, self.axis)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if self.ignore_class is not None:
            labels = class_numbers(y_true, Tensor(y_pred))
            counts = ops.cast(labels != self.ignore_class, self.dtype)
            given = 1.0 if sample_weight is None else sample_weight
            sample_weight = counts * aligned_weight(self.name, given, counts)
        super().update_state(y_true, y_pred, sample_weight)
