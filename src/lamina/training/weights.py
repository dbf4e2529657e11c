"""Class weights become row weights."""

from typing import Any

import numpy as np

from ..core import ArgumentError, DataError
from ..data import ArrayData


def weigh_classes(data: ArrayData, class_weight: dict[int, float] | None) -> ArrayData:
    """`data` with its sample weights multiplied by the weight of each row's class.

    Args:
        data: with integer labels (N,) or (N, 1), or one-hot rows, as y.
        class_weight: factor by class number; None changes nothing. Every class in y must have one.

    Raises:
        ArgumentError: a class has no weight.
        DataError: y holds no class numbers.

    Example:
        >>> weigh_classes(ArrayData(np.zeros((3, 1)), np.array([0, 1, 1])), {0: 2.0, 1: 0.5}).sample_weight
        array([2. , 0.5, 0.5], dtype=float32)
    """
    if class_weight is None:
        return data
    labels = _labels(data.y)
    missing = sorted(set(np.unique(labels).tolist()) - set(class_weight))
    if missing:
        raise ArgumentError(
            "fit",
            "class_weight must name every class in y",
            expected=f"a weight for {missing}",
            received=class_weight,
            remedy="lamina.data.class_weights(y) makes balanced ones",
        )
    table = np.zeros(max(class_weight) + 1, np.float32)
    table[list(class_weight)] = list(class_weight.values())
    factors = table[labels]
    return ArrayData(data.x, data.y, factors if data.sample_weight is None else factors * data.sample_weight)


def _labels(y: Any) -> np.ndarray:
    if isinstance(y, np.ndarray) and y.ndim == 2 and y.shape[1] > 1:
        return y.argmax(axis=1)
    if isinstance(y, np.ndarray) and np.all(y == np.round(y)) and y.size == len(y):
        return y.reshape(-1).astype(np.int64)
    raise DataError(
        "fit",
        "class_weight needs class numbers as targets",
        expected="integers (N,) or one-hot rows (N, K)",
        received=f"shape {getattr(y, 'shape', type(y).__name__)}",
        remedy="Use sample_weight for other targets",
    )
