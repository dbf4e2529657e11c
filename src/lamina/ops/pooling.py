"""Pooling, channels last, over one to three spatial axes: the largest or the mean value of each window."""

import math
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import Array, ShapeError, Tensor, composite, is_float, materialize, op
from .casting import tensor
from .windows import Window, make_window, per_axis

Sizes = Sequence[int]


def _pool_window(sizes: Sizes, pool_size: Any, strides: Any, padding: Any, who: str) -> Window:
    if not 1 <= len(sizes) <= 3:
        raise ShapeError(
            who,
            "the input has one to three spatial axes",
            expected="(N, H, C), (N, H, W, C) or (N, H, W, D, C)",
            received=f"{len(sizes) + 2} axes",
            remedy="Add the missing axis; a grey image needs a channel axis of size 1",
        )
    size = per_axis(pool_size, len(sizes), who, "pool_size")
    return make_window(sizes, size, size if strides is None else strides, padding, 1, who)


@op
def max_pool_with_winners(x: Array, window: Window) -> Any:
    """The largest value in each window, and which tap it is; among equals the first tap wins."""
    lowest = -jnp.inf if is_float(x.dtype) else jnp.iinfo(x.dtype).min
    first, *others = window.taps(x, "max_pool", fill=lowest)
    small = len(others) < 256  # the number of the tap fits into a byte
    largest, winner = first, jnp.zeros(first.shape, jnp.uint8 if small else jnp.int32)
    for number, tap in enumerate(others, start=1):
        better = (tap > largest) | (tap != tap)  # a NaN wins, and stays
        winner = jnp.where(better, jnp.asarray(number, winner.dtype), winner)
        largest = jnp.maximum(largest, tap)
    largest, winner = materialize(largest), materialize(winner)
    return (largest, winner), (winner, window, x.shape[1:-1])


@max_pool_with_winners.backward
def _(kept: Any, g: Tensor, _winner: None) -> Any:
    winner, window, sizes = kept
    return give_to_winners(g, winner, window, sizes)


@op
def give_to_winners(g: Array, winner: Array, window: Window, sizes: Sizes) -> Any:
    """Each window's value, given to the input position that won it: (N, H', W', C) to (N, *sizes, C)."""
    if window.is_tiling:
        taps = jnp.arange(math.prod(window.size), dtype=winner.dtype)
        x = jnp.where(_stretch(winner, window) == _tile_taps(taps, window), _stretch(g, window), 0)
        return window.join(x, sizes), (winner, window)
    pieces = [jnp.where(winner == number, g, 0) for number in range(math.prod(window.size))]
    return window.spread(pieces, sizes), (winner, window)


@give_to_winners.backward
def _(kept: Any, h: Tensor) -> Any:
    return take_from_winners(h, *kept), None


@op
def take_from_winners(x: Array, winner: Array, window: Window) -> Any:
    """The value at each window's winner: the adjoint of `give_to_winners`."""
    taps = window.taps(x, "max_pool")
    value = sum((jnp.where(winner == n, tap, 0) for n, tap in enumerate(taps)), jnp.zeros_like(taps[0]))
    return value, (winner, window, x.shape[1:-1])


@take_from_winners.backward
def _(kept: Any, h: Tensor) -> Any:
    return give_to_winners(h, *kept), None


@op
def window_sum(x: Array, window: Window) -> Any:
    """Sum over each window; padding counts as 0."""
    first, *others = window.taps(x, "average_pool")
    return sum(others, first), (window, x.shape[1:-1])


@window_sum.backward
def _(kept: Any, g: Tensor) -> Any:
    return give_to_all(g, *kept)


@op
def give_to_all(g: Array, window: Window, sizes: Sizes) -> Any:
    """Each window's value, given to all its positions: the adjoint of `window_sum`."""
    if window.is_tiling:
        return window.join(jnp.broadcast_to(_stretch(g, window), _tiled(g, window)), sizes), (window,)
    return window.spread([g] * math.prod(window.size), sizes), (window,)


@give_to_all.backward
def _(kept: Any, h: Tensor) -> Any:
    return window_sum(h, *kept)


# Windows that touch without overlap: position p of an axis is tap p % K of window p // K, so the
# spatial axes are written as pairs (H', K).
def _stretch(g: Array, window: Window) -> Array:
    return jnp.expand_dims(g, tuple(range(2, 2 * len(window.size) + 1, 2)))


def _tiled(g: Array, window: Window) -> tuple[int, ...]:
    pairs = zip(g.shape[1:-1], window.size, strict=True)
    return (g.shape[0], *(m for pair in pairs for m in pair), g.shape[-1])


def _tile_taps(taps: Array, window: Window) -> Array:
    return taps.reshape(1, *(m for k in window.size for m in (1, k)), 1)


@composite
def max_pool(
    x: Any,
    pool_size: int | Sizes,
    strides: int | Sizes | None = None,
    padding: str | Sequence[tuple[int, int]] = "valid",
) -> Tensor:
    """The largest value in each window: y[n, o, c] = max_k x[n, o·strides + k − before, c].

    The gradient of a window goes to its largest element, to the first in order of the axes when several
    are equal (as in Keras and PyTorch). Padding never wins.

    Args:
        x: (N, H, C), (N, H, W, C) or (N, H, W, D, C).
        pool_size: positions in a window, for all spatial axes or one each.
        strides: positions between windows; `pool_size` by default.
        padding: "valid": whole windows only; "same": outputs = ceil(inputs / strides); or pairs, as in `conv`.

    Returns:
        (N, H', W', C).

    Raises:
        ShapeError: the window does not fit, or there are no spatial axes.

    Example:
        >>> import numpy as np
        >>> from lamina import ops
        >>> ops.max_pool(np.array([3.0, 1.0, 4.0, 1.0, 5.0]).reshape(1, 5, 1), 2)[0, :, 0]
        Tensor([3., 4.], float32)
    """
    x = tensor(x)
    window = _pool_window(x.shape[1:-1], pool_size, strides, padding, "max_pool")
    return max_pool_with_winners(x, window)[0]


@composite
def average_pool(
    x: Any,
    pool_size: int | Sizes,
    strides: int | Sizes | None = None,
    padding: str | Sequence[tuple[int, int]] = "valid",
    count_include_pad: bool = False,
) -> Tensor:
    """The mean of each window: y[n, o, c] = (1/m) Σ_k x[n, o·strides + k − before, c].

    m is the number of positions of the window that lie inside x.

    Args:
        x: (N, H, C), (N, H, W, C) or (N, H, W, D, C).
        pool_size, strides, padding: as in `max_pool`.
        count_include_pad: let m be the whole window, padding included. (PyTorch's default; Keras always leaves it out.)

    Returns:
        (N, H', W', C).

    Raises:
        ShapeError: the window does not fit, or there are no spatial axes.

    Example:
        >>> import numpy as np
        >>> from lamina import ops
        >>> ops.average_pool(np.array([3.0, 1.0, 4.0]).reshape(1, 3, 1), 2, padding="same")[0, :, 0]
        Tensor([2., 4.], float32)
    """
    x = tensor(x)
    sizes = x.shape[1:-1]
    window = _pool_window(sizes, pool_size, strides, padding, "average_pool")
    sums = window_sum(x, window)
    if count_include_pad or not np.any(window.padding):
        return sums * (1.0 / math.prod(window.size))
    return sums * jnp.asarray(1.0 / _counts(sizes, window), x.dtype)


def _counts(sizes: Sizes, window: Window) -> np.ndarray:
    """How many positions of each window lie inside the input: (H', W', 1)."""
    total = np.ones((1,) * (len(sizes) + 1))
    outputs = window.outputs(sizes, "average_pool")
    for axis, (n, m, k) in enumerate(zip(sizes, outputs, window.size, strict=True)):
        positions = np.arange(m)[:, None] * window.strides[axis] + np.arange(k) - window.padding[axis][0]
        inside = ((positions >= 0) & (positions < n)).sum(1)
        total = total * inside.reshape([-1 if i == axis else 1 for i in range(len(sizes) + 1)])
    return total


@composite
def global_max_pool(x: Any, keepdims: bool = False) -> Tensor:
    """The largest value of each channel: y[n, c] = max over all spatial positions.

    Args:
        x: (N, spatial..., C).
        keepdims: keep the spatial axes, with size 1.

    Returns:
        (N, C), or (N, 1..., C).

    Example:
        >>> from lamina import ops
        >>> ops.global_max_pool([[[1.0, 5.0], [2.0, 4.0]]])
        Tensor([[2., 5.]], float32)
    """
    x = tensor(x)
    return x.max(axis=tuple(range(1, x.ndim - 1)), keepdims=keepdims)


@composite
def global_average_pool(x: Any, keepdims: bool = False) -> Tensor:
    """The mean of each channel: y[n, c] = mean over all spatial positions.

    Args:
        x: (N, spatial..., C).
        keepdims: keep the spatial axes, with size 1.

    Returns:
        (N, C), or (N, 1..., C).

    Example:
        >>> from lamina import ops
        >>> ops.global_average_pool([[[1.0, 5.0], [2.0, 4.0]]])
        Tensor([[1.5, 4.5]], float32)
    """
    x = tensor(x)
    return x.mean(axis=tuple(range(1, x.ndim - 1)), keepdims=keepdims)
