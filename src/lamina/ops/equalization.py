"""Grey values spread evenly: over a whole image, or around each pixel."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ..core import Array, op


@op
def equalize(images: Array, bins: int = 256) -> Any:
    """Values changed so that, in each channel of each image, all occur about equally often.

    A value v becomes round(255 (F(v) − F₀) / (M − F₀)): F(v) counts the pixels up to v's bin, F₀ those in the first
    bin that is not empty, M all of them. A channel with a single filled bin stays as it is.

    Args:
        images: (N, H, W, C), values in 0 ... 255.
        bins: how many values are told apart.

    Returns:
        (N, H, W, C). It has no gradient.

    Example:
        >>> from lamina import ops
        >>> ops.equalize(ops.reshape([7.0, 8.0, 9.0, 9.0], (1, 4, 1, 1)))[0, :, 0, 0]
        Tensor([  0.,  85., 255., 255.], float32)
    """
    n, height, width, channels = images.shape
    planes = jnp.moveaxis(images, -1, 1).reshape(n * channels, height * width)
    bin_of = jnp.clip((planes * (bins - 1) / 255).astype(jnp.int32), 0, bins - 1)
    plane = jnp.arange(n * channels, dtype=jnp.int32)[:, None]
    counts = jnp.zeros((n * channels, bins), jnp.int32).at[plane, bin_of].add(1)
    up_to = jnp.cumsum(counts, axis=1)
    first = jnp.min(jnp.where(up_to > 0, up_to, height * width), axis=1, keepdims=True)
    rest = height * width - first
    shares = (up_to - first).astype(jnp.float32) * 255 / jnp.maximum(rest, 1).astype(jnp.float32)
    table = jnp.clip(jnp.round(shares), 0, 255).astype(images.dtype)
    evened = jnp.where(rest > 0, jnp.take_along_axis(table, bin_of, axis=1), planes)
    return jnp.moveaxis(evened.reshape(n, channels, height, width), 1, -1), ()


@op
def equalize_tiles(images: Array, tiles: Sequence[int] = (8, 8), clip_limit: float = 4.0) -> Any:
    """Values evened out around each pixel, without making the noise of flat regions loud (CLAHE).

    The image is cut into a grid of tiles of M pixels. In each, the counts of the 256 whole values are cut at
    L = `clip_limit` · M / 256 and the excess is shared out evenly; with F the number of pixels up to v after that,

        table(v) = 255 (F(v) − F(0)) / (M − F(0))

    and a pixel becomes the bilinear mean of what the tables of the four tiles next to it say. An image that does not
    fill the grid is continued by its mirror image.

    Args:
        images: (N, H, W, C), values in 0 ... 255.
        tiles: rows and columns of the grid.
        clip_limit: 0 or less does not cut.

    Returns:
        (N, H, W, C). It has no gradient.

    Example:
        >>> from lamina import ops
        >>> ops.equalize_tiles(ops.reshape([0.0, 1.0, 1.0, 2.0], (1, 2, 2, 1)), (1, 1), 0.0)[0, :, :, 0]
        Tensor([[  0., 170.],
                [170., 255.]], float32)

    Reference: Zuiderveld 1994, Contrast limited adaptive histogram equalization, Graphics Gems IV.
    """
    _, height, width, _ = images.shape
    (rows, columns), pixels = tiles, [-(-size // count) for size, count in zip((height, width), tiles, strict=True)]
    beyond = ((0, 0), (0, rows * pixels[0] - height), (0, columns * pixels[1] - width), (0, 0))
    values = jnp.clip(jnp.pad(images, beyond, mode="symmetric"), 0, 255).astype(jnp.int32)
    wide = images.dtype if images.dtype.itemsize >= 4 else jnp.dtype(jnp.float32)
    tables = _tables(values, rows, columns, clip_limit, wide)
    values = values[:, :height, :width]
    image, channel = jnp.arange(values.shape[0])[:, None, None, None], jnp.arange(values.shape[3])
    evened = jnp.zeros(values.shape, wide)
    for row, row_share in _neighbours(height, rows, pixels[0], wide):
        for column, column_share in _neighbours(width, columns, pixels[1], wide):
            found = tables[image, row[:, None, None], column[:, None], channel, values]
            evened = evened + found * (row_share[:, None] * column_share)[..., None]
    return evened.astype(images.dtype), ()


def _tables(values: Array, rows: int, columns: int, clip_limit: float, dtype: Any) -> Array:
    """(N, rows, columns, C, 256): the new value of each value in each tile."""
    n, height, width, channels = values.shape
    image, channel = jnp.arange(n)[:, None, None, None], jnp.arange(channels)
    row, column = jnp.arange(height) // (height // rows), jnp.arange(width) // (width // columns)
    none = jnp.zeros((n, rows, columns, channels, 256), dtype)
    counts = none.at[image, row[:, None, None], column[:, None], channel, values].add(1.0)
    size = height * width / (rows * columns)
    if clip_limit > 0:
        kept = jnp.minimum(counts, clip_limit * size / 256)
        counts = kept + (counts - kept).sum(-1, keepdims=True) / 256
    up_to = jnp.cumsum(counts, axis=-1)
    first = up_to[..., :1]
    return jnp.clip((up_to - first) * 255 / jnp.where(first == size, 1.0, size - first), 0, 255)


def _neighbours(size: int, tiles: int, pixels: int, dtype: Any) -> list[tuple[Array, Array]]:
    """For each position along an axis the two tiles next to it, each with its share."""
    place = (jnp.arange(size, dtype=dtype) - pixels / 2) / pixels
    before = jnp.floor(place)
    share = place - before
    first, second = (jnp.clip(before + i, 0, tiles - 1).astype(jnp.int32) for i in (0, 1))
    return [(first, 1 - share), (second, share)]
