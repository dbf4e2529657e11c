"""Pooling to a given number of outputs, channels last: the windows follow from the sizes of the input."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import ShapeError, Tensor, composite
from .casting import tensor
from .indexing import take, take_along_axis
from .pooling import average_pool, max_pool
from .reduction import argmax
from .shape import squeeze
from .windows import per_axis


def _windows(size: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions that each of `outputs` windows sees, (outputs, K), and which of them count.

    Window i reaches from ⌊i · size / outputs⌋ to ⌈(i + 1) · size / outputs⌉; a shorter one repeats its last position.
    """
    number = np.arange(outputs)[:, None]
    start, stop = number * size // outputs, -(-(number + 1) * size // outputs)
    places = start + np.arange((stop - start).max())
    return np.minimum(places, stop - 1), places < stop


def _output_sizes(x: Tensor, output_size: Any, who: str) -> tuple[int, ...]:
    if not 3 <= x.ndim <= 5:
        raise ShapeError(
            who,
            "the input has one to three spatial axes",
            expected="(N, H, C), (N, H, W, C) or (N, H, W, D, C)",
            received=f"{x.ndim} axes",
            remedy="Add the missing axis; a grey image needs a channel axis of size 1",
        )
    return per_axis(output_size, x.ndim - 2, who, "output_size")


def _even_windows(x: Tensor, outputs: Sequence[int]) -> tuple[int, ...] | None:
    """The size of the windows if they are all equal and touch without overlap, as in plain pooling."""
    sizes = x.shape[1:-1]
    if any(n % m for n, m in zip(sizes, outputs, strict=True)):
        return None
    return tuple(n // m for n, m in zip(sizes, outputs, strict=True))


@composite
def adaptive_average_pool(x: Any, output_size: int | Sequence[int]) -> Tensor:
    """The mean of each of M windows that cover an axis of n: window i reaches from ⌊i·n/M⌋ to ⌈(i+1)·n/M⌉.

    Windows have two sizes at most, and overlap when M does not divide n.

    Args:
        x: (N, H, C), (N, H, W, C) or (N, H, W, D, C).
        output_size: M, for all spatial axes or one each.

    Returns:
        (N, M..., C).

    Raises:
        ShapeError: there are no spatial axes, or more than three.

    Example:
        >>> import numpy as np
        >>> from lamina import ops
        >>> ops.adaptive_average_pool(np.array([3.0, 1.0, 4.0, 1.0, 5.0]).reshape(1, 5, 1), 2)[0, :, 0]
        Tensor([2.66..., 3.33...], float32)

    PyTorch has the same windows.
    """
    x = tensor(x)
    outputs = _output_sizes(x, output_size, "adaptive_average_pool")
    even = _even_windows(x, outputs)
    if even is not None:
        return average_pool(x, even)
    for axis, m in enumerate(outputs, start=1):
        places, inside = _windows(x.shape[axis], m)
        share = jnp.asarray(inside / inside.sum(1, keepdims=True), x.dtype)
        share = share.reshape(share.shape + (1,) * (x.ndim - axis - 1))
        x = (take(x, places, axis) * share).sum(axis=axis + 1)
    return x


@composite
def adaptive_max_pool(x: Any, output_size: int | Sequence[int]) -> Tensor:
    """The largest value in each of M windows that cover an axis of n, the same as in `adaptive_average_pool`.

    The gradient of a window goes to its largest element, to the first of several equal ones.

    Args:
        x: (N, H, C), (N, H, W, C) or (N, H, W, D, C).
        output_size: M, for all spatial axes or one each.

    Returns:
        (N, M..., C).

    Raises:
        ShapeError: there are no spatial axes, or more than three.

    Example:
        >>> import numpy as np
        >>> from lamina import ops
        >>> ops.adaptive_max_pool(np.array([3.0, 1.0, 4.0, 1.0, 5.0]).reshape(1, 5, 1), 2)[0, :, 0]
        Tensor([4., 5.], float32)
    """
    x = tensor(x)
    outputs = _output_sizes(x, output_size, "adaptive_max_pool")
    even = _even_windows(x, outputs)
    if even is not None:
        return max_pool(x, even)
    for axis, m in enumerate(outputs, start=1):
        seen = take(x, _windows(x.shape[axis], m)[0], axis)
        winner = argmax(seen, axis=axis + 1, keepdims=True)
        x = squeeze(take_along_axis(seen, winner, axis=axis + 1), axis + 1)
    return x
