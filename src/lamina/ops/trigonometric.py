"""Trigonometric and hyperbolic functions and their inverses, element by element. Angles are in radians."""

from typing import Any

import jax.numpy as jnp

from ..core import Array, Tensor, op
from .arithmetic import chain
from .explain import elementwise
from .powers import rsqrt


@op
def sin(x: Array) -> Any:
    """Sine.

    Example:
        >>> from lamina import ops
        >>> ops.sin([0.0, 1.0])
        Tensor([0.        , 0.84147096], float32)
    """
    return jnp.sin(x), (x,)


@sin.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return g * cos(x)


@op
def cos(x: Array) -> Any:
    """Cosine.

    Example:
        >>> from lamina import ops
        >>> ops.cos([0.0, 1.0])
        Tensor([1.       , 0.5403023], float32)
    """
    return jnp.cos(x), (x,)


@cos.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return -(g * sin(x))


@op
def tan(x: Array) -> Any:
    """Tangent.

    Example:
        >>> from lamina import ops
        >>> ops.tan([0.0, 1.0])
        Tensor([0.       , 1.5574077], float32)
    """
    y = jnp.tan(x)
    return y, (y,)


@tan.backward
def _(kept: Any, g: Tensor) -> Any:
    (y,) = kept
    return g * (1 + y * y)


@op
def arcsin(x: Array) -> Any:
    """Inverse sine, in [−π/2, π/2].

    Example:
        >>> from lamina import ops
        >>> ops.arcsin([0.0, 1.0])
        Tensor([0.       , 1.5707964], float32)
    """
    return jnp.arcsin(x), (x,)


@arcsin.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return chain(g, rsqrt((1 - x) * (1 + x)))


@op
def arccos(x: Array) -> Any:
    """Inverse cosine, in [0, π].

    Example:
        >>> from lamina import ops
        >>> ops.arccos([1.0, 0.0])
        Tensor([0.       , 1.5707964], float32)
    """
    return jnp.arccos(x), (x,)


@arccos.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return -chain(g, rsqrt((1 - x) * (1 + x)))


@op
def arctan(x: Array) -> Any:
    """Inverse tangent, in [−π/2, π/2].

    Example:
        >>> from lamina import ops
        >>> ops.arctan([0.0, 1.0])
        Tensor([0.      , 0.785398], float32)
    """
    return jnp.arctan(x), (x,)


@arctan.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return g / (1 + x * x)


@op
def sinh(x: Array) -> Any:
    """Hyperbolic sine (eˣ − e⁻ˣ) / 2.

    Example:
        >>> from lamina import ops
        >>> ops.sinh([0.0, 1.0])
        Tensor([0.       , 1.1752012], float32)
    """
    return jnp.sinh(x), (x,)


@sinh.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return chain(g, cosh(x))


@op
def cosh(x: Array) -> Any:
    """Hyperbolic cosine (eˣ + e⁻ˣ) / 2.

    Example:
        >>> from lamina import ops
        >>> ops.cosh([0.0, 1.0])
        Tensor([1.       , 1.5430806], float32)
    """
    return jnp.cosh(x), (x,)


@cosh.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return chain(g, sinh(x))


@op
def tanh(x: Array) -> Any:
    """Hyperbolic tangent (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ).

    Example:
        >>> from lamina import ops
        >>> ops.tanh([0.0, 1.0])
        Tensor([0.       , 0.7615942], float32)
    """
    y = jnp.tanh(x)
    return y, (y,)


@tanh.backward
def _(kept: Any, g: Tensor) -> Any:
    (y,) = kept
    return g * (1 - y * y)


@op
def arcsinh(x: Array) -> Any:
    """Inverse hyperbolic sine.

    Example:
        >>> from lamina import ops
        >>> ops.arcsinh([0.0, 1.0])
        Tensor([0.        , 0.88137364], float32)
    """
    return jnp.arcsinh(x), (x,)


@arcsinh.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return g * rsqrt(x * x + 1)


@op
def arccosh(x: Array) -> Any:
    """Inverse hyperbolic cosine, for x ≥ 1.

    Example:
        >>> from lamina import ops
        >>> ops.arccosh([1.0, 2.0])
        Tensor([0.      , 1.316958], float32)
    """
    return jnp.arccosh(x), (x,)


@arccosh.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return chain(g, rsqrt((x - 1) * (x + 1)))


@op
def arctanh(x: Array) -> Any:
    """Inverse hyperbolic tangent, for −1 ≤ x ≤ 1.

    Example:
        >>> from lamina import ops
        >>> ops.arctanh([0.0, 0.5])
        Tensor([0.        , 0.54930615], float32)
    """
    return jnp.arctanh(x), (x,)


@arctanh.backward
def _(kept: Any, g: Tensor) -> Any:
    (x,) = kept
    return chain(g, 1 / ((1 - x) * (1 + x)))


@elementwise
def arctan2(y: Array, x: Array) -> Any:
    """The angle of the point (x, y) seen from the origin, in [−π, π]; its gradient at the origin is 0.

    Example:
        >>> from lamina import ops
        >>> ops.arctan2(1.0, -1.0)
        Tensor(2.3561945, float32)
    """
    return jnp.arctan2(y, x), (y, x)


@arctan2.backward
def _(kept: Any, g: Tensor) -> Any:
    y, x = kept
    square = x * x + y * y
    r = g / (square + (square == 0).astype(square.dtype))
    return r * x, -(r * y)
