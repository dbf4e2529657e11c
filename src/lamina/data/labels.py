"""Class labels: their distinct values, their weights, and the one-hot form."""

from typing import Any

import numpy as np

from ..core import ArgumentError, DataError, DTypeError, ShapeError
from .convert import raw_array


def class_codes(y: Any, who: str) -> tuple[np.ndarray, np.ndarray]:
    """The distinct classes of `y`, sorted, and for each row the position of its class among them.

    Args:
        y: labels (N,) or (N, 1) of any type, or one-hot rows (N, K), whose classes are 0 ... K-1.
        who: the function that refuses.
    """
    labels = raw_array(y, "y", who)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    elif labels.ndim == 2 and _is_one_hot(labels):
        labels = labels.argmax(axis=1)
    if labels.ndim != 1 or labels.size == 0:
        raise ShapeError(
            who,
            "y must hold one class per row",
            expected="labels of shape (N,) or (N, 1), or one-hot rows (N, K)",
            received=f"shape {labels.shape}",
            remedy="Pass the class numbers",
        )
    classes, codes = np.unique(labels, return_inverse=True)
    return classes, codes


def _is_one_hot(rows: np.ndarray) -> bool:
    return bool(np.isin(rows, (0, 1)).all() and (rows.sum(axis=1) == 1).all())


def class_weights(y: Any) -> dict[Any, float]:
    """Weights under which every class counts the same in the loss: w_k = n / (K * n_k).

    n is the number of rows, K the number of classes that occur and n_k the number of rows of class k.

    Args:
        y: labels (N,) or (N, 1), or one-hot rows (N, K).

    Returns:
        Class to weight, as `fit(class_weight=...)` takes it; the mean over the rows is 1.

    Raises:
        ShapeError: y does not hold one class per row.

    Example:
        >>> class_weights([0, 0, 0, 1])
        {0: 0.6666666666666666, 1: 2.0}

    Reference:
        King and Zeng 2001, Logistic regression in rare events data. scikit-learn calls these weights "balanced".
    """
    classes, codes = class_codes(y, "class_weights")
    weights = len(codes) / (len(classes) * np.bincount(codes))
    return dict(zip(classes.tolist(), weights.tolist(), strict=True))


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray:
    """Class numbers to one-hot vectors: out[..., k] = 1 where x = k, else 0.

    Args:
        x: class numbers from 0, of shape (...) or (..., 1).
        num_classes: K; None is the largest number + 1.

    Returns:
        float32 array (..., K).

    Raises:
        DTypeError: x is not made of whole numbers.
        DataError: a number below 0 or not below K.
        ArgumentError: num_classes is not positive.

    Example:
        >>> to_categorical([0, 2, 1])
        array([[1., 0., 0.],
               [0., 0., 1.],
               [0., 1., 0.]], dtype=float32)

    Differs from Keras, which gives float64 and counts negative numbers from the end.
    """
    labels = _whole_numbers(x)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if num_classes is not None and num_classes < 1:
        raise ArgumentError(
            "to_categorical",
            "there must be classes",
            expected="num_classes of at least 1",
            received=num_classes,
            remedy="Leave num_classes out to count the classes of x",
        )
    classes = int(labels.max(initial=-1)) + 1 if num_classes is None else num_classes
    bad = np.flatnonzero((labels < 0) | (labels >= classes))
    if bad.size:
        row = np.unravel_index(bad[0], labels.shape)[0] if labels.ndim else 0
        raise DataError(
            "to_categorical",
            "every class number must be below the number of classes and not negative",
            expected=f"0 to {classes - 1}",
            received=f"{labels.flat[bad[0]]} in row {row}",
            remedy="Number the classes from 0, or raise num_classes",
        )
    one_hot = np.zeros((*labels.shape, classes), np.float32)
    np.put_along_axis(one_hot, labels[..., None], 1.0, axis=-1)
    return one_hot


def _whole_numbers(x: Any) -> np.ndarray:
    labels = raw_array(x, "x", "to_categorical")
    whole = labels.dtype.kind in "iub" or labels.dtype.kind == "f" and bool((labels == np.trunc(labels)).all())
    if not whole:
        raise DTypeError(
            "to_categorical",
            "x must hold class numbers",
            expected="whole numbers from 0",
            received=f"dtype {labels.dtype}",
            remedy="Number the classes first, for example with np.unique(labels, return_inverse=True)",
        )
    return labels.astype(np.int64)
