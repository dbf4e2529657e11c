"""Convolution, channels last, over one to three spatial axes.

Convolution is linear in its input and in its kernel, so it comes with two adjoints, and the
three maps are each other's backward rules: no derivative of any order leaves this file.
"""

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import jax

from ..core import Array, ShapeError, Tensor, op
from . import conv_depthwise, conv_native, conv_patches, conv_xla
from .windows import Window, make_window

_native: ContextVar[bool | None] = ContextVar("native_convolution", default=None)


def use_native_convolution() -> bool:
    """Whether convolutions become XLA's own instruction; by default everywhere but on CPUs.

    On a CPU that instruction is up to ten times slower inside a compiled loop than outside.

    Example:
        >>> with native_convolution(False):
        ...     use_native_convolution()
        False
    """
    chosen = _native.get()
    return jax.default_backend() != "cpu" if chosen is None else chosen


@contextlib.contextmanager
def native_convolution(on: bool) -> Iterator[None]:
    """Choose the form of the convolutions that are traced inside the block.

    Example:
        >>> with native_convolution(True):
        ...     use_native_convolution()
        True
    """
    token = _native.set(on)
    try:
        yield
    finally:
        _native.reset(token)


def _arithmetic(x: Array, y: Array, depth: int, window: Window, groups: int) -> ModuleType:
    """The file that does the work of two arrays, for kernels (*K, depth, U)."""
    if use_native_convolution():
        return conv_xla
    if groups > 1 and depth == 1:
        return conv_depthwise
    return conv_native if conv_native.serves(x, y, window, groups) else conv_patches


@op(promotes=True)
def conv(
    x: Array,
    kernel: Array,
    strides: int | Sequence[int] = 1,
    padding: str | Sequence[tuple[int, int]] = "valid",
    dilation_rate: int | Sequence[int] = 1,
    groups: int = 1,
) -> Any:
    """Convolution over the spatial axes.

    y[n, o, u] = Σ_{k,c} x[n, o·strides + k·dilation_rate − before, c] · kernel[k, c, u], where positions
    outside x count as 0. (As in every framework this is the cross-correlation of mathematics: the
    kernel is not mirrored.)

    Args:
        x: (N, H, C), (N, H, W, C) or (N, H, W, D, C).
        kernel: (K..., C / groups, U), U filters.
        strides: input positions from one output to the next.
        padding: "valid": none; "same": outputs = ceil(inputs / strides); "causal" (one axis): all
            before, so that no output sees the future; or one (before, after) pair per axis.
        dilation_rate: input positions from one tap of the kernel to the next.
        groups: channels and filters are cut into this many groups, each convolved by itself.

    Returns:
        (N, H', W', U).

    Raises:
        ShapeError: ranks or channels do not fit, or the kernel is larger than the padded input.

    Example:
        >>> import numpy as np
        >>> from lamina import ops
        >>> x = np.arange(4.0).reshape(1, 4, 1)
        >>> ops.conv(x, np.array([-1.0, 1.0]).reshape(2, 1, 1))[0, :, 0]
        Tensor([1., 1., 1.], float32)

    Reference: Dumoulin and Visin 2016, A guide to convolution arithmetic, arXiv 1603.07285.
    """
    _check(x, kernel, groups)
    window = make_window(x.shape[1:-1], kernel.shape[:-2], strides, padding, dilation_rate, "conv")
    window.outputs(x.shape[1:-1], "conv")
    y = _arithmetic(x, kernel, kernel.shape[-2], window, groups).forward(x, kernel, window, groups)
    return y, (x, kernel, window, groups)


@conv.backward
def _(kept: Any, g: Tensor) -> Any:
    x, kernel, window, groups = kept
    return (
        conv_input_gradient(g, kernel, window, x.shape[1:-1], groups),
        conv_kernel_gradient(x, g, window, groups),
    )


@op
def conv_input_gradient(g: Array, kernel: Array, window: Window, sizes: Sequence[int], groups: int = 1) -> Any:
    """The adjoint of `conv` in x: from g (N, H', W', U) to (N, *sizes, C)."""
    x = _arithmetic(g, kernel, kernel.shape[-2], window, groups).input_gradient(g, kernel, window, groups, sizes)
    return x, (g, kernel, window, groups)


@conv_input_gradient.backward
def _(kept: Any, h: Tensor) -> Any:
    g, kernel, window, groups = kept
    return (
        conv(h, kernel, window.strides, window.padding, window.dilation, groups),
        conv_kernel_gradient(h, g, window, groups),
    )


@op
def conv_kernel_gradient(x: Array, g: Array, window: Window, groups: int = 1) -> Any:
    """The adjoint of `conv` in the kernel: from x and g (N, H', W', U) to (K..., C / groups, U)."""
    kernel = _arithmetic(x, g, x.shape[-1] // groups, window, groups).kernel_gradient(x, g, window, groups)
    return kernel, (x, g, window, groups)


@conv_kernel_gradient.backward
def _(kept: Any, h: Tensor) -> Any:
    x, g, window, groups = kept
    return (
        conv_input_gradient(g, h, window, x.shape[1:-1], groups),
        conv(x, h, window.strides, window.padding, window.dilation, groups),
    )


def _check(x: Array, kernel: Array, groups: int) -> None:
    if not 3 <= x.ndim <= 5 or kernel.ndim != x.ndim:
        raise ShapeError(
            "conv",
            "input and kernel have one to three spatial axes, the same number",
            expected="x (N, H, W, C) and kernel (KH, KW, C, U), or one spatial axis less or more",
            received=f"x {x.shape} and kernel {kernel.shape}",
            remedy="Add the missing axis; a grey image needs a channel axis of size 1",
        )
    if x.shape[-1] != kernel.shape[-2] * groups or kernel.shape[-1] % groups:
        raise ShapeError(
            "conv",
            "channels = kernel depth x groups, and groups divides the filters",
            expected=f"{kernel.shape[-2]} x {groups} channels and filters that are a multiple of {groups}",
            received=f"{x.shape[-1]} channels and {kernel.shape[-1]} filters",
            remedy="Check that x is channels last, and the number of groups",
        )
