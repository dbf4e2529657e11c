"""Images made larger or smaller along the spatial axes, channels last: values repeated, or blended by a kernel."""

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import ArgumentError, Array, Tensor, composite, op
from .casting import tensor
from .indexing import take
from .windows import per_axis


@op
def upsample_nearest(x: Array, size: Sequence[int]) -> Any:
    """Each value repeated size[i] times along spatial axis i: (N, H, W, C) to (N, H·size[0], W·size[1], C)."""
    split = [m for n in x.shape[1:-1] for m in (n, 1)]
    full = [m for n, k in zip(x.shape[1:-1], size, strict=True) for m in (n, k)]
    larger = [n * k for n, k in zip(x.shape[1:-1], size, strict=True)]
    y = jnp.broadcast_to(x.reshape(x.shape[0], *split, x.shape[-1]), (x.shape[0], *full, x.shape[-1]))
    return y.reshape(x.shape[0], *larger, x.shape[-1]), ((x.shape[0], *full, x.shape[-1]),)


@upsample_nearest.backward
def _(kept: Any, g: Tensor) -> Tensor:
    (full,) = kept
    return g.reshape(full).sum(axis=tuple(range(2, len(full) - 1, 2)))


def _triangle(t: np.ndarray) -> np.ndarray:
    return np.maximum(1 - np.abs(t), 0)


def _cubic(t: np.ndarray) -> np.ndarray:
    """Keys 1981, with a = −1/2."""
    t = np.abs(t)
    near, far = (1.5 * t - 2.5) * t * t + 1, ((-0.5 * t + 2.5) * t - 4) * t + 2
    return np.where(t < 1, near, np.where(t < 2, far, 0))


def _lanczos(radius: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda t: np.where(np.abs(t) < radius, np.sinc(t) * np.sinc(t / radius), 0)


_KERNELS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}


def _kernel_weights(n: int, m: int, interpolation: str, antialias: bool) -> np.ndarray:
    """(n, m): how much each old position gives to each new one; pixels are squares, cut at the border."""
    width = max(n / m, 1.0) if antialias else 1.0
    centres = (np.arange(m) + 0.5) * n / m - 0.5
    weights = _KERNELS[interpolation]((centres - np.arange(n)[:, None]) / width)
    return weights / weights.sum(0)


def _area_weights(n: int, m: int) -> np.ndarray:
    """(n, m): the share of each new pixel's square that each old one covers."""
    old, new = np.arange(n)[:, None], np.arange(m) * n / m
    overlap = np.minimum(old + 1, new + n / m) - np.maximum(old, new)
    return np.maximum(overlap, 0) * m / n


@composite
def resize(x: Any, size: int | Sequence[int], interpolation: str = "bilinear", antialias: bool = False) -> Tensor:
    """Bring each spatial axis to a new size.

    y_o = Σ_i k((s_o − i)/w) x_i / Σ_i k((s_o − i)/w), s_o = (o + ½)·n/m − ½, axis by axis, from n to m positions;
    w = max(n/m, 1) with `antialias`, else 1.

    Args:
        x: (N, H, C), (N, H, W, C) or (N, H, W, D, C).
        size: m, for all spatial axes or one each.
        interpolation: "nearest"; "bilinear", "bicubic", "lanczos3" and "lanczos5" name the kernel k; "area" is
            the mean over the square that a new pixel covers.
        antialias: widen the kernel when the image is made smaller, so that no pixel is overlooked.

    Returns:
        (N, *size, C), of x's type.

    Raises:
        ArgumentError: an unknown interpolation, or a size below 1.

    Example:
        >>> from lamina import ops
        >>> ops.resize([[[1.0], [3.0]]], 4)[0, :, 0], ops.resize([[[1.0], [3.0], [5.0]]], 1, "area")[0, :, 0]
        (Tensor([1. , 1.5, 2.5, 3. ], float32), Tensor([3.], float32))

    Reference: Keys 1981, Cubic convolution interpolation; Duchon 1979 (Lanczos). Keras on JAX has no "area".
    """
    x = tensor(x)
    sizes = per_axis(size, x.ndim - 2, "resize", "size")
    if interpolation not in (known := ("nearest", "area", *_KERNELS)):
        raise ArgumentError(
            "resize",
            "the interpolation must be known",
            expected="one of " + ", ".join(known),
            received=repr(interpolation),
            remedy="Choose one of these",
        )
    for axis, m in enumerate(sizes, start=1):
        n = x.shape[axis]
        if interpolation == "nearest":
            x = take(x, ((2 * np.arange(m) + 1) * n) // (2 * m), axis)
        elif n != m:
            area = interpolation == "area"
            weights = _area_weights(n, m) if area else _kernel_weights(n, m, interpolation, antialias)
            x = (x.swapaxes(axis, -1) @ jnp.asarray(weights, x.dtype)).swapaxes(axis, -1)
    return x


@composite
def upsample(x: Any, size: int | Sequence[int] = 2, interpolation: str = "nearest") -> Tensor:
    """Enlarge each spatial axis by a whole factor.

    Args:
        x: (N, H, C), (N, H, W, C) or (N, H, W, D, C).
        size: the factor, for all spatial axes or one each.
        interpolation: "nearest" repeats values; "bilinear", "bicubic", "lanczos3" and "lanczos5" blend
            the neighbours y_o = Σ_i k(s_o − i) x_i / Σ_i k(s_o − i) at s_o = (o + ½)/size − ½, axis by axis.

    Returns:
        (N, H·size, W·size, C).

    Raises:
        ArgumentError: an unknown interpolation, or a factor below 1.

    Example:
        >>> from lamina import ops
        >>> ops.upsample([[[1.0], [3.0]]], 2)[0, :, 0], ops.upsample([[[1.0], [3.0]]], 2, "bilinear")[0, :, 0]
        (Tensor([1., 1., 3., 3.], float32), Tensor([1. , 1.5, 2.5, 3. ], float32))

    Reference: Keys 1981, Cubic convolution interpolation; Duchon 1979 (Lanczos).
    """
    x = tensor(x)
    factors = per_axis(size, x.ndim - 2, "upsample", "size")
    if interpolation == "nearest":
        return upsample_nearest(x, factors)
    return resize(x, [n * k for n, k in zip(x.shape[1:-1], factors, strict=True)], interpolation)
