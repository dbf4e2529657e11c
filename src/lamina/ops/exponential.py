"""Exponentials, logarithms and the error function, element by element."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array, Tensor, op
from .arithmetic import chain
from .comparison import select
from .explain import elementwise


@op
def exp(x: Array) -> Any:
    """e to the power x: eˣ.

    Example:
        >>> from lamina import ops
        >>> ops.exp([0.0, 1.0])
        Tensor([1.       , 2.7182817], float32)
    """
    y = jnp.exp(x)
    return y, (y,)


@exp.backward
def _(kept: Any, g: Tensor) -> Any:
    (y,) = kept
    return chain(g, y)


@op
def exp2(x: Array) -> Any:
    """2 to the power x: 2ˣ.

    Example:
        >>> from lamina import ops
        >>> ops.exp2([0.0, 3.0])
        Tensor([1., 8.], float32)
    """
    y = jnp.exp2(x)
    return y, (y,)


@exp2.backward
def _(kept: Any, g: Tensor) -> Any:
    (y,) = kept
    return chain(g, math.log(2) * y)


@op
def expm1(x: Array) -> Any:
    """eˣ − 1, exact also near x = 0.

    Example:
        >>> from lamina import ops
        >>> ops.expm1([0.0, 1e-8])
        Tensor([0.e+00, 1.e-08], float32)
    """
    y = jnp.expm1(x)
    return y, (y,)


@expm1.backward
def _(kept: Any, g: Tensor) -> Any:
    (y,) = kept
    return chain(g, y + 1)


@op
def log(x: Array) -> Any:
    """Natural logarithm ln x; −∞ at 0, NaN below.

    Example:
        >>> from lamina import ops
        >>> ops.log([1.0, 4.0])
        Tensor([0.       , 1.3862944], float32)
    """
    return jnp.log(x), (x,)


@log.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return chain(g, 1 / x)


@op
def log1p(x: Array) -> Any:
    """ln(1 + x), exact also near x = 0.

    Example:
        >>> from lamina import ops
        >>> ops.log1p([0.0, 1e-8])
        Tensor([0.e+00, 1.e-08], float32)
    """
    return jnp.log1p(x), (x,)


@log1p.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return chain(g, 1 / (1 + x))


@op
def log2(x: Array) -> Any:
    """Logarithm to base 2.

    Example:
        >>> from lamina import ops
        >>> ops.log2([1.0, 8.0])
        Tensor([0., 3.], float32)
    """
    return jnp.log2(x), (x,)


@log2.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return chain(g, 1 / (math.log(2) * x))


@op
def log10(x: Array) -> Any:
    """Logarithm to base 10.

    Example:
        >>> from lamina import ops
        >>> ops.log10([1.0, 100.0])
        Tensor([0., 2.], float32)
    """
    return jnp.log10(x), (x,)


@log10.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return chain(g, 1 / (math.log(10) * x))


@elementwise
def logaddexp(x: Array, y: Array) -> Any:
    """ln(eˣ + eʸ) without overflow, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.logaddexp(1000.0, 1000.0)
        Tensor(1000.6932, float32)
    """
    z = jnp.logaddexp(x, y)
    return z, (x, y, z, jnp.isfinite(z))


@logaddexp.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y, z, finite = kept
    shift = select(finite, z, Tensor(0, z.dtype))  # ln 0 = −∞ would give ∞ − ∞
    return g * exp(x - shift), g * exp(y - shift)


@op
def erf(x: Array) -> Any:
    """Error function erf x = 2/√π ∫₀ˣ exp(−t²) dt.

    Example:
        >>> from lamina import ops
        >>> ops.erf([0.0, 1.0])
        Tensor([0.        , 0.84270084], float32)
    """
    return jax.scipy.special.erf(x), (x,)


@erf.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return g * (2 / math.sqrt(math.pi) * exp(-x * x))


@op
def erfc(x: Array) -> Any:
    """1 − erf x, exact also where erf x is near 1.

    Example:
        >>> from lamina import ops
        >>> ops.erfc([0.0, 1.0])
        Tensor([1.        , 0.15729924], float32)
    """
    return jax.scipy.special.erfc(x), (x,)


@erfc.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return g * (-2 / math.sqrt(math.pi) * exp(-x * x))


@op
def erfinv(x: Array) -> Any:
    """Inverse of the error function: erf(erfinv x) = x for −1 < x < 1.

    Example:
        >>> from lamina import ops
        >>> ops.erfinv([0.0, 0.5])
        Tensor([0.        , 0.47693628], float32)
    """
    y = jax.scipy.special.erfinv(x)
    return y, (y,)


@erfinv.backward
def _(kept: Any, g: Tensor) -> Any:
    (y,) = kept
    return chain(g, math.sqrt(math.pi) / 2 * exp(chain(y, y)))
