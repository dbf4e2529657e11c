"""Cross-entropies: what a classifier minimises."""

from typing import Any

import numpy as np

from ..core import Tensor
from ..ops.class_errors import (
    binary_crossentropy,
    categorical_crossentropy,
    class_numbers,
    sparse_categorical_crossentropy,
)
from ..ops.targets import with_last_axis
from . import checks
from .loss import Loss, Shape, functions, registry

for _function in (binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy):
    functions.add(_function, _function.__name__)


@registry.register("BinaryCrossentropy", "binary_crossentropy", "bce", "BCE")
class BinaryCrossentropy(Loss):
    """-y log p - (1 - y) log(1 - p), mean over the outputs of a sample: for yes-or-no questions.

    Args:
        from_logits: whether predictions are logits (more exact) and not probabilities.
        label_smoothing: ε: y becomes (1 - ε) y + ε / 2.
        axis: axis of the outputs.
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])
        Tensor(0.6931472, float32)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true, y_pred = with_last_axis(type(self).__name__, y_true, y_pred)
        return binary_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing, self.axis)

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        who, several = type(self).__name__, len(output_shape) > 1 and output_shape[-1] != 1
        other = "Use SparseCategoricalCrossentropy for class numbers"
        checks.check_same_shape(who, y_true, output_shape, other if several else "Give the last layer 1 unit")
        small = y_true.dtype.kind in "if" and y_true.size and y_true.min() == -1 and y_true.max() == 1
        remedy = "Map the labels -1 and 1 to 0 and 1" if small else f"{other}, or divide by the largest label"
        checks.check_numbers(who, y_true, 0, 1, remedy)


@registry.register("CategoricalCrossentropy", "categorical_crossentropy", "cce", "CCE")
class CategoricalCrossentropy(Loss):
    """-Σ_c y_c log p_c for labels that are one-hot or probabilities: one class out of several.

    Args:
        from_logits: whether predictions are logits (more exact) and not probabilities.
        label_smoothing: ε: y becomes (1 - ε) y + ε / C.
        axis: the class axis C.
        reduction, name, dtype: as in `Loss`.

    Example:
        >>> CategoricalCrossentropy(from_logits=True)([[0.0, 1.0]], [[0.0, 0.0]])
        Tensor(0.6931472, float32)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return categorical_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing, self.axis)

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        who = type(self).__name__
        checks.check_same_shape(who, y_true, output_shape, "Use SparseCategoricalCrossentropy for class numbers")
        checks.check_numbers(who, y_true, 0, 1, "Use SparseCategoricalCrossentropy for class numbers")
        checks.check_distributions(who, y_true, self.axis)


@registry.register("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy", "scce", "SCCE")
class SparseCategoricalCrossentropy(Loss):
    """-log p at the class that the label names: one class out of several, without one-hot labels.

    Args:
        from_logits: whether predictions are logits (more exact) and not probabilities.
        ignore_class: label of samples that do not count, for example the void class of a segmentation.
        reduction: as in `Loss`; a mean is one over the samples that count.
        axis: the class axis C.
        name, dtype: as in `Loss`.

    Example:
        >>> SparseCategoricalCrossentropy()([1, 0], [[0.5, 0.5], [0.5, 0.5]])
        Tensor(0.6931472, float32)
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return sparse_categorical_crossentropy(y_true, y_pred, self.from_logits, self.ignore_class, self.axis)

    def mask(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        return None if self.ignore_class is None else class_numbers(y_true, y_pred) != self.ignore_class

    def check_targets(self, y_true: np.ndarray, output_shape: Shape) -> None:
        checks.check_class_numbers(type(self).__name__, y_true, output_shape, self.axis, self.ignore_class)
