"""Cross-entropies as losses and metrics take them: labels first, from logits or probabilities.

Labels may be smoothed, and a class ignored.
"""

from typing import Any

import jax.numpy as jnp

from ..core import Tensor
from .casting import cast, tensor
from .comparison import where
from .cross_entropy import (
    binary_cross_entropy,
    categorical_cross_entropy,
    sigmoid_cross_entropy,
    softmax_cross_entropy,
    sparse_categorical_cross_entropy,
    sparse_softmax_cross_entropy,
)
from .reduction import mean
from .shape import reshape
from .targets import aligned_target


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """mean -y log p - (1 - y) log(1 - p) along `axis`.

    Args:
        y_true: y in [0, 1], (..., F).
        y_pred: p in [0, 1], or logits, of the same shape.
        from_logits: whether y_pred are logits.
        label_smoothing: ε: y becomes (1 - ε) y + ε / 2.
        axis: over which the mean is taken.

    Returns:
        One loss per sample, (...), in nats.

    Example:
        >>> binary_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        Tensor([0.6931472], float32)
    """
    p = tensor(y_pred)
    y = aligned_target("binary_crossentropy", y_true, p)
    if label_smoothing:
        y = y * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return mean((sigmoid_cross_entropy if from_logits else binary_cross_entropy)(p, y), axis=axis)


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """-Σ_c y_c log p_c along `axis`.

    Args:
        y_true: y, one-hot or probabilities, (..., C).
        y_pred: p, probabilities (scaled to sum 1) or logits, of the same shape.
        from_logits: whether y_pred are logits.
        label_smoothing: ε: y becomes (1 - ε) y + ε / C.
        axis: the class axis C.

    Returns:
        One loss per sample, (...), in nats.

    Example:
        >>> categorical_crossentropy([[0.0, 1.0]], [[0.2, 0.8]])
        Tensor([0.223143], float32)
    """
    p = tensor(y_pred)
    y = aligned_target("categorical_crossentropy", y_true, p)
    entropy = softmax_cross_entropy if from_logits else categorical_cross_entropy
    return entropy(p, y, axis=axis, label_smoothing=label_smoothing)


def class_numbers(y_true: Any, y_pred: Tensor) -> Tensor:
    """Labels as integers without a last axis of size 1 beyond the predictions' other axes.

    Example:
        >>> class_numbers([[0.0], [2.0]], Tensor([[1.0, 2.0, 3.0]] * 2))
        Tensor([0, 2], int32)
    """
    labels = tensor(y_true)
    if labels.ndim == y_pred.ndim and labels.shape[-1] == 1:
        labels = reshape(labels, labels.shape[:-1])
    return labels if jnp.issubdtype(labels.dtype, jnp.integer) else cast(labels, "int32")


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Tensor:
    """-log p at the class that y names.

    Args:
        y_true: class numbers, (...) or (..., 1).
        y_pred: p, (..., C), probabilities (scaled to sum 1) or logits.
        from_logits: whether y_pred are logits.
        ignore_class: samples with this label have loss 0.
        axis: the class axis C.

    Returns:
        One loss per sample, (...), in nats.

    Example:
        >>> sparse_categorical_crossentropy([1, 0], [[0.2, 0.8], [0.5, 0.5]])
        Tensor([0.223143, 0.6931472 ], float32)
    """
    p = tensor(y_pred)
    labels = class_numbers(y_true, p)
    entropy = sparse_softmax_cross_entropy if from_logits else sparse_categorical_cross_entropy
    if ignore_class is None:
        return entropy(p, labels, axis=axis)
    counts = labels != ignore_class
    return where(counts, entropy(p, where(counts, labels, 0), axis=axis), 0.0)
