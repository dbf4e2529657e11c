"""Cross-entropies: how far a prediction is from the label, in nats, sample by sample.

From logits they are ops of their own, exact at any size of logit; log-probabilities are a second
result, from which backward has the probabilities. From probabilities they are made of `log`, after
clipping to [1e-7, 1 − 1e-7] as in Keras. Sums run in float32 at least, and so are the results.
"""

from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array, DTypeError, ShapeError, Tensor, composite, op
from ..native import has_kernels
from .absent import scaled, total
from .activation import sigmoid
from .casting import tensor
from .cross_entropy_native import cross_entropy_kernel
from .exponential import exp, log
from .extrema import clip
from .indexing import take_along_axis
from .precise import widened
from .shape import expand_dims

_CLIP = 1e-7


def _same_shape(who: str, prediction: Any, labels: Any) -> None:
    if prediction.shape != labels.shape:
        raise ShapeError(
            who,
            "there is one label for each predicted number",
            expected=f"labels of shape {prediction.shape}",
            received=f"labels of shape {labels.shape}",
            remedy="Reshape the labels, or one-hot encode class numbers",
        )


def _class_numbers(who: str, prediction: Any, labels: Any, axis: int) -> None:
    rest = prediction.shape[: axis % prediction.ndim] + prediction.shape[axis % prediction.ndim + 1 :]
    if labels.shape != rest:
        raise ShapeError(
            who,
            "there is one class number for each sample",
            expected=f"labels of shape {rest}",
            received=f"labels of shape {labels.shape}",
            remedy="Remove the class axis from the labels",
        )
    if not jnp.issubdtype(labels.dtype, jnp.integer):
        raise DTypeError(
            who,
            "class numbers are integers",
            expected="an integer type",
            received=labels.dtype,
            remedy="Convert with lamina.ops.cast, or use softmax_cross_entropy for one-hot labels",
        )


@op(promotes=True)
def softmax_cross_entropy_with_log(logits: Array, labels: Array, axis: int = -1) -> Any:
    """−Σ_c labels·log p along `axis`, with 0·log 0 = 0, and log p = log softmax(logits)."""
    _same_shape("softmax_cross_entropy", logits, labels)
    log_p = jax.nn.log_softmax(widened(logits), axis=axis)
    loss = -jnp.sum(jnp.where(labels == 0, 0, widened(labels) * log_p), axis=axis)
    return (loss, log_p), (labels, log_p, axis)


@softmax_cross_entropy_with_log.backward
def _(kept: Any, g: Tensor | None, g_log: Tensor | None) -> Any:
    labels, log_p, axis = kept
    p = exp(log_p)
    each = None if g is None else expand_dims(g, axis)
    return (
        total(scaled(each, p * labels.sum(axis=axis, keepdims=True) - labels), _through_log(g_log, p, axis)),
        scaled(each, -log_p),
    )


def _through_log(g_log: Tensor | None, p: Tensor, axis: int) -> Tensor | None:
    return None if g_log is None else g_log - p * g_log.sum(axis=axis, keepdims=True)


@op
def sparse_softmax_cross_entropy_with_log(logits: Array, labels: Array, axis: int = -1) -> Any:
    """−log p at the label, NaN where the label is no class, and log p = log softmax(logits)."""
    _class_numbers("sparse_softmax_cross_entropy", logits, labels, axis)
    log_p = jax.nn.log_softmax(widened(logits), axis=axis)
    classes = logits.shape[axis]
    place = jnp.expand_dims(jnp.where(labels < 0, classes, labels), axis)
    loss = -jnp.take_along_axis(log_p, place, axis, mode="fill").squeeze(axis)
    return (loss, log_p), (labels, log_p, axis)


@sparse_softmax_cross_entropy_with_log.backward
def _(kept: Any, g: Tensor | None, g_log: Tensor | None) -> Any:
    labels, log_p, axis = kept
    p = exp(log_p)
    numbers = jnp.arange(p.shape[axis]).reshape([-1 if i == axis % p.ndim else 1 for i in range(p.ndim)])
    hit = expand_dims(labels, axis) == numbers
    each = None if g is None else expand_dims(g, axis)
    return total(scaled(each, p - hit), _through_log(g_log, p, axis)), None


@op(promotes=True)
def sigmoid_cross_entropy(logits: Array, labels: Array) -> Any:
    """Binary cross-entropy of each logit z with its label t: max(z, 0) − z·t + log(1 + e^−|z|).

    That is −t log σ(z) − (1 − t) log(1 − σ(z)), exact at any size of z.

    Args:
        logits: z, any shape.
        labels: t in [0, 1], the same shape.

    Returns:
        One loss per element, in nats.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> from lamina import ops
        >>> ops.sigmoid_cross_entropy([0.0, 100.0, 100.0], [1.0, 1.0, 0.0])
        Tensor([  0.6931472, 0. , 100. ], float32)
    """
    _same_shape("sigmoid_cross_entropy", logits, labels)
    z, t = widened(logits), widened(labels)
    return jnp.maximum(z, 0) - z * t + jnp.log1p(jnp.exp(-jnp.abs(z))), (logits, labels)


@sigmoid_cross_entropy.backward
def _(kept: Any, g: Tensor) -> Any:
    logits, labels = kept
    return g * (sigmoid(logits) - labels), -(g * logits)


@composite
def softmax_cross_entropy(logits: Any, labels: Any, axis: int = -1, label_smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of softmax(logits) with a distribution over the classes: −Σ_c t_c log p_c.

    Args:
        logits: (N, ..., C).
        labels: probabilities or one-hot rows t, the same shape.
        axis: the class axis C.
        label_smoothing: ε: t becomes (1 − ε)·t + ε / C (Szegedy et al. 2015).

    Returns:
        One loss per sample, (N, ...), in nats.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> from lamina import ops
        >>> ops.softmax_cross_entropy([[0.0, 0.0], [0.0, 1000.0]], [[1.0, 0.0], [1.0, 0.0]])
        Tensor([6.931472e-01, 1.000000e+03], float32)
    """
    return softmax_cross_entropy_with_log(logits, _smoothed(labels, axis, label_smoothing), axis)[0]


def _smoothed(labels: Any, axis: int, amount: float) -> Any:
    labels = tensor(labels)
    return labels * (1.0 - amount) + amount / labels.shape[axis] if amount else labels


@composite
def sparse_softmax_cross_entropy(logits: Any, labels: Any, axis: int = -1) -> Tensor:
    """Cross-entropy of softmax(logits) with class numbers: −log p at the label.

    Args:
        logits: (N, ..., C).
        labels: integers in 0 ... C − 1, (N, ...); any other gives NaN.
        axis: the class axis C.

    Returns:
        One loss per sample, (N, ...), in nats.

    Raises:
        ShapeError: the labels' shape is not that of the samples.
        DTypeError: the labels are not integers.

    Example:
        >>> from lamina import ops
        >>> ops.sparse_softmax_cross_entropy([[0.0, 0.0], [0.0, 1000.0]], [1, 0])
        Tensor([6.931472e-01, 1.000000e+03], float32)
    """
    logits, labels = tensor(logits), tensor(labels)
    if axis % logits.ndim == logits.ndim - 1 and has_kernels(logits, many=True):
        _class_numbers("sparse_softmax_cross_entropy", logits, labels, axis)
        return cross_entropy_kernel(logits, labels)[0]
    return sparse_softmax_cross_entropy_with_log(logits, labels, axis)[0]


@composite
def binary_cross_entropy(probabilities: Any, labels: Any) -> Tensor:
    """Binary cross-entropy from probabilities: −t log p − (1 − t) log(1 − p), p clipped to [1e-7, 1 − 1e-7].

    Args:
        probabilities: p, any shape.
        labels: t in [0, 1], the same shape.

    Returns:
        One loss per element, in nats. Prefer `sigmoid_cross_entropy` where logits are at hand.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> from lamina import ops
        >>> ops.binary_cross_entropy([0.5, 0.9], [1.0, 0.0])
        Tensor([0.6931472, 2.302585 ], float32)
    """
    probabilities, labels = tensor(probabilities), tensor(labels)
    _same_shape("binary_cross_entropy", probabilities, labels)
    p = clip(probabilities, _CLIP, 1 - _CLIP)
    return -(labels * log(p)) - (1 - labels) * log(1 - p)


def _log_probabilities(probabilities: Tensor, axis: int) -> Tensor:
    return log(clip(probabilities / probabilities.sum(axis=axis, keepdims=True), _CLIP, 1 - _CLIP))


@composite
def categorical_cross_entropy(probabilities: Any, labels: Any, axis: int = -1, label_smoothing: float = 0.0) -> Tensor:
    """Cross-entropy from probabilities: −Σ_c t_c log p_c, p first scaled to sum 1 and clipped to [1e-7, 1 − 1e-7].

    Args:
        probabilities: p, (N, ..., C), not negative.
        labels, axis, label_smoothing: as in `softmax_cross_entropy`, to be preferred where logits are at hand.

    Returns:
        One loss per sample, (N, ...), in nats.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> from lamina import ops
        >>> ops.categorical_cross_entropy([[0.5, 0.5]], [[1.0, 0.0]])
        Tensor([0.6931472], float32)
    """
    probabilities, labels = tensor(probabilities), _smoothed(labels, axis, label_smoothing)
    _same_shape("categorical_cross_entropy", probabilities, labels)
    return -(labels * _log_probabilities(probabilities, axis)).sum(axis=axis)


@composite
def sparse_categorical_cross_entropy(probabilities: Any, labels: Any, axis: int = -1) -> Tensor:
    """Cross-entropy from probabilities and class numbers: −log p at the label; p as in `categorical_cross_entropy`.

    Args:
        probabilities: p, (N, ..., C), not negative.
        labels, axis: as in `sparse_softmax_cross_entropy`, to be preferred where logits are at hand.

    Returns:
        One loss per sample, (N, ...), in nats.

    Raises:
        ShapeError: the labels' shape is not that of the samples.
        DTypeError: the labels are not integers.

    Example:
        >>> from lamina import ops
        >>> ops.sparse_categorical_cross_entropy([[0.5, 0.5]], [1])
        Tensor([0.6931472], float32)
    """
    probabilities, labels = tensor(probabilities), tensor(labels)
    _class_numbers("sparse_categorical_cross_entropy", probabilities, labels, axis)
    return -take_along_axis(_log_probabilities(probabilities, axis), expand_dims(labels, axis), axis).squeeze(axis)
