"""Sums, products and quotients, element by element."""

from typing import Any

import jax.numpy as jnp

from ..core import Array, Tensor, op
from .explain import elementwise


@elementwise
def chain(g: Array, slope: Array) -> Any:
    """The chain rule's product g·slope, in which a gradient of exactly 0 stays 0 even where the slope is infinite.

    So a value that `where` has thrown away cannot turn the gradient of the others into NaN.

    Example:
        >>> from lamina import ops
        >>> ops.chain([0.0, 2.0], [float("inf"), 3.0])
        Tensor([0., 6.], float32)
    """
    return jnp.where(g == 0, jnp.zeros_like(g), g * slope), (g, slope)


@chain.backward
def _(kept: Any, h: Tensor) -> Any:
    g, slope = kept
    return chain(h, slope), chain(h, g)


@elementwise
def add(x: Array, y: Array) -> Any:
    """Sum x + y, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.add([1.0, 2.0], 3.0)
        Tensor([4., 5.], float32)
    """
    return x + y, ()


@add.backward
def _(kept: Any, g: Tensor) -> Any:
    return g, g


@elementwise
def subtract(x: Array, y: Array) -> Any:
    """Difference x − y, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.subtract([1.0, 2.0], 3.0)
        Tensor([-2., -1.], float32)
    """
    return x - y, ()


@subtract.backward
def _(kept: Any, g: Tensor) -> Any:
    return g, -g


@elementwise
def multiply(x: Array, y: Array) -> Any:
    """Product x·y element by element, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.multiply([1.0, 2.0], [3.0, 4.0])
        Tensor([3., 8.], float32)
    """
    return x * y, (x, y)


@multiply.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y = kept
    return g * y, g * x


@elementwise
def divide(x: Array, y: Array) -> Any:
    """Quotient x / y, with broadcasting; integers give floats.

    Example:
        >>> from lamina import ops
        >>> ops.divide([1.0, 2.0], 4.0)
        Tensor([0.25, 0.5 ], float32)
    """
    z = jnp.true_divide(x, y)
    return z, (z, jnp.asarray(y, z.dtype))


@divide.backward
def _(kept: Any, g: Tensor) -> Any:
    z, y = kept
    r = reciprocal(y)
    return chain(g, r), -chain(g, chain(z, r))


@op
def negative(x: Array) -> Any:
    """−x.

    Example:
        >>> from lamina import ops
        >>> ops.negative([1.0, -2.0])
        Tensor([-1., 2.], float32)
    """
    return -x, ()


@negative.backward
def _(kept: Any, g: Tensor) -> Any:
    return -g


@op
def positive(x: Array) -> Any:
    """+x: the same values.

    Example:
        >>> from lamina import ops
        >>> ops.positive([1.0, -2.0])
        Tensor([ 1., -2.], float32)
    """
    return x, ()


@positive.backward
def _(kept: Any, g: Tensor) -> Any:
    return g


@op
def reciprocal(x: Array) -> Any:
    """1 / x; integers give floats.

    Example:
        >>> from lamina import ops
        >>> ops.reciprocal([2.0, 4.0])
        Tensor([0.5 , 0.25], float32)
    """
    y = jnp.true_divide(jnp.ones_like(x), x)
    return y, (y,)


@reciprocal.backward
def _(kept: Any, g: Tensor) -> Any:
    (y,) = kept
    return -chain(g, chain(y, y))
