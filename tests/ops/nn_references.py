"""Convolution, pooling and their kin as loops over every output: slow, and plainly the formula."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def same_pairs(sizes: Sequence[int], reach: Sequence[int], strides: Sequence[int]) -> list[tuple[int, int]]:
    """Keras' rule for padding="same"."""
    pairs = []
    for n, r, s in zip(sizes, reach, strides, strict=True):
        total = max((math.ceil(n / s) - 1) * s + r - n, 0)
        pairs.append((total // 2, total - total // 2))
    return pairs


def geometry(sizes: Any, size: Any, strides: Any, padding: Any, dilation: Any) -> tuple[Any, Any, Any, Any]:
    """Strides, (before, after) pairs and dilation per axis, and the output sizes."""
    rank = len(sizes)
    strides = (strides,) * rank if isinstance(strides, int) else strides
    dilation = (dilation,) * rank if isinstance(dilation, int) else dilation
    reach = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    named = {"valid": [(0, 0)] * rank, "same": same_pairs(sizes, reach, strides), "causal": [(reach[0] - 1, 0)]}
    pairs = named[padding] if isinstance(padding, str) else padding
    padded = [n + sum(p) for n, p in zip(sizes, pairs, strict=True)]
    outputs = [(n - r) // s + 1 for n, r, s in zip(padded, reach, strides, strict=True)]
    return strides, pairs, dilation, outputs


def links(sizes: Any, size: Any, strides: Any, padding: Any, dilation: Any = 1) -> Iterator[tuple[Any, Any, Any]]:
    """Every (output position, tap, input position inside the input) that a sliding window joins."""
    strides, pairs, dilation, outputs = geometry(sizes, size, strides, padding, dilation)
    for o in itertools.product(*map(range, outputs)):
        for k in itertools.product(*map(range, size)):
            i = tuple(a * s + b * d - lo for a, b, s, d, (lo, _) in zip(o, k, strides, dilation, pairs, strict=True))
            if all(0 <= p < n for p, n in zip(i, sizes, strict=True)):
                yield o, k, i


def conv(x: Any, kernel: Any, strides: Any = 1, padding: Any = "valid", dilation_rate: Any = 1, groups: int = 1) -> Any:
    taps, sizes = kernel.shape[:-2], x.shape[1:-1]
    outputs = geometry(sizes, taps, strides, padding, dilation_rate)[3]
    y = np.zeros((len(x), *outputs, kernel.shape[-1]))
    depth, width = kernel.shape[-2], kernel.shape[-1] // groups
    for o, k, i in links(sizes, taps, strides, padding, dilation_rate):
        for group in range(groups):
            c, u = slice(group * depth, (group + 1) * depth), slice(group * width, (group + 1) * width)
            y[:, *o, u] += x[:, *i, c] @ kernel[*k, :, u]
    return y


def conv_by_lax(
    x: Any, kernel: Any, strides: Any = 1, padding: Any = "valid", dilation_rate: Any = 1, groups: int = 1
) -> Any:
    strides, pairs, dilation, _ = geometry(x.shape[1:-1], kernel.shape[:-2], strides, padding, dilation_rate)
    space = "HWD"[: x.ndim - 2]
    layout = (f"N{space}C", f"{space}IO", f"N{space}C")
    return jax.lax.conv_general_dilated(
        x, kernel, strides, pairs, None, dilation, dimension_numbers=layout, feature_group_count=groups
    )


def conv_transpose(
    x: Any, kernel: Any, strides: Any = 1, padding: str = "valid", output_padding: Any = None, dilation_rate: Any = 1
) -> Any:
    """Each input value writes the kernel into a long output, of which Keras' rules then keep a part."""
    rank = x.ndim - 2
    steps = (strides,) * rank if isinstance(strides, int) else strides
    gaps = (dilation_rate,) * rank if isinstance(dilation_rate, int) else dilation_rate
    extras = output_padding if isinstance(output_padding, tuple) else (output_padding,) * rank
    reach = [(k - 1) * d + 1 for k, d in zip(kernel.shape[:-2], gaps, strict=True)]
    room = [(n - 1) * s + 3 * r + 3 * s for n, s, r in zip(x.shape[1:-1], steps, reach, strict=True)]
    y = np.zeros((len(x), *room, kernel.shape[-2]))
    for i in itertools.product(*map(range, x.shape[1:-1])):
        for k in itertools.product(*map(range, kernel.shape[:-2])):
            o = tuple(a * s + b * d for a, b, s, d in zip(i, k, steps, gaps, strict=True))
            y[:, *o] += x[:, *i] @ kernel[*k].T
    kept = []
    for n, s, r, extra in zip(x.shape[1:-1], steps, reach, extras, strict=True):
        full = (n - 1) * s + r  # where the copies of the kernel end
        if padding == "valid":
            kept.append(slice(0, (n - 1) * s + max(r, s) if extra is None else full + extra))
        else:  # as many positions are cut off in front as behind, or one less
            size = n * s if extra is None else (n - 1) * s + r % 2 + extra
            front = (full - size) // 2 if full > size else 0
            kept.append(slice(front, front + size))
    return y[:, *kept]


def depthwise_conv(x: Any, kernel: Any, **settings: Any) -> Any:
    channels = [conv(x[..., c : c + 1], kernel[..., c : c + 1, :], **settings) for c in range(x.shape[-1])]
    return np.concatenate(channels, axis=-1)


def separable_conv(x: Any, depthwise_kernel: Any, pointwise_kernel: Any, **settings: Any) -> Any:
    return conv(depthwise_conv(x, depthwise_kernel, **settings), pointwise_kernel)


def pooled(
    x: Any, pool_size: Any, strides: Any, padding: Any, reduce: Callable[[Any], Any] = lambda values: np.max(values, 0)
) -> Any:
    """`reduce` over the values that each window sees inside the input."""
    rank = x.ndim - 2
    size = (pool_size,) * rank if isinstance(pool_size, int) else pool_size
    strides = size if strides is None else strides
    seen: dict[Any, list[Any]] = {}
    for o, _, i in links(x.shape[1:-1], size, strides, padding):
        seen.setdefault(o, []).append(x[:, *i])
    y = np.zeros((len(x), *geometry(x.shape[1:-1], size, strides, padding, 1)[3], x.shape[-1]))
    for o, values in seen.items():
        y[:, *o] = reduce(np.stack(values))
    return y


def max_pool(x: Any, pool_size: Any, strides: Any = None, padding: Any = "valid") -> Any:
    return pooled(x, pool_size, strides, padding)


def average_pool(
    x: Any, pool_size: Any, strides: Any = None, padding: Any = "valid", count_include_pad: bool = False
) -> Any:
    taps = pool_size ** (x.ndim - 2) if isinstance(pool_size, int) else math.prod(pool_size)
    divide_by_taps = lambda values: values.sum(0) / taps  # noqa: E731
    return pooled(x, pool_size, strides, padding, divide_by_taps if count_include_pad else lambda v: v.mean(0))


def adaptive_pool(x: Any, output_size: Any, reduce: Callable[..., Any]) -> Any:
    """`reduce` over windows whose ends are rounded outwards from equal shares of each axis, in exact fractions."""
    outputs = (output_size,) * (x.ndim - 2) if isinstance(output_size, int) else tuple(output_size)
    y = np.zeros((len(x), *outputs, x.shape[-1]))
    for place in np.ndindex(outputs):
        shares = [Fraction(n, m) for n, m in zip(x.shape[1:-1], outputs, strict=True)]
        ends = [(math.floor(i * share), math.ceil((i + 1) * share)) for i, share in zip(place, shares, strict=True)]
        y[:, *place] = reduce(x[:, *(slice(*end) for end in ends)], axis=tuple(range(1, x.ndim - 1)))
    return y


def standardize(x: Any, axis: Any, epsilon: float) -> Any:
    """In NumPy or JAX, whichever x belongs to."""
    np_ = jnp if isinstance(x, jax.Array) else np
    mean = np_.mean(x, axis, keepdims=True)
    variance = np_.mean((x - mean) ** 2, axis, keepdims=True)
    return (x - mean) / np_.sqrt(variance + epsilon), mean, variance


def batch_norm(x: Any, gamma: Any, beta: Any, axis: int = -1, epsilon: float = 1e-3) -> Any:
    others = tuple(i for i in range(x.ndim) if i != axis % x.ndim)
    shape = [-1 if i == axis % x.ndim else 1 for i in range(x.ndim)]
    normal, mean, variance = standardize(x, others, epsilon)
    return normal * gamma.reshape(shape) + beta.reshape(shape), mean.reshape(-1), variance.reshape(-1)


def batch_norm_inference(
    x: Any, mean: Any, variance: Any, gamma: Any, beta: Any, axis: int = -1, epsilon: float = 1e-3
) -> Any:
    shape = [-1 if i == axis % x.ndim else 1 for i in range(x.ndim)]
    mean, variance, gamma, beta = (v.reshape(shape) for v in (mean, variance, gamma, beta))
    return gamma * (x - mean) / (variance + epsilon) ** 0.5 + beta


def layer_norm(x: Any, gamma: Any, beta: Any, axis: Any = -1, epsilon: float = 1e-3) -> Any:
    return standardize(x, axis, epsilon)[0] * gamma + beta


def rms_norm(x: Any, gamma: Any, axis: Any = -1, epsilon: float = 1e-6) -> Any:
    return x / ((x * x).mean(axis, keepdims=True) + epsilon) ** 0.5 * gamma


def group_norm(x: Any, gamma: Any, beta: Any, groups: int, epsilon: float = 1e-3) -> Any:
    """Channels last; one standardization per sample and group."""
    np_ = jnp if isinstance(x, jax.Array) else np
    parts = np_.split(x, groups, axis=-1)
    axes = tuple(range(1, x.ndim))
    return np_.concatenate([standardize(p, axes, epsilon)[0] for p in parts], axis=-1) * gamma + beta
