"""Images read at other places than their pixels: the one warp behind rotation, zoom, shear and perspective."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ..core import ArgumentError, Tensor, composite
from .casting import as_type, tensor
from .comparison import where
from .indexing import take
from .joining import concatenate
from .linalg import solve
from .rounding import floor
from .shape import expand_dims

Indices = jax.Array  # int32 (N, H, W)


def _mirror(i: Indices, n: int) -> Indices:
    """Reflection at the centres of the border pixels: c b | a b c | b a."""
    return jnp.abs((i + n - 1) % max(2 * n - 2, 1) - n + 1) if n > 1 else jnp.zeros_like(i)


def _reflect(i: Indices, n: int) -> Indices:
    """Reflection at the border itself: b a | a b c | c b."""
    return jnp.minimum(i % (2 * n), 2 * n - 1 - i % (2 * n))


# Which pixel stands for one outside; "constant" is put in afterwards.
_BORDERS: dict[str, Callable[[Indices, int], Indices]] = {
    "constant": lambda i, n: jnp.clip(i, 0, n - 1),
    "nearest": lambda i, n: jnp.clip(i, 0, n - 1),
    "wrap": lambda i, n: i % n,
    "mirror": _mirror,
    "reflect": _reflect,
}


def _check(interpolation: str, fill_mode: str) -> None:
    for name, value, known in (
        ("interpolation", interpolation, ("nearest", "bilinear")),
        ("fill_mode", fill_mode, tuple(_BORDERS)),
    ):
        if value not in known:
            raise ArgumentError(
                "resample",
                f"{name} must be known",
                expected="one of " + ", ".join(known),
                received=repr(value),
                remedy="Choose one of these",
            )


def _pixels(x: Tensor, rows: Indices, columns: Indices, fill_mode: str, fill_value: float) -> Tensor:
    """(N, H, W, C): the pixels of x at whole-numbered places, inside or outside."""
    n, height, width, channels = x.shape
    fix = _BORDERS[fill_mode]
    first = jnp.arange(n, dtype=jnp.int32)[:, None, None] * height
    flat = (first + fix(rows, height)) * width + fix(columns, width)
    picked = take(x.reshape(n * height * width, channels), flat, axis=0)
    if fill_mode != "constant":
        return picked
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return where(inside[..., None], picked, Tensor(fill_value, x.dtype))


@composite
def resample(
    images: Any,
    rows: Any,
    columns: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
) -> Tensor:
    """Read images at given places: y[n, i, j] = x[n, rows[n, i, j], columns[n, i, j]], between pixels by blending.

    Args:
        images: x (N, H, W, C).
        rows, columns: float (N, H', W'), in pixels; 0 is the centre of the first pixel.
        interpolation: "bilinear" blends the four neighbours, "nearest" takes the closest.
        fill_mode: what lies outside: "constant" (`fill_value`), "nearest" (the border), "wrap" (the other side),
            "reflect" (c b a | a b c), "mirror" (c b | a b c).
        fill_value: see `fill_mode`.

    Returns:
        (N, H', W', C), of x's type. It has a gradient in the images and, if bilinear, in the places.

    Raises:
        ArgumentError: unknown interpolation or fill mode.

    Example:
        >>> from lamina import ops
        >>> image = ops.reshape([1.0, 2.0, 3.0, 4.0], (1, 2, 2, 1))
        >>> ops.resample(image, [[[0.5, 0.0]]], [[[0.5, 2.0]]])[0, 0, :, 0]
        Tensor([2.5, 0. ], float32)

    Reference: Jaderberg et al. 2015, Spatial transformer networks, arXiv 1506.02025. SciPy's `map_coordinates`
    takes one array and calls "wrap" "grid-wrap".
    """
    _check(interpolation, fill_mode)
    x, rows, columns = tensor(images), tensor(rows), tensor(columns)
    if interpolation == "nearest":
        near = [jax.lax.round(place.array).astype(jnp.int32) for place in (rows, columns)]
        return _pixels(x, near[0], near[1], fill_mode, fill_value)
    top, left = floor(rows), floor(columns)
    down, right = (expand_dims(as_type(part, x.dtype), -1) for part in (rows - top, columns - left))
    i, j = top.array.astype(jnp.int32), left.array.astype(jnp.int32)

    def row(i: Indices) -> Tensor:
        west, east = (_pixels(x, i, place, fill_mode, fill_value) for place in (j, j + 1))
        return west * (1 - right) + east * right

    return row(i) * (1 - down) + row(i + 1) * down


@composite
def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
) -> Tensor:
    """Warp each image by its own linear (or projective) map.

    The output's pixel (x, y) is read at ((a0 x + a1 y + a2)/k, (b0 x + b1 y + b2)/k), k = c0 x + c1 y + 1.

    Args:
        images: (N, H, W, C).
        transform: (N, 8), rows a0, a1, a2, b0, b1, b2, c0, c1; x runs along W, y along H, both in pixels.
        interpolation, fill_mode, fill_value: as in `resample`.

    Returns:
        (N, H, W, C).

    Example:
        >>> from lamina import ops
        >>> image = ops.reshape([1.0, 2.0, 3.0, 4.0], (1, 2, 2, 1))
        >>> ops.affine_transform(image, [[1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]])[0, :, :, 0]
        Tensor([[2., 0.],
                [4., 0.]], float32)

    Keras on JAX takes c0 = c1 = 0 for granted.
    """
    x, transform = tensor(images), tensor(transform)
    a0, a1, a2, b0, b1, b2, c0, c1 = (transform[:, i, None, None] for i in range(8))
    across = jnp.arange(x.shape[2], dtype=transform.dtype)[None, None, :]
    down = jnp.arange(x.shape[1], dtype=transform.dtype)[None, :, None]
    k = c0 * across + c1 * down + 1
    rows, columns = (b0 * across + b1 * down + b2) / k, (a0 * across + a1 * down + a2) / k
    return resample(x, rows, columns, interpolation, fill_mode, fill_value)


def _homography(start: Tensor, end: Tensor) -> Tensor:
    """(N, 8): the map of `affine_transform` that reads the points `end` at `start`, both (N, 4, 2) as (x, y).

    Each point gives two equations that are linear in the eight numbers: a·(x, y, 1) − x'(c0 x + c1 y) = x'.
    """
    one, none = jnp.ones(end.shape[:2] + (1,), end.dtype), jnp.zeros(end.shape[:2] + (3,), end.dtype)
    point = concatenate([end, one], axis=-1)
    across = concatenate([point, none, -start[..., :1] * end], axis=-1)
    down = concatenate([none, point, -start[..., 1:] * end], axis=-1)
    known = concatenate([start[..., 0], start[..., 1]], axis=1)
    return solve(concatenate([across, down], axis=1), known[..., None])[..., 0]


@composite
def perspective_transform(
    images: Any, start_points: Any, end_points: Any, interpolation: str = "bilinear", fill_value: float = 0.0
) -> Tensor:
    """Warp each image so that four points move to four others, straight lines staying straight.

    Args:
        images: (N, H, W, C).
        start_points, end_points: (N, 4, 2), each point (x, y) in pixels.
        interpolation, fill_value: as in `resample`.

    Returns:
        (N, H, W, C).

    Example:
        >>> from lamina import ops
        >>> image = ops.reshape([1.0, 2.0, 3.0, 4.0], (1, 2, 2, 1))
        >>> corners = [[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]]
        >>> swapped = [[[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0]]]
        >>> ops.round(ops.perspective_transform(image, corners, swapped)[0, :, :, 0])
        Tensor([[2., 1.],
                [4., 3.]], float32)
    """
    return affine_transform(
        images, _homography(tensor(start_points), tensor(end_points)), interpolation, "constant", fill_value
    )
