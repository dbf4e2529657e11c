"""Convolution of each channel by itself: a sum of shifted products, which XLA makes one pass.

The kernel is (*K, 1, C·M): the M filters of channel c are numbers c·M ... c·M + M − 1.
"""

from collections.abc import Sequence

import jax.numpy as jnp

from ..core import Array
from .windows import Window


def forward(x: Array, kernel: Array, window: Window, groups: int) -> Array:
    """y of shape (N, H', W', C·M)."""
    weights = kernel.reshape(-1, groups, kernel.shape[-1] // groups)
    products = [tap[..., None] * w for tap, w in zip(window.taps(x, "depthwise_conv"), weights, strict=True)]
    y = sum(products[1:], products[0])
    return y.reshape(*y.shape[:-2], -1)


def input_gradient(g: Array, kernel: Array, window: Window, groups: int, sizes: Sequence[int]) -> Array:
    """∂x of shape (N, *sizes, C)."""
    g = g.reshape(*g.shape[:-1], groups, -1)
    return window.spread([(g * w).sum(-1) for w in kernel.reshape(-1, *g.shape[-2:])], sizes)


def kernel_gradient(x: Array, g: Array, window: Window, groups: int) -> Array:
    """∂kernel of shape (*K, 1, C·M)."""
    split = g.reshape(*g.shape[:-1], groups, -1)
    axes = tuple(range(x.ndim - 1))
    columns = [(tap[..., None] * split).sum(axes) for tap in window.taps(x, "depthwise_conv")]
    return jnp.stack(columns).reshape(*window.size, 1, g.shape[-1])
