"""Convolution by kernels: over one or two axes, without groups, without writing patches."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import Array
from ..native import has_kernels, run_kernel
from . import conv_patches
from .windows import Window

_MOST_SUMS = 2**19  # numbers in which parts of a kernel's gradient are kept before they are added up
_LARGE = 2**18  # numbers in a kernel whose gradient is better one product of patches


def serves(x: Any, y: Any, window: Window, groups: int) -> bool:
    """Whether kernels do convolutions with these two arrays, of which one may be the convolution's kernel.

    A window of one tap in steps of one, which copies nothing, stays a matrix product.
    """
    plain = math.prod(window.size) == math.prod(window.strides) == 1 and not any(map(any, window.padding))
    return len(window.size) < 3 and groups == 1 and not plain and has_kernels(x, y)


def _settings(window: Window) -> dict[str, Any]:
    """Strides, dilation and what is padded before, of rows and columns."""
    before = [lo for lo, _ in window.padding]
    pairs = [(fill, *own)[-2:] for fill, own in ((1, window.strides), (1, window.dilation), (0, before))]
    return {"window": np.array(pairs, np.int64).reshape(-1)}


def _of_rows(shape: tuple[int, ...], first: int = 1) -> tuple[int, ...]:
    """With one spatial axis, that of a single row; the first spatial axis is `first`."""
    return shape if len(shape) == 4 else (*shape[:first], 1, *shape[first:])


def _rows_too(x: Array, first: int = 1) -> Array:
    return x.reshape(_of_rows(x.shape, first))


def forward(x: Array, kernel: Array, window: Window, groups: int) -> Array:
    """y of shape (N, H', W', U)."""
    shape = (x.shape[0], *window.outputs(x.shape[1:-1], "conv"), kernel.shape[-1])
    inputs = _rows_too(x), _rows_too(kernel, 0)
    return run_kernel("convolve", [_of_rows(shape)], *inputs, **_settings(window))[0].reshape(shape)


def input_gradient(g: Array, kernel: Array, window: Window, groups: int, sizes: Sequence[int]) -> Array:
    """∂x of shape (N, *sizes, C) from g (N, H', W', U)."""
    shape = (g.shape[0], *sizes, kernel.shape[-2])
    inputs = _rows_too(g), _rows_too(kernel, 0)
    return run_kernel("convolve_input_pull", [_of_rows(shape)], *inputs, **_settings(window))[0].reshape(shape)


def kernel_gradient(x: Array, g: Array, window: Window, groups: int) -> Array:
    """∂kernel of shape (*K, C, U)."""
    shape = (*window.size, x.shape[-1], g.shape[-1])
    size = math.prod(shape)
    if size > _LARGE:
        return conv_patches.kernel_gradient(x, g, window, groups)
    parts = max(1, min(x.shape[0], _MOST_SUMS // size))
    shapes = [_of_rows(shape, 0), (parts, size)]
    return run_kernel("convolve_kernel_pull", shapes, _rows_too(x), _rows_too(g), **_settings(window))[0].reshape(shape)
