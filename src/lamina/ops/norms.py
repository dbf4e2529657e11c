"""Lengths of vectors and matrices."""

import math
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ..core import ArgumentError, Array, Tensor, composite, op
from .arithmetic import chain
from .casting import cast, tensor
from .extrema import abs, sign
from .factorization import svdvals
from .powers import power_of_number
from .reduction import count_nonzero, max, min, sum
from .shape import axes_exist, axes_of, expand_dims, moveaxis, reshape


@op
@axes_exist
def p_norm(x: Array, axis: int | Sequence[int] | None = None, keepdims: bool = False, p: float = 2) -> Any:
    """(Σ |x|^p)^(1/p) over `axis` for a finite p > 0: what `vector_norm` is made of. Its gradient at 0 is 0.

    Example:
        >>> from lamina import ops
        >>> ops.p_norm([3.0, 4.0])
        Tensor(5., float32)
    """
    axis = axes_of(axis, x.ndim)
    if p == 2:
        y = jnp.sqrt(jnp.sum(x * x, axis, keepdims=keepdims))
    else:
        y = jnp.sum(jnp.abs(x) ** p, axis, keepdims=keepdims) ** (1 / p)
    return y, (x, y, axis, p)


@p_norm.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y, axis, p = kept
    shape = tuple(1 if i in axis else n for i, n in enumerate(x.shape))
    y, g = reshape(y + (y == 0).astype(y.dtype), shape), reshape(g, shape)
    if p == 2:
        return x * (g / y)
    return chain(g * sign(x), power_of_number(abs(x) / y, p - 1))


@composite
def vector_norm(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False, ord: float = 2) -> Tensor:
    """Length of the vectors along `axis`: (Σ |x|^p)^(1/p) with p = ord.

    Args:
        axis: one or several axes, taken together as one vector; all by default.
        ord: p; ∞ gives the largest magnitude, −∞ the smallest, 0 the number of elements that are not 0.

    Example:
        >>> from lamina import ops
        >>> ops.vector_norm([[3.0, 4.0], [0.0, 2.0]], axis=1)
        Tensor([5., 2.], float32)
    """
    x = tensor(x)
    if ord == 0:
        return cast(count_nonzero(x, axis, keepdims), x.dtype)
    if math.isinf(ord):
        return (max if ord > 0 else min)(abs(x), axis, keepdims)
    if ord == 1:
        return sum(abs(x), axis, keepdims)
    return p_norm(x, axis, keepdims, ord) if ord > 0 else 1 / p_norm(1 / x, axis, keepdims, -ord)


@composite
def matrix_norm(x: Any, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    """Size of the matrices along the last two axes.

    Args:
        ord: "fro" √Σ x²; "nuc" the sum of the singular values; 2 or −2 the largest or smallest of them;
            1 or −1 the largest or smallest column sum of |x|; ∞ or −∞ the same of the rows.

    Raises:
        ArgumentError: another `ord`.

    Example:
        >>> from lamina import ops
        >>> ops.matrix_norm([[3.0, 0.0], [0.0, 4.0]]), ops.matrix_norm([[3.0, 0.0], [0.0, 4.0]], ord=2)
        (Tensor(5., float32), Tensor(4., float32))
    """
    if ord == "fro":
        return vector_norm(x, (-2, -1), keepdims)
    extreme = {1: max, 2: max, math.inf: max, -1: min, -2: min, -math.inf: min, "nuc": sum}
    if ord not in extreme:
        raise ArgumentError(
            "matrix_norm",
            "the kind of norm must be known",
            expected="'fro', 'nuc', 1, -1, 2, -2, inf or -inf",
            received=repr(ord),
            remedy="Choose one of these",
        )
    if ord in ("nuc", 2, -2):
        result = extreme[ord](svdvals(x), -1)
    else:
        result = extreme[ord](sum(abs(x), -2 if ord in (1, -1) else -1), -1)
    return expand_dims(result, (-2, -1)) if keepdims else result


@composite
def norm(x: Any, ord: Any = None, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
    """Length of a vector or size of a matrix, as NumPy's `linalg.norm` chooses between them.

    Args:
        ord: as in `vector_norm` or `matrix_norm`; by default the root of the sum of squares.
        axis: one axis: vectors; two: matrices; None: everything.

    Example:
        >>> from lamina import ops
        >>> ops.norm([3.0, 4.0])
        Tensor(5., float32)
    """
    x = tensor(x)
    axes = axes_of(axis, x.ndim)
    if ord is None or len(axes) == 1:
        return vector_norm(x, axes, keepdims, 2 if ord is None else ord)
    result = matrix_norm(moveaxis(x, axes, (-2, -1)), ord=ord)
    return expand_dims(result, tuple(sorted(axes))) if keepdims else result
