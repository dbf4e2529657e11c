"""Colour spaces and blur of channels-last images."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ..core import Tensor, composite
from .casting import as_type, tensor
from .comparison import where
from .exponential import exp
from .extrema import abs as absolute
from .extrema import clip, maximum, minimum
from .joining import concatenate, pad, stack
from .windows import per_axis


@composite
def rgb_to_grayscale(images: Any) -> Tensor:
    """Brightness as the eye sees it: 0.2989 R + 0.587 G + 0.114 B.

    Args:
        images: (..., 3); (..., 1) is grey already.

    Returns:
        (..., 1).

    Example:
        >>> from lamina import ops
        >>> ops.rgb_to_grayscale([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
        Tensor([[0.2989],
                [0.587 ]], float32)

    Reference: ITU-R BT.601, with the digits that Keras has.
    """
    images = tensor(images)
    return images if images.shape[-1] == 1 else images @ jnp.asarray([[0.2989], [0.587], [0.114]], images.dtype)


@composite
def rgb_to_hsv(images: Any) -> Tensor:
    """Hue (0 to 1 once around the colour circle), saturation (0 grey to 1 pure) and value (the largest of R, G, B).

    Args:
        images: (..., 3), R, G, B >= 0.

    Returns:
        (..., 3).

    Example:
        >>> from lamina import ops
        >>> ops.rgb_to_hsv([[0.0, 1.0, 0.0], [0.5, 0.25, 0.25]])
        Tensor([[0.333..., 1.       , 1.       ],
                [0.       , 0.5      , 0.5      ]], float32)

    Reference: Smith 1978, Color gamut transform pairs.
    """
    images = tensor(images)
    images = where(absolute(images) < float(jnp.finfo(images.dtype).eps), 0.0, images)
    r, g, b = (images[..., i] for i in range(3))
    value = maximum(maximum(r, g), b)
    spread = value - minimum(minimum(r, g), b)
    saturation = where(value > 0, spread / where(value > 0, value, 1.0), 0.0)
    scale = 1 / (6 * where(spread > 0, spread, 1.0))
    hue = where(value == g, scale * (b - r) + 2 / 6, scale * (r - g) + 4 / 6)
    hue = where(value == r, scale * (g - b), hue)
    hue = where(spread > 0, hue, 0.0) + (hue < 0).astype(images.dtype)
    return stack([hue, saturation, value], axis=-1)


@composite
def hsv_to_rgb(images: Any) -> Tensor:
    """R, G, B of hue, saturation and value; undoes `rgb_to_hsv`.

    Args:
        images: (..., 3); hues are taken modulo 1.

    Returns:
        (..., 3).

    Example:
        >>> from lamina import ops
        >>> ops.hsv_to_rgb([[0.0, 0.5, 0.5]])
        Tensor([[0.5 , 0.25, 0.25]], float32)
    """
    images = tensor(images)
    hue, saturation, value = (images[..., i : i + 1] for i in range(3))
    place = hue % 1.0 * 6
    pure = concatenate([absolute(place - 3) - 1, 2 - absolute(place - 2), 2 - absolute(place - 4)], axis=-1)
    return value * (1 - saturation + saturation * clip(pure, 0.0, 1.0))


@composite
def gaussian_blur(images: Any, kernel_size: int | Sequence[int] = 3, sigma: Any = 1.0) -> Tensor:
    """Each pixel becomes a mean of its neighbours, weighted by a bell curve; outside the image is 0.

    y[i, j] = Σ_{a, b} k_y(a) k_x(b) x[i + a, j + b],  k(a) = e^{−a²/2σ²} / Σ_a e^{−a²/2σ²}.

    Args:
        images: (N, H, W, C).
        kernel_size: (x, y) taps, odd, or one number for both.
        sigma: σ in pixels: a number, or (2,) as (x, y), or (N, 2), each image its own.

    Returns:
        (N, H, W, C).

    Example:
        >>> from lamina import ops
        >>> ops.gaussian_blur(ops.ones((1, 3, 1, 1)), (1, 3), 100.0)[0, :, 0, 0]
        Tensor([0.66667..., 1.        , 0.66667...], float32)
    """
    images = tensor(images)
    sizes = per_axis(kernel_size, 2, "gaussian_blur", "kernel_size")
    widths = as_type(sigma, images.dtype) + jnp.zeros((images.shape[0], 2), images.dtype)
    for axis, size, column in ((2, sizes[0], 0), (1, sizes[1], 1)):
        taps = jnp.arange(size, dtype=images.dtype) - (size - 1) / 2
        bell = exp(-0.5 * (taps / widths[:, column, None]) ** 2)
        images = _filter(images, bell / bell.sum(axis=1, keepdims=True), axis)
    return images


def _filter(x: Tensor, taps: Tensor, axis: int) -> Tensor:
    """x (N, H, W, C) correlated with taps (N, K) along one axis, zeros outside."""
    size, n = taps.shape[1], x.shape[axis]
    before = (size - 1) // 2
    wide = pad(x, [(before, size - 1 - before) if i == axis else (0, 0) for i in range(4)])
    parts = [wide[:, k : k + n] if axis == 1 else wide[:, :, k : k + n] for k in range(size)]
    weights = [taps[:, k, None, None, None] for k in range(size)]
    total = weights[0] * parts[0]
    for weight, part in zip(weights[1:], parts[1:], strict=True):
        total = total + weight * part
    return total
