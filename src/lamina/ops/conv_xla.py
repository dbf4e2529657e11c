"""Convolution by XLA's own instruction: the form for GPU and TPU, whose libraries are made for it.

The three maps are all the same instruction. With s strides, d dilation, K taps and output size n':
- forward slides the kernel over x;
- the input gradient slides the mirrored kernel over g, whose elements stand s apart;
- the kernel gradient slides g, whose elements stand s apart, over x in steps of d.
"""

from collections.abc import Sequence

import jax.numpy as jnp
from jax import lax

from ..core import Array
from .windows import Window

SPACE = "HWD"


def _layout(rank: int, lhs: str = "N{}C", rhs: str = "{}IO", out: str = "N{}C") -> tuple[str, str, str]:
    return lhs.format(SPACE[:rank]), rhs.format(SPACE[:rank]), out.format(SPACE[:rank])


def forward(x: Array, kernel: Array, window: Window, groups: int) -> Array:
    """y of shape (N, H', W', U)."""
    return lax.conv_general_dilated(
        x,
        kernel,
        window.strides,
        window.padding,
        rhs_dilation=window.dilation,
        dimension_numbers=_layout(len(window.size)),
        feature_group_count=groups,
    )


def input_gradient(g: Array, kernel: Array, window: Window, groups: int, sizes: Sequence[int]) -> Array:
    """∂x of shape (N, *sizes, C) from g (N, H', W', U)."""
    rank, (*taps, depth, filters) = len(window.size), kernel.shape
    mirrored = jnp.flip(kernel, tuple(range(rank))).reshape(*taps, depth, groups, filters // groups)
    mirrored = mirrored.swapaxes(-1, -3).reshape(*taps, filters // groups, groups * depth)
    padding = []
    for n, m, r, s, (lo, _) in zip(sizes, g.shape[1:-1], window.reach, window.strides, window.padding, strict=True):
        padding.append((r - 1 - lo, n + lo - (m - 1) * s - 1))
    return lax.conv_general_dilated(
        g,
        mirrored,
        (1,) * rank,
        padding,
        lhs_dilation=window.strides,
        rhs_dilation=window.dilation,
        dimension_numbers=_layout(rank),
        feature_group_count=groups,
    )


def kernel_gradient(x: Array, g: Array, window: Window, groups: int) -> Array:
    """∂kernel of shape (*K, C / groups, U): the batch is what is summed over."""
    padding = []
    for n, m, r, s, (lo, _) in zip(
        x.shape[1:-1], g.shape[1:-1], window.reach, window.strides, window.padding, strict=True
    ):
        padding.append((lo, r + (m - 1) * s - n - lo))
    return lax.conv_general_dilated(
        x,
        g,
        window.dilation,
        padding,
        rhs_dilation=window.strides,
        dimension_numbers=_layout(len(window.size), "C{}N", "I{}O", "{}NC"),
        batch_group_count=groups,
    )
