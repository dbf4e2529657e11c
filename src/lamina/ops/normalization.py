"""Normalisation: values with mean 0 and variance 1 over chosen axes, then a scale γ and a shift β.

What the functions differ in is the axes over which the statistics run; for (N, H, W, C) these are
batch: N H W; layer: C; instance: H W; group: H W and the channels of a group.
"""

import math
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import lax

from ..core import Array, ShapeError, Tensor, composite, op
from ..native import has_kernels
from .absent import scaled, total
from .batch_norm_native import batch_norm_kernel
from .casting import tensor
from .creation import ones, zeros
from .extrema import maximum
from .layer_norm_native import layer_norm_kernel
from .powers import sqrt
from .precise import widened
from .shape import expand_dims

Axes = int | Sequence[int]


@op
def standardize(x: Array, axis: Axes, epsilon: float) -> Any:
    """x̂ = (x − μ) r with r = 1/√(v + ε), and the mean μ and variance v over `axis`, which keeps size 1.

    Statistics are computed in two passes, in float32 at least.

    Example:
        >>> from lamina import ops
        >>> ops.standardize([1.0, 3.0], 0, 0.0)
        (Tensor([-1., 1.], float32), Tensor([2.], float32), Tensor([1.], float32))
    """
    wide = widened(x)
    mean = jnp.mean(wide, axis, keepdims=True)
    centred = wide - mean
    variance = jnp.mean(centred * centred, axis, keepdims=True)
    normal = (centred * lax.rsqrt(variance + epsilon)).astype(x.dtype)
    return (normal, mean, variance), (normal, variance, axis, epsilon)


@standardize.backward
def _(kept: Any, g: Tensor | None, g_mean: Tensor | None, g_variance: Tensor | None) -> Any:
    normal, variance, axis, epsilon = kept
    deviation = sqrt(variance + epsilon)
    count = normal.size // variance.size
    through = None
    if g is not None:
        through = (g - g.mean(axis, keepdims=True) - normal * (g * normal).mean(axis, keepdims=True)) / deviation
    spread = scaled(g_variance, normal * deviation * (2 / count))  # dv/dx = 2 (x − μ) / m
    return total(through, spread, _share(g_mean, count, normal))


def _share(g: Tensor | None, count: int, like: Tensor) -> Tensor | None:
    """The gradient of a mean: 1/m for each of the m elements."""
    return None if g is None else g * (1 / count) + like * 0


def _standardize_where(mask: Tensor, x: Tensor, axis: Axes, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
    """`standardize` by the statistics of the places at which the mask is true; without any, μ = v = 0."""
    weight = mask.astype(widened(x.array).dtype)
    count = maximum(weight.sum(axis, keepdims=True), 1.0)
    mean = (x * weight).sum(axis, keepdims=True) / count
    centred = x - mean
    variance = (centred * centred * weight).sum(axis, keepdims=True) / count
    return (centred / sqrt(variance + epsilon)).astype(x.dtype), mean, variance


@op
def standardize_by_mean_square(x: Array, axis: Axes, epsilon: float) -> Any:
    """x̂ = x / √(s + ε), and the mean square s over `axis`, which keeps size 1."""
    wide = widened(x)
    mean_square = jnp.mean(wide * wide, axis, keepdims=True)
    normal = (wide * lax.rsqrt(mean_square + epsilon)).astype(x.dtype)
    return (normal, mean_square), (normal, mean_square, axis, epsilon)


@standardize_by_mean_square.backward
def _(kept: Any, g: Tensor | None, g_square: Tensor | None) -> Any:
    normal, mean_square, axis, epsilon = kept
    root = sqrt(mean_square + epsilon)
    through = None if g is None else (g - normal * (g * normal).mean(axis, keepdims=True)) / root
    return total(through, scaled(g_square, normal * root * (2 * mean_square.size / normal.size)))


def _scale_and_shift(normal: Tensor, gamma: Any, beta: Any, shape: Sequence[int], who: str) -> Tensor:
    """γ x̂ + β with γ and β laid out as `shape`, in x̂'s type."""
    for name, value in (("gamma", gamma), ("beta", beta)):
        if value is None:
            continue
        value = tensor(value)
        if value.size != math.prod(shape):
            raise ShapeError(
                who,
                f"{name} has one number per normalised channel",
                expected=f"{math.prod(shape)} numbers",
                received=f"shape {value.shape}",
                remedy="Check the axis argument",
            )
        value = value.reshape(tuple(shape)).astype(normal.dtype)
        normal = normal * value if name == "gamma" else normal + value
    return normal


def _on_axes(x: Tensor, axes: Sequence[int]) -> tuple[int, ...]:
    """x's shape with every size but those of `axes` set to 1."""
    return tuple(n if i in axes else 1 for i, n in enumerate(x.shape))


def _positive(axis: Axes, ndim: int, who: str) -> tuple[int, ...]:
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    if not all(-ndim <= a < ndim for a in axes):
        raise ShapeError(
            who,
            "the axis must exist",
            expected=f"{-ndim} ... {ndim - 1}",
            received=repr(axis),
            remedy="Check the axis argument and the input's shape",
        )
    return tuple(sorted(a % ndim for a in axes))


@composite
def batch_norm(
    x: Any, gamma: Any = None, beta: Any = None, axis: int = -1, epsilon: float = 1e-3, mask: Any = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalise each channel by the statistics of this batch, as in training.

    y = γ (x − μ)/√(v + ε) + β, with μ and v over all axes but `axis`.

    Args:
        x: (N, ..., C).
        gamma, beta: scale and shift, (C,); None for 1 and 0.
        axis: the channel axis C.
        epsilon: ε.
        mask: which places count in μ and v, booleans of x's shape without the channels; None for all.

    Returns:
        y of x's shape, and μ and v (biased: divided by the number of elements), each (C,), float32 or wider.

    Raises:
        ShapeError: gamma or beta do not fit.

    Example:
        >>> from lamina import ops
        >>> ops.batch_norm([[1.0], [3.0]], epsilon=0.0)[1:]
        (Tensor([2.], float32), Tensor([1.], float32))

    Reference: Ioffe and Szegedy 2015, arXiv 1502.03167.
    """
    x = tensor(x)
    (channel,) = _positive(axis, x.ndim, "batch_norm")
    others = tuple(i for i in range(x.ndim) if i != channel)

    def plain(x: Tensor, gamma: Any, beta: Any) -> tuple[Tensor, Tensor, Tensor]:
        if mask is None:
            normal, mean, variance = standardize(x, others, epsilon)
        else:
            normal, mean, variance = _standardize_where(expand_dims(mask, channel), x, others, epsilon)
        y = _scale_and_shift(normal, gamma, beta, _on_axes(x, [channel]), "batch_norm")
        return y, mean.reshape((-1,)), variance.reshape((-1,))

    weights = _weights_for_kernel(x, gamma, beta) if mask is None and channel == x.ndim - 1 else None
    return plain(x, gamma, beta) if weights is None else batch_norm_kernel(x, *weights, epsilon, plain)


def _weights_for_kernel(x: Tensor, gamma: Any, beta: Any) -> tuple[Tensor, Tensor] | None:
    """γ and β as kernels read them, one number for each of the last axis; None if kernels do not serve."""
    size = x.shape[-1:]
    if not has_kernels(x, many=True):
        return None
    weights = ones(size) if gamma is None else tensor(gamma), zeros(size) if beta is None else tensor(beta)
    return weights if all(weight.shape == size and has_kernels(weight) for weight in weights) else None


@composite
def batch_norm_inference(
    x: Any, mean: Any, variance: Any, gamma: Any = None, beta: Any = None, axis: int = -1, epsilon: float = 1e-3
) -> Tensor:
    """Normalise each channel by given statistics: y = γ (x − mean)/√(variance + ε) + β.

    Args:
        x: (N, ..., C).
        mean, variance: (C,), usually the moving averages of training.
        gamma, beta, axis, epsilon: as in `batch_norm`.

    Returns:
        y of x's shape.

    Example:
        >>> from lamina import ops
        >>> ops.batch_norm_inference([[1.0], [3.0]], [2.0], [4.0], epsilon=0.0)
        Tensor([[-0.5], [ 0.5]], float32)
    """
    x = tensor(x)
    shape = _on_axes(x, _positive(axis, x.ndim, "batch_norm_inference"))
    slope = 1 / sqrt(tensor(variance) + epsilon)
    slope = slope if gamma is None else slope * gamma
    centred = x - tensor(mean).reshape(shape)  # in the statistics' type, which may be the wider one
    return _scale_and_shift(centred, slope, beta, shape, "batch_norm_inference").astype(x.dtype)


@composite
def layer_norm(x: Any, gamma: Any = None, beta: Any = None, axis: Axes = -1, epsilon: float = 1e-3) -> Tensor:
    """Normalise each sample by itself, over the feature axes: y = γ (x − μ)/√(v + ε) + β.

    Args:
        x: (N, ..., C).
        gamma, beta: scale and shift, of the sizes of `axis`; None for 1 and 0.
        axis: the axes of μ and v.
        epsilon: ε; 1e-3 as in Keras (PyTorch: 1e-5).

    Returns:
        y of x's shape.

    Raises:
        ShapeError: gamma or beta do not fit.

    Example:
        >>> from lamina import ops
        >>> ops.layer_norm([[1.0, 3.0], [0.0, 4.0]], epsilon=0.0)
        Tensor([[-1., 1.], [-1., 1.]], float32)

    Reference: Ba, Kiros and Hinton 2016, arXiv 1607.06450.
    """
    x = tensor(x)
    axes = _positive(axis, x.ndim, "layer_norm")

    def plain(x: Tensor, gamma: Any, beta: Any) -> Tensor:
        return _scale_and_shift(standardize(x, axes, epsilon)[0], gamma, beta, _on_axes(x, axes), "layer_norm")

    weights = _weights_for_kernel(x, gamma, beta) if axes == (x.ndim - 1,) else None
    return plain(x, gamma, beta) if weights is None else layer_norm_kernel(x, *weights, epsilon, plain)


@composite
def rms_norm(x: Any, gamma: Any = None, axis: Axes = -1, epsilon: float = 1e-6) -> Tensor:
    """Divide by the root of the mean square: y = γ x/√(mean(x²) + ε).

    Args:
        x: (N, ..., C).
        gamma: scale, of the sizes of `axis`; None for 1.
        axis: the axes of the mean.
        epsilon: ε.

    Returns:
        y of x's shape.

    Example:
        >>> from lamina import ops
        >>> ops.rms_norm([1.0, 7.0], epsilon=0.0)
        Tensor([0.2, 1.4], float32)

    Reference: Zhang and Sennrich 2019, arXiv 1910.07467.
    """
    x = tensor(x)
    axes = _positive(axis, x.ndim, "rms_norm")
    normal = standardize_by_mean_square(x, axes, epsilon)[0]
    return _scale_and_shift(normal, gamma, None, _on_axes(x, axes), "rms_norm")


@composite
def group_norm(
    x: Any, groups: int = 32, gamma: Any = None, beta: Any = None, axis: int = -1, epsilon: float = 1e-3
) -> Tensor:
    """Normalise each sample over space and the channels of a group: y = γ (x − μ)/√(v + ε) + β.

    Args:
        x: (N, ..., C).
        groups: number of groups of neighbouring channels; -1 for one each, which is `instance_norm`.
        gamma, beta: scale and shift, (C,); None for 1 and 0.
        axis: the channel axis C.
        epsilon: ε; 1e-3 as in Keras (PyTorch: 1e-5).

    Returns:
        y of x's shape.

    Raises:
        ShapeError: groups does not divide the channels; gamma or beta do not fit.

    Example:
        >>> from lamina import ops
        >>> ops.group_norm([[1.0, 3.0, 0.0, 4.0]], groups=2, epsilon=0.0)
        Tensor([[-1., 1., -1., 1.]], float32)

    Reference: Wu and He 2018, arXiv 1803.08494.
    """
    x = tensor(x)
    (channel,) = _positive(axis, x.ndim, "group_norm")
    channels = x.shape[channel]
    groups = channels if groups == -1 else groups
    if channels % groups:
        raise ShapeError(
            "group_norm",
            "groups must divide the channels",
            expected=f"a divisor of {channels}",
            received=groups,
            remedy="Choose another number of groups",
        )
    split = x.reshape((*x.shape[:channel], groups, channels // groups, *x.shape[channel + 1 :]))
    axes = tuple(i for i in range(1, x.ndim + 1) if i != channel)
    normal = standardize(split, axes, epsilon)[0].reshape(x.shape)
    return _scale_and_shift(normal, gamma, beta, _on_axes(x, [channel]), "group_norm")


@composite
def instance_norm(x: Any, gamma: Any = None, beta: Any = None, axis: int = -1, epsilon: float = 1e-3) -> Tensor:
    """Normalise each channel of each sample over space: `group_norm` with one channel a group.

    Args:
        x, gamma, beta, axis, epsilon: as in `group_norm`.

    Returns:
        y of x's shape.

    Example:
        >>> from lamina import ops
        >>> ops.instance_norm([[[1.0, 0.0], [3.0, 4.0]]], epsilon=0.0)
        Tensor([[[-1., -1.], [ 1., 1.]]], float32)

    Reference: Ulyanov, Vedaldi and Lempitsky 2016, arXiv 1607.08022.
    """
    return group_norm(x, -1, gamma, beta, axis, epsilon)
