"""Powers and roots, element by element."""

from typing import Any

import jax.numpy as jnp

from ..core import Array, Tensor, composite, op, promote
from .arithmetic import chain
from .explain import elementwise
from .exponential import log


@op
def square(x: Array) -> Any:
    """x².

    Example:
        >>> from lamina import ops
        >>> ops.square([2.0, -3.0])
        Tensor([4., 9.], float32)
    """
    return x * x, (x,)


@square.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return g * (2 * x)


@op
def sqrt(x: Array) -> Any:
    """Square root √x; NaN below 0. Its slope 1 / 2√x is infinite at 0.

    Example:
        >>> from lamina import ops
        >>> ops.sqrt([4.0, 9.0])
        Tensor([2., 3.], float32)
    """
    y = jnp.sqrt(x)
    return y, (y,)


@sqrt.backward
def _(kept: Any, g: Tensor) -> Any:
    (y,) = kept
    return chain(g, 0.5 / y)


@op
def rsqrt(x: Array) -> Any:
    """1 / √x.

    Example:
        >>> from lamina import ops
        >>> ops.rsqrt([4.0, 16.0])
        Tensor([0.5 , 0.25], float32)
    """
    y = 1.0 / jnp.sqrt(x)
    return y, (y,)


@rsqrt.backward
def _(kept: Any, g: Tensor) -> Any:
    (y,) = kept
    return -0.5 * chain(g, chain(y, chain(y, y)))


@elementwise
def power_of_tensors(x: Array, y: Array) -> Any:
    """x to the power y, both arrays: what `power` uses when the exponent is no plain number.

    Example:
        >>> from lamina import ops
        >>> ops.power_of_tensors([2.0, 3.0], [3.0, 2.0])
        Tensor([8., 9.], float32)
    """
    z = jnp.power(x, y)
    return z, (jnp.asarray(x, z.dtype), jnp.asarray(y, z.dtype), z)


@power_of_tensors.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y, z = kept
    at_zero = (x == 0).astype(x.dtype)  # there log x is infinite, and z = 0 for every y > 0
    slope = chain(y, power_of_tensors(x, y - 1))
    return chain(g, slope), chain(g, chain(z * (1 - at_zero), log(x + at_zero)))


@op
def power_of_number(x: Array, exponent: Any) -> Any:
    """x to the power of a plain number: exact for whole exponents, and any x may be differentiated.

    Example:
        >>> from lamina import ops
        >>> ops.power_of_number([2.0, -3.0], 2)
        Tensor([4., 9.], float32)
    """
    x, _ = promote(x, exponent)
    whole = isinstance(exponent, float) and exponent.is_integer()
    return jnp.power(x, int(exponent) if whole else exponent), (x, exponent)


@power_of_number.backward
def _(kept: Any, g: Tensor) -> Any:
    x, p = kept
    return None if p == 0 else chain(g, p * power_of_number(x, p - 1))


@composite
def power(x: Any, y: Any) -> Any:
    """x to the power y, with broadcasting: x^y.

    At x = 0 the gradient for x is that of the formula (0 for y > 1), and the gradient for y is 0.
    A plain number as exponent is faster and more exact than an array.

    Example:
        >>> from lamina import ops
        >>> ops.power([2.0, 3.0], 2)
        Tensor([4., 9.], float32)
    """
    is_number = isinstance(y, (int, float)) and not isinstance(y, bool)
    return power_of_number(x, y) if is_number else power_of_tensors(x, y)


@elementwise
def hypot(x: Array, y: Array) -> Any:
    """√(x² + y²), without overflow on the way; its gradient at (0, 0) is 0.

    Example:
        >>> from lamina import ops
        >>> ops.hypot(3.0, 4.0)
        Tensor(5., float32)
    """
    z = jnp.hypot(x, y)
    return z, (x, y, z)


@hypot.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y, z = kept
    r = g / (z + (z == 0).astype(z.dtype))
    return r * x, r * y
