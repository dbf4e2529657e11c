"""Linear equations, inverses and determinants, for matrices along the last two axes.

The backward rules are those of M. B. Giles, Collected matrix derivative results for forward and reverse mode
algorithmic differentiation (2008). Matrices of 16-bit floats must be cast to float32 first.
"""

from typing import Any

import jax
import jax.numpy as jnp

from ..core import ArgumentError, Array, Tensor, composite, op
from .casting import tensor
from .creation import eye
from .diagonal import tril, triu
from .explain import explained
from .matmul import matmul
from .shape import broadcast_to, expand_dims, matrix_transpose, reshape, squeeze

_square = explained("the matrix must be square", "shape (..., M, M)", "Use lstsq or pinv for other shapes")
_solvable = explained(
    "the equations and their right sides must fit",
    "a of shape (..., M, M) and b of shape (..., M, K) or (M,)",
    "Check the shapes; a batch of vectors needs a last axis of size 1",
)


@op(promotes=True)
@_solvable
def solve_matrices(a: Array, b: Array) -> Any:
    """`solve` for right sides of shape (..., M, K).

    Example:
        >>> from lamina import ops
        >>> ops.solve_matrices([[2.0, 0.0], [0.0, 4.0]], [[2.0], [4.0]])
        Tensor([[1.], [1.]], float32)
    """
    x = jnp.linalg.solve(a, b)
    return x, (a, x)


@solve_matrices.backward
def _(kept: Any, g: Tensor) -> Any:
    a, x = kept
    gb = solve_matrices(matrix_transpose(a), g)
    return -matmul(gb, x, transpose_y=True), gb


@composite
def solve(a: Any, b: Any) -> Tensor:
    """The x with a x = b.

    Args:
        a: (..., M, M), not singular.
        b: (..., M, K), or a vector (M,).

    Returns:
        x, of b's shape with the first axes broadcast.

    Example:
        >>> from lamina import ops
        >>> ops.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 4.0])
        Tensor([1., 1.], float32)
    """
    b = tensor(b)
    return squeeze(solve_matrices(a, expand_dims(b, -1)), -1) if b.ndim == 1 else solve_matrices(a, b)


@op(promotes=True)
@_solvable
def solve_triangular_matrices(a: Array, b: Array, lower: bool = False, transpose_a: bool = False) -> Any:
    """`solve_triangular` for right sides of shape (..., M, K).

    Example:
        >>> from lamina import ops
        >>> ops.solve_triangular_matrices([[2.0, 1.0], [0.0, 4.0]], [[3.0], [4.0]])
        Tensor([[1.], [1.]], float32)
    """
    batch = jnp.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a_, b_ = (jnp.broadcast_to(t, (*batch, *t.shape[-2:])) for t in (a, b))
    x = jax.lax.linalg.triangular_solve(a_, b_, left_side=True, lower=lower, transpose_a=transpose_a)
    return x, (a, x, lower, transpose_a)


@solve_triangular_matrices.backward
def _(kept: Any, g: Tensor) -> Any:
    a, x, lower, transpose_a = kept
    gb = solve_triangular_matrices(a, g, lower, not transpose_a)
    ga = matmul(x, gb, transpose_y=True) if transpose_a else matmul(gb, x, transpose_y=True)
    return -(tril(ga) if lower else triu(ga)), gb


@composite
def solve_triangular(a: Any, b: Any, lower: bool = False) -> Tensor:
    """The x with a x = b for a triangular matrix, of which only one triangle is read.

    Args:
        a: (..., M, M).
        b: (..., M, K), or a vector (M,).
        lower: whether a is lower instead of upper triangular.

    Example:
        >>> from lamina import ops
        >>> ops.solve_triangular([[2.0, 1.0], [0.0, 4.0]], [3.0, 4.0])
        Tensor([1., 1.], float32)
    """
    b = tensor(b)
    columns = expand_dims(b, -1) if b.ndim == 1 else b
    x = solve_triangular_matrices(a, columns, lower)
    return squeeze(x, -1) if b.ndim == 1 else x


@op
@_square
def inv(x: Array) -> Any:
    """The inverse matrix: x⁻¹ x = 1.

    Example:
        >>> from lamina import ops
        >>> ops.inv([[2.0, 0.0], [0.0, 4.0]])
        Tensor([[0.5 , 0.  ], [0.  , 0.25]], float32)
    """
    y = jnp.linalg.inv(x)
    return y, (y,)


@inv.backward
def _(kept: Any, g: Tensor) -> Any:
    (y,) = kept
    return -matmul(matmul(y, g, transpose_x=True), y, transpose_y=True)


@op
@_square
def det(x: Array) -> Any:
    """The determinant. Its gradient det(x) x⁻ᵀ needs a matrix that is not singular.

    Example:
        >>> from lamina import ops
        >>> ops.det([[2.0, 0.0], [0.0, 4.0]])
        Tensor(8., float32)
    """
    y = jnp.linalg.det(x)
    return y, (x, y)


@det.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y = kept
    return reshape(g * y, (*y.shape, 1, 1)) * matrix_transpose(inv(x))


@op
@_square
def slogdet(x: Array) -> Any:
    """Sign of the determinant and the logarithm of its magnitude, which neither overflow nor vanish.

    Example:
        >>> from lamina import ops
        >>> ops.slogdet([[2.0, 0.0], [0.0, -4.0]])
        (Tensor(-1., float32), Tensor(2.0794415, float32))
    """
    sign, logarithm = jnp.linalg.slogdet(x)
    return (sign, logarithm), (x,)


@slogdet.backward
def _(kept: Any, _: Tensor | None, g: Tensor | None) -> Any:
    (x,) = kept
    return None if g is None else reshape(g, (*g.shape, 1, 1)) * matrix_transpose(inv(x))


@op
@explained("the array must hold matrices", "shape (..., M, N)", "Add an axis with expand_dims")
def pinv(x: Array, rtol: float | None = None) -> Any:
    """The pseudo-inverse x⁺: of all y that bring x y x next to x, the smallest.

    Args:
        x: (..., M, N).
        rtol: singular values below rtol times the largest count as 0.

    Reference: Golub and Pereyra 1973, The differentiation of pseudo-inverses.

    Example:
        >>> from lamina import ops
        >>> ops.pinv([[2.0, 0.0]])
        Tensor([[0.5], [0. ]], float32)
    """
    y = jnp.linalg.pinv(x, rtol=rtol)
    return y, (x, y)


@pinv.backward
def _(kept: Any, g: Tensor) -> Any:
    x, y = kept
    gt = matrix_transpose(g)
    left = gt - matmul(x, matmul(y, gt))  # (1 − x x⁺) gᵀ
    right = gt - matmul(matmul(gt, y), x)  # gᵀ (1 − x⁺ x)
    through = matmul(matmul(y, g, transpose_x=True), y, transpose_y=True)
    yyt, yty = matmul(y, y, transpose_y=True), matmul(y, y, transpose_x=True)
    return matmul(left, yyt) + matmul(yty, right) - through


@composite
def lstsq(a: Any, b: Any) -> Tensor:
    """The x that makes |a x − b| smallest, and of those the shortest.

    Args:
        a: (M, N).
        b: (M,) or (M, K).

    Example:
        >>> from lamina import ops
        >>> ops.lstsq([[1.0], [1.0]], [1.0, 3.0])
        Tensor([2.], float32)
    """
    return matmul(pinv(a), b)


@composite
def matrix_power(x: Any, n: int) -> Tensor:
    """x multiplied n times with itself; x⁻¹ for negative n.

    Example:
        >>> from lamina import ops
        >>> ops.matrix_power([[1.0, 1.0], [0.0, 1.0]], 5)
        Tensor([[1., 5.], [0., 1.]], float32)
    """
    x = tensor(x)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ArgumentError(
            "matrix_power",
            "the matrix must be square",
            expected="shape (..., M, M)",
            received=f"shape {x.shape}",
            remedy="Check the shape",
        )
    if n < 0:
        x, n = inv(x), -n
    result = None
    while n:  # by squaring: one step for each binary digit of n
        if n & 1:
            result = x if result is None else matmul(result, x)
        n >>= 1
        x = matmul(x, x) if n else x
    return result if result is not None else broadcast_to(eye(x.shape[-1], dtype=x.dtype), x.shape)


@op
@explained("the array must hold matrices", "shape (..., M, N)", "Add an axis with expand_dims")
def matrix_rank(x: Array, rtol: float | None = None) -> Any:
    """How many singular values are larger than rtol times the largest.

    Example:
        >>> from lamina import ops
        >>> ops.matrix_rank([[1.0, 2.0], [2.0, 4.0]])
        Tensor(1, int32)
    """
    return jnp.linalg.matrix_rank(x, rtol=rtol), ()
