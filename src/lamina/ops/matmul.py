"""Products of matrices and vectors."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ..core import Array, ShapeError, Tensor, composite, op
from .casting import tensor
from .explain import explained
from .products import outer_product
from .reduction import sum
from .shape import expand_dims, moveaxis, reshape, squeeze, swapaxes


@op(promotes=True)
@explained(
    "the last axis of the first matrix must be as long as the last but one of the second",
    "shapes (..., M, K) and (..., K, N)",
    "Transpose one of them, or check which axis holds the features",
)
def matmul(x: Array, y: Array, transpose_x: bool = False, transpose_y: bool = False) -> Any:
    """Matrix product z_{mn} = Σ_k x_{mk} y_{kn}; a vector counts as a row on the left and as a column on the right.

    Args:
        x: (..., M, K) or (K,).
        y: (..., K, N) or (K,).
        transpose_x, transpose_y: take the last two axes of x or y the other way round, without moving data.

    Returns:
        (..., M, N), the first axes broadcast; without M or N where a vector came in.

    Example:
        >>> from lamina import ops
        >>> ops.matmul([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0])
        Tensor([3., 7.], float32)

    Keras and PyTorch have no transpose_x, transpose_y.
    """
    if transpose_x and not transpose_y and x.ndim == y.ndim == 2 and x.shape[0] == y.shape[0]:
        return outer_product(x, y), (x, y, transpose_x, transpose_y)
    left = jnp.swapaxes(x, -1, -2) if transpose_x else x
    right = jnp.swapaxes(y, -1, -2) if transpose_y else y
    return jnp.matmul(left, right), (x, y, transpose_x, transpose_y)


@matmul.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y, tx, ty = kept
    if x.ndim == 1 or y.ndim == 1:
        return _with_vectors(x, y, tx, ty, g)
    gx = matmul(y, g, ty, True) if tx else matmul(g, y, False, not ty)
    if y.ndim == 2 and x.ndim > 2 and not tx:  # one weight for all: one large product instead of many and a sum
        x, g = reshape(x, (-1, x.shape[-1])), reshape(g, (-1, g.shape[-1]))
    if ty:
        return gx, matmul(g, x, True, tx)
    if not tx and g.ndim > 2 and g.shape[-1] < x.shape[-1]:  # a CPU copies a left factor that is turned: the smaller
        return gx, swapaxes(matmul(g, x, True), -1, -2)
    return gx, matmul(x, g, not tx, False)


def _with_vectors(x: Tensor, y: Tensor, tx: bool, ty: bool, g: Tensor) -> tuple[Tensor, Tensor]:
    """The rule where a vector takes part: it is made a matrix first."""
    if x.ndim == 1:
        x, g = expand_dims(x, 0), expand_dims(g, -1 if y.ndim == 1 else -2)
    if y.ndim > 1:
        gx = matmul(g, y, False, not ty)
        return gx, matmul(g, x, True, False) if ty else matmul(x, g, True, False)
    column, g = expand_dims(y, -1), expand_dims(g, -1)
    gx = matmul(column, g, False, True) if tx else matmul(g, column, False, True)
    return gx, squeeze(matmul(x, g, not tx, False), -1)


@composite
def dot(x: Any, y: Any) -> Tensor:
    """NumPy's dot: x's last axis with y's last but one (or only) axis, all combinations of the others.

    Example:
        >>> from lamina import ops
        >>> ops.dot([1.0, 2.0], [3.0, 4.0])
        Tensor(11., float32)
    """
    x, y = tensor(x), tensor(y)
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    return tensordot(x, y, ((x.ndim - 1,), (y.ndim - 1 - (y.ndim > 1),)))


@composite
def vecdot(x: Any, y: Any, axis: int = -1) -> Tensor:
    """Σ x·y along one axis of both, the others broadcast.

    Example:
        >>> from lamina import ops
        >>> ops.vecdot([[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0])
        Tensor([21., 43.], float32)
    """
    return sum(tensor(x) * tensor(y), axis)


@composite
def outer(x: Any, y: Any) -> Tensor:
    """All products z_{ij} = x_i y_j of two flattened arrays.

    Example:
        >>> from lamina import ops
        >>> ops.outer([1.0, 2.0], [3.0, 4.0])
        Tensor([[3., 4.], [6., 8.]], float32)
    """
    return reshape(x, (-1, 1)) * reshape(y, (1, -1))


@composite
def kron(x: Any, y: Any) -> Tensor:
    """Kronecker product of two matrices: x with each element replaced by it times y.

    Example:
        >>> from lamina import ops
        >>> ops.kron([[1.0, 2.0]], [[1.0], [10.0]])
        Tensor([[ 1., 2.], [10., 20.]], float32)
    """
    (m, n), (p, q) = tensor(x).shape, tensor(y).shape
    return reshape(reshape(x, (m, 1, n, 1)) * reshape(y, (1, p, 1, q)), (m * p, n * q))


@composite
def cross(x: Any, y: Any, axis: int = -1) -> Tensor:
    """Vector product of three-dimensional vectors along an axis: (x₂y₃ − x₃y₂, x₃y₁ − x₁y₃, x₁y₂ − x₂y₁).

    Example:
        >>> from lamina import ops
        >>> ops.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
        Tensor([0., 0., 1.], float32)
    """
    a, b = moveaxis(x, axis, 0), moveaxis(y, axis, 0)
    nxt, last = [1, 2, 0], [2, 0, 1]
    return moveaxis(a[nxt] * b[last] - a[last] * b[nxt], 0, axis)


@composite
def tensordot(x: Any, y: Any, axes: int | Sequence[Sequence[int]] = 2) -> Tensor:
    """Sum of products over pairs of axes.

    Args:
        axes: two lists, the axes of x and the axes of y that are summed together; or a number n: the last n of x with
            the first n of y.

    Returns:
        The other axes of x, then those of y.

    Raises:
        ShapeError: two axes of a pair differ in size.

    Example:
        >>> from lamina import ops
        >>> ops.tensordot([[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0], 1)
        Tensor([21., 43.], float32)
    """
    x, y = tensor(x), tensor(y)
    if isinstance(axes, int):
        axes = (range(x.ndim - axes, x.ndim), range(axes))
    from_x, from_y = ([a % t.ndim for a in side] for t, side in zip((x, y), axes, strict=True))
    if [x.shape[i] for i in from_x] != [y.shape[i] for i in from_y]:
        raise ShapeError(
            "tensordot",
            "axes that are summed together must have equal sizes",
            expected=f"sizes {[x.shape[i] for i in from_x]} in the second array, too",
            received=f"shapes {x.shape} and {y.shape}, axes={axes}",
            remedy="Check the axes",
        )
    free_x, free_y = ([i for i in range(t.ndim) if i not in side] for t, side in ((x, from_x), (y, from_y)))
    inner = 1
    for i in from_x:
        inner *= x.shape[i]
    rows = reshape(x.transpose((*free_x, *from_x)), (-1, inner) if x.size else (0, inner))
    columns = reshape(y.transpose((*from_y, *free_y)), (inner, -1) if y.size else (inner, 0))
    return reshape(matmul(rows, columns), [*(x.shape[i] for i in free_x), *(y.shape[i] for i in free_y)])
