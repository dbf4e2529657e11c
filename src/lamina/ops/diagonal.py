"""Diagonals and triangles of matrices."""

from typing import Any

import jax.numpy as jnp

from ..core import Array, Tensor, composite, op
from .casting import tensor
from .explain import explained
from .indexing import getitem, place
from .reduction import sum
from .shape import moveaxis

_needs_matrix = explained("the array must have two axes or more", "shape (..., M, N)", "Add an axis with expand_dims")


def _places(rows: int, columns: int, offset: int) -> tuple[Any, Any]:
    """Row and column numbers of the diagonal that lies `offset` to the right."""
    length = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    steps = jnp.arange(length, dtype="int32")
    return steps - min(offset, 0), steps + max(offset, 0)


@composite
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The diagonal along two axes, as the last axis of the result: y_{…i} = x_{i,i+offset,…}.

    Example:
        >>> from lamina import ops
        >>> ops.diagonal([[1.0, 2.0], [3.0, 4.0]])
        Tensor([1., 4.], float32)
    """
    x = moveaxis(x, (axis1, axis2), (-2, -1))
    return getitem(x, (..., *_places(x.shape[-2], x.shape[-1], offset)))


@composite
def diag(x: Any, k: int = 0) -> Tensor:
    """A vector as the diagonal of a matrix of zeros; or the diagonal of a matrix as a vector.

    Args:
        k: how far to the right of the main diagonal.

    Example:
        >>> from lamina import ops
        >>> ops.diag([1.0, 2.0])
        Tensor([[1., 0.], [0., 2.]], float32)
    """
    x = tensor(x)
    if x.ndim != 1:
        return diagonal(x, k)
    size = x.shape[0] + abs(k)
    return place(x, _places(size, size, k), (size, size))


@composite
def diag_embed(x: Any) -> Tensor:
    """Each vector along the last axis as the diagonal of a matrix of zeros: (..., n) to (..., n, n).

    Example:
        >>> from lamina import ops
        >>> ops.diag_embed([[1.0, 2.0]])
        Tensor([[[1., 0.], [0., 2.]]], float32)
    """
    x = tensor(x)
    size = x.shape[-1]
    return place(x, (..., *_places(size, size, 0)), (*x.shape, size))


@composite
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum of the diagonal: Σ_i x_{ii}.

    Example:
        >>> from lamina import ops
        >>> ops.trace([[1.0, 2.0], [3.0, 4.0]])
        Tensor(5., float32)
    """
    return sum(diagonal(x, offset, axis1, axis2), -1)


@op
@_needs_matrix
def tril(x: Array, k: int = 0) -> Any:
    """The lower triangle: elements with column ≤ row + k, zeros elsewhere.

    Example:
        >>> from lamina import ops
        >>> ops.tril([[1.0, 2.0], [3.0, 4.0]])
        Tensor([[1., 0.], [3., 4.]], float32)
    """
    return jnp.tril(x, k), (k,)


@tril.backward
def _(kept: Any, g: Tensor) -> Any:
    return tril(g, kept[0])


@op
@_needs_matrix
def triu(x: Array, k: int = 0) -> Any:
    """The upper triangle: elements with column ≥ row + k, zeros elsewhere.

    Example:
        >>> from lamina import ops
        >>> ops.triu([[1.0, 2.0], [3.0, 4.0]])
        Tensor([[1., 2.], [0., 4.]], float32)
    """
    return jnp.triu(x, k), (k,)


@triu.backward
def _(kept: Any, g: Tensor) -> Any:
    return triu(g, kept[0])
