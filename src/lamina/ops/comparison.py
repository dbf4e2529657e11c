"""Questions with a yes or no for each element, and the choice between two values."""

from typing import Any

import jax.numpy as jnp

from ..core import Array, Tensor, composite, op
from .casting import common
from .explain import elementwise, explained


@elementwise
def equal(x: Array, y: Array) -> Any:
    """Whether x = y, element by element, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.equal([1, 2, 3], 2)
        Tensor([False,  True, False], bool)
    """
    return jnp.equal(x, y), ()


@elementwise
def not_equal(x: Array, y: Array) -> Any:
    """Whether x ≠ y, element by element, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.not_equal([1, 2, 3], 2)
        Tensor([ True, False,  True], bool)
    """
    return jnp.not_equal(x, y), ()


@elementwise
def less(x: Array, y: Array) -> Any:
    """Whether x < y, element by element, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.less([1, 2, 3], 2)
        Tensor([ True, False, False], bool)
    """
    return jnp.less(x, y), ()


@elementwise
def less_equal(x: Array, y: Array) -> Any:
    """Whether x ≤ y, element by element, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.less_equal([1, 2, 3], 2)
        Tensor([ True,  True, False], bool)
    """
    return jnp.less_equal(x, y), ()


@elementwise
def greater(x: Array, y: Array) -> Any:
    """Whether x > y, element by element, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.greater([1, 2, 3], 2)
        Tensor([False, False,  True], bool)
    """
    return jnp.greater(x, y), ()


@elementwise
def greater_equal(x: Array, y: Array) -> Any:
    """Whether x ≥ y, element by element, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.greater_equal([1, 2, 3], 2)
        Tensor([False,  True,  True], bool)
    """
    return jnp.greater_equal(x, y), ()


@elementwise
def logical_and(x: Array, y: Array) -> Any:
    """Whether x and y, element by element, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.logical_and([True, False], True)
        Tensor([ True, False], bool)
    """
    return jnp.logical_and(x, y), ()


@elementwise
def logical_or(x: Array, y: Array) -> Any:
    """Whether x or y, element by element, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.logical_or([True, False], True)
        Tensor([ True,  True], bool)
    """
    return jnp.logical_or(x, y), ()


@elementwise
def logical_xor(x: Array, y: Array) -> Any:
    """Whether x xor (one of the two, not both) y, element by element, with broadcasting.

    Example:
        >>> from lamina import ops
        >>> ops.logical_xor([True, False], True)
        Tensor([False,  True], bool)
    """
    return jnp.logical_xor(x, y), ()


@op
def logical_not(x: Array) -> Any:
    """Whether x is false.

    Example:
        >>> from lamina import ops
        >>> ops.logical_not([True, False])
        Tensor([False,  True], bool)
    """
    return jnp.logical_not(x), ()


@op
def isnan(x: Array) -> Any:
    """Whether x is not a number.

    Example:
        >>> from lamina import ops
        >>> ops.isnan([1.0, float("nan")])
        Tensor([False,  True], bool)
    """
    return jnp.isnan(x), ()


@op
def isinf(x: Array) -> Any:
    """Whether x is infinite.

    Example:
        >>> from lamina import ops
        >>> ops.isinf([1.0, float("inf")])
        Tensor([False,  True], bool)
    """
    return jnp.isinf(x), ()


@op
def isfinite(x: Array) -> Any:
    """Whether x is neither infinite nor NaN.

    Example:
        >>> from lamina import ops
        >>> ops.isfinite([1.0, float("inf")])
        Tensor([ True, False], bool)
    """
    return jnp.isfinite(x), ()


@op
@explained(
    "the condition and both values must broadcast to one shape",
    "sizes that are equal or 1, counted from the last axis",
    "Reshape an argument, or add axes of size 1 with expand_dims",
)
def select(condition: Array, x: Array, y: Array) -> Any:
    """x where the condition holds, else y, both of one type already: what `where` is made of.

    Example:
        >>> from lamina import ops
        >>> ops.select([True, False], [1.0, 2.0], [3.0, 4.0])
        Tensor([1., 4.], float32)
    """
    return jnp.where(condition, x, y), (condition,)


@select.backward
def _(kept: Any, g: Tensor) -> Any:
    (condition,) = kept
    zero = Tensor(0, g.dtype)
    return None, select(condition, g, zero), select(condition, zero, g)


@composite
def where(condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y, with broadcasting.

    The value that is not chosen gets a gradient of exactly 0, and the backward rules of Lamina's ops
    keep such a 0 even where their slope is infinite: `where(x > 0, sqrt(x), 0)` is safe at 0.

    Args:
        condition: booleans, or numbers that count as true unless 0.
        x, y: values; promoted to one type.

    Example:
        >>> from lamina import ops
        >>> ops.where([True, False, True], [1.0, 2.0, 3.0], 0.0)
        Tensor([1., 0., 3.], float32)
    """
    return select(condition, *common(x, y))
