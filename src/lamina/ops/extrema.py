"""The larger and the smaller of two, magnitude and bounds. Where two are equal, they share the gradient equally."""

from typing import Any

import jax.numpy as jnp

from ..core import Array, Tensor, op
from .explain import elementwise


def _share(x: Tensor, z: Tensor, other: Tensor) -> Tensor:
    """1 where x was chosen, 1/2 where both were, else 0. No float goes through it: it has no derivative."""
    chosen, both = x == z, x == other
    return chosen.astype(z.dtype) - 0.5 * both.astype(z.dtype)


@elementwise
def maximum(x: Array, y: Array) -> Any:
    """The larger of x and y, with broadcasting; NaN if one is NaN. Equal values get half the gradient each.

    Example:
        >>> from lamina import ops
        >>> ops.maximum([1.0, 5.0], 3.0)
        Tensor([3., 5.], float32)
    """
    z = jnp.maximum(x, y)
    return z, (x, y, z)


@maximum.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y, z = kept
    return g * _share(x, z, y), g * _share(y, z, x)


@elementwise
def minimum(x: Array, y: Array) -> Any:
    """The smaller of x and y, with broadcasting; NaN if one is NaN. Equal values get half the gradient each.

    Example:
        >>> from lamina import ops
        >>> ops.minimum([1.0, 5.0], 3.0)
        Tensor([1., 3.], float32)
    """
    z = jnp.minimum(x, y)
    return z, (x, y, z)


@minimum.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y, z = kept
    return g * _share(x, z, y), g * _share(y, z, x)


@elementwise
def clip(x: Array, min: Array | None = None, max: Array | None = None) -> Any:
    """x held between two bounds: minimum(maximum(x, min), max).

    The gradient passes where min ≤ x ≤ max, and to the bound where x lies outside.

    Example:
        >>> from lamina import ops
        >>> ops.clip([-2.0, 0.5, 2.0], -1.0, 1.0)
        Tensor([-1. ,  0.5,  1. ], float32)
    """
    above = x > max if max is not None else jnp.zeros_like(x, bool)
    below = (x < min if min is not None else jnp.zeros_like(x, bool)) & ~above
    bounds = [~(above | below), *([below] if min is not None else []), *([above] if max is not None else [])]
    return jnp.clip(x, min, max), tuple(bounds)


@clip.backward
def _(kept: Any, g: Tensor) -> Any:
    return [g * mask.astype(g.dtype) for mask in kept]


@op
def abs(x: Array) -> Any:
    """Magnitude |x|; its gradient is sign(x), so 0 at 0.

    Example:
        >>> from lamina import ops
        >>> ops.abs([-2.0, 3.0])
        Tensor([2., 3.], float32)
    """
    return jnp.abs(x), (x,)


@abs.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return g * sign(x)


@op
def sign(x: Array) -> Any:
    """−1, 0 or 1. Flat almost everywhere, so no gradient flows through it.

    Example:
        >>> from lamina import ops
        >>> ops.sign([-2.0, 0.0, 3.0])
        Tensor([-1.,  0.,  1.], float32)
    """
    return jnp.sign(x), ()
