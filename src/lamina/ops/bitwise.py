"""Operations on the bits of integers, and on booleans."""

from typing import Any

import jax.numpy as jnp

from ..core import Array, op
from .explain import elementwise, explained

_integers = explained("the arguments must be integers or booleans", "an integer type", "Convert with lamina.ops.cast")


@elementwise
def bitwise_and(x: Array, y: Array) -> Any:
    """x & y, bit by bit.

    Example:
        >>> from lamina import ops
        >>> ops.bitwise_and(6, 3)
        Tensor(2, int32)
    """
    return jnp.bitwise_and(x, y), ()


@elementwise
def bitwise_or(x: Array, y: Array) -> Any:
    """x | y, bit by bit.

    Example:
        >>> from lamina import ops
        >>> ops.bitwise_or(6, 3)
        Tensor(7, int32)
    """
    return jnp.bitwise_or(x, y), ()


@elementwise
def bitwise_xor(x: Array, y: Array) -> Any:
    """x ^ y, bit by bit.

    Example:
        >>> from lamina import ops
        >>> ops.bitwise_xor(6, 3)
        Tensor(5, int32)
    """
    return jnp.bitwise_xor(x, y), ()


@op
@_integers
def bitwise_invert(x: Array) -> Any:
    """~x: each bit turned over.

    Example:
        >>> from lamina import ops
        >>> ops.bitwise_invert([True, False]), ops.bitwise_invert(5)
        (Tensor([False,  True], bool), Tensor(-6, int32))
    """
    return jnp.bitwise_not(x), ()


@elementwise
def bitwise_left_shift(x: Array, y: Array) -> Any:
    """x·2^y on integers: the bits moved y places to the left.

    Example:
        >>> from lamina import ops
        >>> ops.bitwise_left_shift(3, 2)
        Tensor(12, int32)
    """
    return jnp.left_shift(x, y), ()


@elementwise
def bitwise_right_shift(x: Array, y: Array) -> Any:
    """⌊x / 2^y⌋ on integers: the bits moved y places to the right.

    Example:
        >>> from lamina import ops
        >>> ops.bitwise_right_shift(13, 2)
        Tensor(3, int32)
    """
    return jnp.right_shift(x, y), ()
