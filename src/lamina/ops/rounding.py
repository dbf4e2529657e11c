"""Whole numbers from fractions: rounding and integer division. Steps are flat, so no gradient flows through them."""

from typing import Any

import jax.numpy as jnp

from ..core import Array, Tensor, op
from .explain import elementwise


@op
def floor(x: Array) -> Any:
    """The largest whole number ≤ x; no gradient.

    Example:
        >>> from lamina import ops
        >>> ops.floor([1.7, -1.2])
        Tensor([ 1., -2.], float32)
    """
    return jnp.floor(x).astype(x.dtype), ()


@op
def ceil(x: Array) -> Any:
    """The smallest whole number ≥ x; no gradient.

    Example:
        >>> from lamina import ops
        >>> ops.ceil([1.2, -1.7])
        Tensor([ 2., -1.], float32)
    """
    return jnp.ceil(x).astype(x.dtype), ()


@op
def trunc(x: Array) -> Any:
    """x without its fraction, toward 0; no gradient.

    Example:
        >>> from lamina import ops
        >>> ops.trunc([1.7, -1.7])
        Tensor([ 1., -1.], float32)
    """
    return jnp.trunc(x).astype(x.dtype), ()


@op
def round(x: Array, decimals: int = 0) -> Any:
    """x rounded to `decimals` places, halves to the even neighbour; no gradient.

    Example:
        >>> from lamina import ops
        >>> ops.round([0.5, 1.5, 2.25])
        Tensor([0., 2., 2.], float32)
    """
    return jnp.round(x, decimals), ()


@elementwise
def floor_divide(x: Array, y: Array) -> Any:
    """⌊x / y⌋, with broadcasting; no gradient.

    Example:
        >>> from lamina import ops
        >>> ops.floor_divide([7.0, -7.0], 2.0)
        Tensor([ 3., -4.], float32)
    """
    return jnp.floor_divide(x, y), ()


@elementwise
def remainder(x: Array, y: Array) -> Any:
    """x − y·⌊x / y⌋, of the sign of y, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.remainder([7.0, -7.0], 4.0)
        Tensor([3., 1.], float32)
    """
    return jnp.remainder(x, y), (x, y)


@remainder.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y = kept
    return g, -(g * floor_divide(x, y))


@elementwise
def copysign(x: Array, y: Array) -> Any:
    """|x| with the sign of y, with broadcasting; no gradient reaches y.

    Example:
        >>> from lamina import ops
        >>> ops.copysign([1.0, -2.0], [-1.0, 1.0])
        Tensor([-1.,  2.], float32)
    """
    turned = jnp.signbit(x) != jnp.signbit(y)
    return jnp.copysign(x, y), (turned,)


@copysign.backward
def _(kept: Any, g: Tensor) -> Any:
    return g * (1 - 2 * kept[0].astype(g.dtype)), None


@op
def signbit(x: Array) -> Any:
    """Whether the sign bit is set: true below 0 and for −0.

    Example:
        >>> from lamina import ops
        >>> ops.signbit([-1.0, 1.0])
        Tensor([ True, False], bool)
    """
    return jnp.signbit(x), ()


@elementwise
def nextafter(x: Array, y: Array) -> Any:
    """The next number after x toward y that the type can hold; no gradient.

    Example:
        >>> from lamina import ops
        >>> bool(ops.nextafter(1.0, 2.0) > 1.0)
        True
    """
    return jnp.nextafter(x, y), ()
