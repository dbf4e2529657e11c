"""What is made of convolution: transposed, depthwise and separable."""

from collections.abc import Sequence
from typing import Any

from ..core import ArgumentError, Tensor, composite
from .casting import tensor
from .convolution import conv, conv_input_gradient
from .windows import Window, per_axis


@composite
def conv_transpose(
    x: Any,
    kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Transposed convolution: the map by which `conv` sends gradients back, used forwards.

    Each input value writes a copy of the kernel, times itself, into the output; copies stand `strides` apart.
    With reach R = (K − 1)·dilation_rate + 1 and s = strides, the output has
    "valid": (H − 1)·s + max(R, s) positions, "same": H·s; with `output_padding` p
    "valid": (H − 1)·s + R + p, "same": (H − 1)·s + R mod 2 + p.

    Args:
        x: (N, H, C), (N, H, W, C) or (N, H, W, D, C).
        kernel: (K..., U, C): the kernel of a convolution from U to C channels.
        strides: output positions from one input to the next.
        padding: "valid" or "same".
        output_padding: positions added at the end of each axis; None for the sizes above.
        dilation_rate: output positions from one tap of the kernel to the next.

    Returns:
        (N, H', W', U).

    Raises:
        ShapeError: ranks or channels do not fit.
        ArgumentError: another padding.

    Example:
        >>> import numpy as np
        >>> from lamina import ops
        >>> x, kernel = np.array([1.0, 2.0]).reshape(1, 2, 1), np.array([1.0, 10.0, 100.0]).reshape(3, 1, 1)
        >>> ops.conv_transpose(x, kernel, strides=2)[0, :, 0]
        Tensor([  1.,  10., 102.,  20., 200.], float32)

    Reference: Zeiler et al. 2010, Deconvolutional networks.
    """
    x, kernel = tensor(x), tensor(kernel)
    rank = x.ndim - 2
    step = per_axis(strides, rank, "conv_transpose", "strides")
    gap = per_axis(dilation_rate, rank, "conv_transpose", "dilation_rate")
    extra = (output_padding,) * rank if output_padding is None or isinstance(output_padding, int) else output_padding
    pairs, sizes = [], []
    for n, k, s, d, p in zip(x.shape[1:-1], kernel.shape[:-2], step, gap, extra, strict=True):
        size, before = _transposed_size(n, (k - 1) * d + 1, s, padding, p)
        sizes.append(size)
        pairs.append((before, (n - 1) * s + (k - 1) * d + 1 - before - size))
    return conv_input_gradient(x, kernel, Window(kernel.shape[:-2], step, tuple(pairs), gap), tuple(sizes))


def _transposed_size(n: int, reach: int, stride: int, padding: str, extra: int | None) -> tuple[int, int]:
    """Output size of one axis, and how many positions the first window starts before it (Keras' rules)."""
    if padding == "valid":
        return (n - 1) * stride + (max(reach, stride) if extra is None else reach + extra), 0
    if padding != "same":
        raise ArgumentError(
            "conv_transpose",
            "padding is a name",
            expected="'valid' or 'same'",
            received=repr(padding),
            remedy="Choose one of these",
        )
    size = n * stride if extra is None else (n - 1) * stride + reach % 2 + extra
    surplus = size - (n - 1) * stride + reach - 2  # what a full convolution pads in all
    return size, max(reach - 1 - (surplus + 1) // 2, 0)


@composite
def depthwise_conv(
    x: Any,
    kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str | Sequence[tuple[int, int]] = "valid",
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Convolution of each channel by itself, with M filters each.

    y[n, o, c·M + m] = Σ_k x[n, o·strides + k·dilation_rate − before, c] · kernel[k, c, m].

    Args:
        x: (N, H, C), (N, H, W, C) or (N, H, W, D, C).
        kernel: (K..., C, M).
        strides, padding, dilation_rate: as in `conv`.

    Returns:
        (N, H', W', C·M).

    Raises:
        ShapeError: ranks or channels do not fit.

    Example:
        >>> import numpy as np
        >>> from lamina import ops
        >>> x = np.array([[1.0, 10.0], [2.0, 20.0]]).reshape(1, 2, 2)
        >>> ops.depthwise_conv(x, np.ones((2, 2, 1)))
        Tensor([[[ 3., 30.]]], float32)
    """
    kernel = tensor(kernel)
    *taps, channels, multiplier = kernel.shape
    flat = kernel.reshape((*taps, 1, channels * multiplier))
    return conv(x, flat, strides, padding, dilation_rate, groups=channels)


@composite
def separable_conv(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str | Sequence[tuple[int, int]] = "valid",
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """A depthwise convolution, then one of size 1 that mixes the channels.

    Args:
        x: (N, H, C), (N, H, W, C) or (N, H, W, D, C).
        depthwise_kernel: (K..., C, M).
        pointwise_kernel: (1..., C·M, U).
        strides, padding, dilation_rate: of the depthwise part, as in `conv`.

    Returns:
        (N, H', W', U).

    Example:
        >>> import numpy as np
        >>> from lamina import ops
        >>> x = np.array([[1.0, 10.0], [2.0, 20.0]]).reshape(1, 2, 2)
        >>> ops.separable_conv(x, np.ones((2, 2, 1)), np.ones((1, 2, 1)))
        Tensor([[[33.]]], float32)

    Reference: Chollet 2017, Xception, arXiv 1610.02357.
    """
    return conv(depthwise_conv(x, depthwise_kernel, strides, padding, dilation_rate), pointwise_kernel)
