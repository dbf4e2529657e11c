"""Convolution as one matrix product: the form for CPUs without kernels, which stays fast inside compiled loops.

Each output position sees a patch of K·C numbers. With the patches as rows of a matrix P and the
kernel as a matrix W (K·C, U), the three maps are
    y = P W,    ∂W = Pᵀ g,    ∂P = g Wᵀ, whose patches are then added back to where they overlap.
"""

import math
from collections.abc import Sequence

import jax.numpy as jnp

from ..core import Array, materialize
from .products import outer_product
from .windows import Window


def patches(x: Array, window: Window) -> Array:
    """All patches of `x` (N, H, W, C), as (N, H', W', K·C) with the channels running fastest."""
    if not window.is_tiling:
        pieces = window.taps(materialize(x), "conv")
        return pieces[0] if len(pieces) == 1 else jnp.concatenate(pieces, axis=-1)
    tiles = window.tiles(x, "conv")
    return tiles.transpose(_outputs_first(tiles.ndim)).reshape(x.shape[0], *tiles.shape[1:-1:2], -1)


def add_patches(p: Array, window: Window, sizes: Sequence[int]) -> Array:
    """The adjoint of `patches`: where patches overlap, the sum."""
    if not window.is_tiling:
        return materialize(window.spread(jnp.split(p, math.prod(window.size), axis=-1), sizes))
    order = _outputs_first(2 * p.ndim - 2)
    tiles = p.reshape(*p.shape[:-1], *window.size, -1).transpose([order.index(i) for i in range(len(order))])
    return window.join(tiles, sizes)


def _outputs_first(rank: int) -> tuple[int, ...]:
    """The order of axes that turns (N, H', K, W', K, C) into (N, H', W', K, K, C)."""
    return (0, *range(1, rank - 1, 2), *range(2, rank - 1, 2), rank - 1)


def forward(x: Array, kernel: Array, window: Window, groups: int) -> Array:
    """y of shape (N, H', W', U)."""
    p = patches(x, window)
    if groups == 1:
        return p @ kernel.reshape(-1, kernel.shape[-1])
    y = jnp.einsum("...kgc,kcgu->...gu", _split_patches(p, kernel, groups), _split_kernel(kernel, groups))
    return y.reshape(*p.shape[:-1], kernel.shape[-1])


def input_gradient(g: Array, kernel: Array, window: Window, groups: int, sizes: Sequence[int]) -> Array:
    """∂x of shape (N, *sizes, C) from g (N, H', W', U)."""
    if groups == 1:
        return add_patches(g @ kernel.reshape(-1, kernel.shape[-1]).T, window, sizes)
    split = g.reshape(*g.shape[:-1], groups, -1)
    p = jnp.einsum("...gu,kcgu->...kgc", split, _split_kernel(kernel, groups))
    return add_patches(p.reshape(*g.shape[:-1], -1), window, sizes)


def kernel_gradient(x: Array, g: Array, window: Window, groups: int) -> Array:
    """∂kernel of shape (*K, C / groups, U)."""
    shape = (*window.size, x.shape[-1] // groups, g.shape[-1])
    p = patches(x, window).reshape(-1, math.prod(window.size) * x.shape[-1])
    if groups == 1:
        return outer_product(p, g.reshape(-1, g.shape[-1])).reshape(shape)
    rows = p.reshape(len(p), -1, groups, shape[-2])
    return jnp.einsum("nkgc,ngu->kcgu", rows, g.reshape(len(p), groups, -1)).reshape(shape)


def _split_patches(p: Array, kernel: Array, groups: int) -> Array:
    return p.reshape(*p.shape[:-1], -1, groups, kernel.shape[-2])


def _split_kernel(kernel: Array, groups: int) -> Array:
    return kernel.reshape(-1, kernel.shape[-2], groups, kernel.shape[-1] // groups)
