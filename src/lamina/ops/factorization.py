"""Matrices as products: Cholesky, QR, eigenvalues of symmetric matrices, singular values.

Where two eigenvalues or singular values are equal, their vectors have no derivative; the share of the gradient that
would divide by their difference is left out, so that the rest stays finite and right.
"""

from typing import Any

import jax.numpy as jnp

from ..core import Array, GradientError, Tensor, composite, op
from .casting import tensor
from .comparison import select
from .diagonal import diag_embed, tril, triu
from .explain import explained
from .joining import concatenate
from .linalg import solve_triangular_matrices
from .matmul import matmul
from .shape import expand_dims, matrix_transpose

_square = explained("the matrix must be square", "shape (..., M, M)", "Check the shape")
_matrix = explained("the array must hold matrices", "shape (..., M, N)", "Add an axis with expand_dims")


def _symmetric(x: Tensor) -> Tensor:
    return 0.5 * (x + matrix_transpose(x))


def _inverse_gaps(values: Tensor) -> Tensor:
    """F_{ij} = 1 / (v_j − v_i), and 0 where the two are equal up to rounding."""
    gaps = expand_dims(values, -2) - expand_dims(values, -1)
    scale = jnp.max(jnp.abs(values.array), -1, keepdims=True, initial=0.0)[..., None]
    equal = Tensor(jnp.abs(gaps.array) <= 10 * jnp.finfo(values.dtype).eps * scale)
    return select(equal, Tensor(0, values.dtype), 1 / select(equal, Tensor(1, values.dtype), gaps))


@op
@_square
def cholesky(x: Array, upper: bool = False) -> Any:
    """The lower triangular L with L Lᵀ = x; or, if `upper`, its transpose.

    Args:
        x: (..., M, M), symmetric and positive definite; otherwise the result is NaN.

    Reference: Murray 2016, Differentiation of the Cholesky decomposition, arXiv 1602.07527.

    Example:
        >>> from lamina import ops
        >>> ops.cholesky([[4.0, 2.0], [2.0, 5.0]])
        Tensor([[2., 0.], [1., 2.]], float32)
    """
    y = jnp.linalg.cholesky(x, upper=upper)
    return y, (y, upper)


@cholesky.backward
def _(kept: Any, g: Tensor) -> Any:
    y, upper = kept
    lower, g = (matrix_transpose(y), tril(matrix_transpose(g))) if upper else (y, tril(g))
    phi = matmul(lower, g, transpose_x=True)
    phi = 0.5 * (tril(phi) + tril(phi, -1))  # the lower triangle with half the diagonal
    half = solve_triangular_matrices(lower, phi, True, True)
    return _symmetric(solve_triangular_matrices(lower, matrix_transpose(half), True, True))


@op
@_matrix
def qr_tall(x: Array) -> Any:
    """`qr` of matrices with at least as many rows as columns.

    Example:
        >>> from lamina import ops
        >>> q, r = ops.qr_tall([[3.0], [4.0]])
        >>> abs(q), abs(r)
        (Tensor([[0.6], [0.8]], float32), Tensor([[5.]], float32))
    """
    q, r = jnp.linalg.qr(x, "reduced")
    return (q, r), (q, r)


@qr_tall.backward
def _(kept: Any, gq: Tensor | None, gr: Tensor | None) -> Any:
    q, r = kept
    gq, gr = gq if gq is not None else 0 * q, gr if gr is not None else 0 * r
    m = matmul(r, triu(gr), transpose_y=True) - matmul(gq, q, transpose_x=True)
    symmetric = tril(m) + matrix_transpose(tril(m, -1))
    right = gq + matmul(q, symmetric)
    return matrix_transpose(solve_triangular_matrices(r, matrix_transpose(right), False))


@composite
def qr(x: Any) -> tuple[Tensor, Tensor]:
    """x = Q R with orthonormal columns in Q and an upper triangular R.

    Args:
        x: (..., M, N), its first min(M, N) columns independent.

    Returns:
        Q (..., M, K) and R (..., K, N), K = min(M, N).

    Reference: Walter, Lehmann and Lamour 2012, On evaluating higher-order derivatives of the QR decomposition
    of tall matrices.

    Example:
        >>> from lamina import ops
        >>> q, r = ops.qr([[3.0, 1.0], [4.0, 2.0]])
        >>> ops.round(q @ r, 4)
        Tensor([[3., 1.], [4., 2.]], float32)
    """
    x = tensor(x)
    rows, columns = x.shape[-2:]
    if rows >= columns:
        return qr_tall(x)
    q, r = qr_tall(x[..., :rows])  # the other columns of R are those of x, seen in the axes of Q
    return q, concatenate([r, matmul(q, x[..., rows:], transpose_x=True)], -1)


@op
@_square
def eigh(x: Array) -> Any:
    """Eigenvalues, rising, and eigenvectors of a symmetric matrix: x = V diag(λ) Vᵀ.

    Args:
        x: (..., M, M); its symmetric part (x + xᵀ) / 2 is taken.

    Returns:
        λ (..., M) and V (..., M, M), one vector in each column.

    Example:
        >>> from lamina import ops
        >>> ops.eigh([[2.0, 0.0], [0.0, 1.0]])[0]
        Tensor([1., 2.], float32)
    """
    values, vectors = jnp.linalg.eigh(x)
    return (values, vectors), (values, vectors)


@eigh.backward
def _(kept: Any, gl: Tensor | None, gv: Tensor | None) -> Any:
    values, v = kept
    inner = diag_embed(gl) if gl is not None else 0
    if gv is not None:
        inner = inner + _inverse_gaps(values) * matmul(v, gv, transpose_x=True)
    return _symmetric(matmul(matmul(v, inner), v, transpose_y=True))


@composite
def eigvalsh(x: Any) -> Tensor:
    """Eigenvalues, rising, of a symmetric matrix; their gradient is right also where they are equal.

    Example:
        >>> from lamina import ops
        >>> ops.eigvalsh([[2.0, 0.0], [0.0, 1.0]])
        Tensor([1., 2.], float32)
    """
    return eigh(x)[0]


@op
@_matrix
def svd_reduced(x: Array) -> Any:
    """`svd` without the vectors of singular values that do not exist: U (..., M, K), S (..., K), Vᵀ (..., K, N).

    Example:
        >>> from lamina import ops
        >>> ops.svd_reduced([[3.0, 0.0]])[1]
        Tensor([3.], float32)
    """
    u, s, vt = jnp.linalg.svd(x, full_matrices=False)
    return (u, s, vt), (u, s, vt)


@svd_reduced.backward
def _(kept: Any, gu: Tensor | None, gs: Tensor | None, gvt: Tensor | None) -> Any:
    u, s, vt = kept
    inner = diag_embed(gs) if gs is not None else 0
    if gu is None and gvt is None:
        return matmul(matmul(u, inner), vt)
    gaps, row, column = _inverse_gaps(s * s), expand_dims(s, -2), expand_dims(s, -1)
    inverse = 1 / select(s == 0, Tensor(1, s.dtype), s)
    outside: Any = 0
    if gu is not None:
        turn = matmul(u, gu, transpose_x=True)
        inner = inner + gaps * (turn - matrix_transpose(turn)) * row
        outside = outside + matmul((gu - matmul(u, turn)) * expand_dims(inverse, -2), vt)
    if gvt is not None:
        turn = matmul(vt, gvt, transpose_y=True)
        inner = inner + column * (gaps * (turn - matrix_transpose(turn)))
        outside = outside + matmul(u, expand_dims(inverse, -1) * (gvt - matmul(turn, vt, transpose_x=True)))
    return matmul(matmul(u, inner), vt) + outside


@op
@_matrix
def svd_full(x: Array) -> Any:
    """`svd` with square U and Vᵀ. Only S can be differentiated: the added vectors are one choice of many.

    Example:
        >>> from lamina import ops
        >>> ops.svd_full([[3.0, 0.0]])[2].shape
        (2, 2)
    """
    u, s, vt = jnp.linalg.svd(x, full_matrices=True)
    return (u, s, vt), (u, s, vt)


@svd_full.backward
def _(kept: Any, gu: Tensor | None, gs: Tensor | None, gvt: Tensor | None) -> Any:
    u, s, vt = kept
    if gu is None and gvt is None:
        k = s.shape[-1]
        return matmul(matmul(u[..., :k], diag_embed(gs)), vt[..., :k, :])
    raise GradientError(
        "svd",
        "the square U and V of a matrix that is not square have no derivative",
        expected="full_matrices=False",
        received="full_matrices=True",
        remedy="Ask for the reduced form",
    )


@composite
def svd(x: Any, full_matrices: bool = True) -> tuple[Tensor, Tensor, Tensor]:
    """Singular values S, falling, and their vectors: x = U diag(S) Vᵀ.

    Args:
        x: (..., M, N).
        full_matrices: whether U and Vᵀ are square; False gives K = min(M, N) vectors each, and gradients for any shape.

    Returns:
        U (..., M, M or K), S (..., K), Vᵀ (..., N or K, N).

    Reference: Townsend 2016, Differentiating the singular value decomposition.

    Example:
        >>> from lamina import ops
        >>> ops.svd([[3.0, 0.0], [0.0, 4.0]])[1]
        Tensor([4., 3.], float32)
    """
    x = tensor(x)
    return svd_full(x) if full_matrices and x.ndim > 1 and x.shape[-1] != x.shape[-2] else svd_reduced(x)


@composite
def svdvals(x: Any) -> Tensor:
    """Singular values, falling; their gradient is right also where they are equal.

    Example:
        >>> from lamina import ops
        >>> ops.svdvals([[3.0, 0.0], [0.0, 4.0]])
        Tensor([4., 3.], float32)
    """
    return svd_reduced(x)[1]
