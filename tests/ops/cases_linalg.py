"""Cases of products of arrays and of linear algebra."""

import jax.numpy as jnp
import numpy as np
import scipy.linalg

from lamina import ops
from ops.contract import Case
from ops.domains import both, definite, normal, regular

FLOAT = ("float32",)  # LAPACK knows no 16-bit floats

MATMULS = {
    "matrices": [(2, 3), (3, 4)],
    "vector, matrix": [(3,), (3, 4)],
    "matrix, vector": [(2, 3), (3,)],
    "vectors": [(3,), (3,)],
    "batch, matrix": [(5, 2, 3), (3, 4)],
    "matrix, batch": [(2, 3), (5, 3, 4)],
    "batches": [(5, 2, 3), (5, 3, 4)],
    "broadcast batches": [(1, 5, 2, 3), (6, 1, 3, 4)],
    "batch, vector": [(5, 2, 3), (3,)],
    "vector, batch": [(3,), (5, 3, 4)],
}
TRANSPOSED = {
    "left": ([(3, 2), (3, 4)], True, False),
    "right": ([(2, 3), (4, 3)], False, True),
    "both": ([(3, 2), (4, 3)], True, True),
    "batch by right": ([(5, 2, 3), (4, 3)], False, True),
    "left batch": ([(5, 3, 2), (3, 4)], True, False),
    "left, vector": ([(5, 3, 2), (3,)], True, False),
    "vector, right": ([(3,), (5, 4, 3)], False, True),
}
EINSUMS = {
    "ij,jk->ik": [(2, 3), (3, 4)],
    "ij,jk": [(2, 3), (3, 4)],
    "ba,b": [(2, 3), (2,)],
    "ij->": [(2, 3)],
    "ij->ji": [(2, 3)],
    "ii->i": [(3, 3)],
    "ii": [(3, 3)],
    "iij,jk->ki": [(2, 2, 3), (3, 4)],
    "ij,k->i": [(2, 3), (4,)],
    "i,i,i->i": [(3,), (3,), (3,)],
    "bhqd,bhkd->bhqk": [(2, 2, 3, 4), (2, 2, 5, 4)],
    "...ij,...jk->...ik": [(5, 2, 3), (3, 4)],
    "...ij,...jk": [(5, 2, 3), (1, 3, 4)],
    "...i->...": [(2, 3)],
    "b...,b->...": [(2, 3, 4), (2,)],
    "ij,ij->ij": [(2, 3), (1, 3)],
    "a,b,ab->": [(2,), (3,), (2, 3)],
    "ntf,fah->ntah": [(2, 3, 4), (4, 2, 5)],
    "ntah,ahf->ntf": [(2, 3, 2, 5), (2, 5, 4)],
    "ntah,fah->ntf": [(2, 3, 2, 5), (4, 2, 5)],
    "ntah,fha->ntf": [(2, 3, 2, 5), (4, 5, 2)],
    "ntf,ntah->fah": [(2, 3, 4), (2, 3, 2, 5)],
}


def turned(xp):
    def function(x, y, transpose_x, transpose_y):
        return xp.matmul(xp.swapaxes(x, -1, -2) if transpose_x else x, xp.swapaxes(y, -1, -2) if transpose_y else y)

    return function


def symmetrised(function):
    """The function of the symmetric part: what Lamina's op reads of its argument."""
    return lambda x, **settings: function((x + x.swapaxes(-1, -2)) / 2, **settings)


def triangular(xp, solve):
    def function(a, b, lower, transpose_a=False):
        a = xp.tril(a) if lower else xp.triu(a)
        return solve(xp.swapaxes(a, -1, -2) if transpose_a else a, b)

    return function


def unsigned(op):
    """Vectors are determined up to a sign: compare the products in which it does not matter."""

    def eigenvalues_and_projections(x, **settings):
        values, vectors = op(x, **settings)
        weights = np.arange(1.0, values.shape[-1] + 1).astype(str(values.dtype))
        return values, (vectors * weights) @ vectors.swapaxes(-1, -2)

    return eigenvalues_and_projections


def svd_unsigned(op):
    def values_and_products(x, **settings):
        u, s, vt = op(x, **settings)
        weights = np.arange(1.0, s.shape[-1] + 1).astype(str(s.dtype))
        u, vt = u[..., : s.shape[-1]], vt[..., : s.shape[-1], :]
        return s, (u * weights) @ vt, (u * weights) @ u.swapaxes(-1, -2), (vt.swapaxes(-1, -2) * weights) @ vt

    return values_and_products


def qr_unsigned(op):
    def products(x):
        q, r = op(x)
        weights = np.arange(1.0, q.shape[-1] + 1).astype(str(q.dtype))
        return (q * weights) @ q.swapaxes(-1, -2), (r.swapaxes(-1, -2) * weights) @ r

    return products


def norms(name, settings, domain, numpy_name=None):
    numpy, plain = getattr(np.linalg, numpy_name or name), getattr(jnp.linalg, numpy_name or name)
    return Case(f"{name}{settings or ''}", getattr(ops, name), domain, settings, numpy, plain, dtypes=FLOAT, loose=2)


def linear(name, domain, title="", numpy=None, plain=None, **settings):
    numpy, plain = numpy or getattr(np.linalg, name), plain or getattr(jnp.linalg, name)
    case = f"{name}{title or settings or ''}"
    return Case(case, getattr(ops, name), domain, settings, numpy, plain, dtypes=FLOAT, loose=50)


CASES = [
    *(Case(f"matmul({n})", ops.matmul, normal(*s), {}, np.matmul, jnp.matmul, loose=2) for n, s in MATMULS.items()),
    *(
        Case(f"matmul(transposed {n})", ops.matmul, normal(*s), {"transpose_x": tx, "transpose_y": ty}, turned(np),
             turned(jnp))
        for n, (s, tx, ty) in TRANSPOSED.items()
    ),
    *(
        Case(
            f"einsum({e})", lambda *a, e=e: ops.einsum(e, *a), normal(*s), {}, lambda *a, e=e: np.einsum(e, *a),
            (lambda *a, e=e: jnp.einsum(e, *a)) if (1, 3) not in s else None, also=("einsum", "plain_einsum"), loose=2,
        )
        for e, s in EINSUMS.items()
    ),
    Case("dot", ops.dot, normal((2, 3), (4, 3, 5)), {}, np.dot, jnp.dot),
    Case("dot(vectors)", ops.dot, normal((3,), (3,)), {}, np.dot, jnp.dot),
    Case("vecdot", ops.vecdot, normal((2, 3), (2, 3)), {"axis": 0}, np.vecdot, jnp.vecdot),
    Case("outer", ops.outer, normal((2, 2), (3,)), {}, np.outer, jnp.outer),
    Case("kron", ops.kron, normal((2, 3), (4, 2)), {}, np.kron, jnp.kron),
    Case("cross", ops.cross, normal((3, 2), (3, 2)), {"axis": 0}, np.cross, jnp.cross),
    Case("tensordot", ops.tensordot, normal((2, 3, 4), (4, 3, 5)), {"axes": ((1, 2), (1, 0))}, np.tensordot,
         jnp.tensordot),
    Case("tensordot(1)", ops.tensordot, normal((2, 3), (3, 4)), {"axes": 1}, np.tensordot, jnp.tensordot),
    linear("solve", both(regular((3, 3)), normal((3, 2)))),
    linear("solve", both(regular((3, 3)), normal((3,))), " vector"),
    linear("solve", both(regular((2, 3, 3)), normal((3, 2))), " batch"),
    Case("solve_matrices", ops.solve_matrices, both(regular((3, 3)), normal((3, 2))), {}, np.linalg.solve,
         dtypes=FLOAT, loose=50),
    *(
        Case(f"solve_triangular_matrices{lower}{turn}", ops.solve_triangular_matrices,
             both(definite((3, 3)), normal((3, 2))), {"lower": lower, "transpose_a": turn},
             triangular(np, np.linalg.solve), triangular(jnp, jnp.linalg.solve), dtypes=FLOAT, loose=50)
        for lower in (False, True)
        for turn in (False, True)
    ),
    Case("solve_triangular", ops.solve_triangular, both(definite((3, 3)), normal((3,))), {"lower": True},
         triangular(np, np.linalg.solve), triangular(jnp, jnp.linalg.solve), dtypes=FLOAT, loose=50),
    Case("solve_triangular(batch)", ops.solve_triangular, both(definite((2, 3, 3)), normal((3, 1))), {"lower": False},
         triangular(np, np.linalg.solve), triangular(jnp, jnp.linalg.solve), dtypes=FLOAT, loose=50),
    linear("inv", regular((2, 3, 3))),
    linear("det", regular((2, 3, 3))),
    linear("slogdet", regular((2, 3, 3)), plain=lambda x: tuple(jnp.linalg.slogdet(x))),
    linear("pinv", regular((4, 3)), " tall"),
    linear("pinv", regular((3, 4)), " wide"),
    linear("matrix_power", regular((3, 3)), n=5),
    linear("matrix_power", regular((3, 3)), n=-2),
    linear("matrix_power", regular((3, 3)), n=0, plain=lambda x, n: x * 0 + jnp.eye(3)),
    Case("lstsq", ops.lstsq, both(regular((4, 2)), normal((4,))), numpy=lambda a, b: np.linalg.lstsq(a, b)[0],
         jax=lambda a, b: jnp.linalg.pinv(a) @ b, dtypes=FLOAT, loose=50),
    Case("matrix_rank", ops.matrix_rank, regular((4, 3)), {}, np.linalg.matrix_rank, dtypes=FLOAT,
         differentiable=False),
    *(
        Case(f"cholesky(upper={u})", ops.cholesky, definite((2, 3, 3)), {"upper": u},
             symmetrised(lambda x, upper: np.stack([scipy.linalg.cholesky(m, lower=not upper) for m in x])),
             symmetrised(jnp.linalg.cholesky), dtypes=FLOAT, loose=50)
        for u in (False, True)
    ),
    *(
        Case(f"{name}{shape}", qr_unsigned(getattr(ops, name)), regular(shape), {}, qr_unsigned(np.linalg.qr),
             qr_unsigned(jnp.linalg.qr) if shape[-1] <= shape[-2] else None, dtypes=FLOAT, loose=100, also=(name,))
        for name, shape in [("qr_tall", (4, 3)), ("qr", (3, 3)), ("qr", (2, 3, 4))]
    ),
    Case("eigh", unsigned(ops.eigh), definite((2, 3, 3)), {}, unsigned(symmetrised(np.linalg.eigh)),
         unsigned(symmetrised(jnp.linalg.eigh)), dtypes=FLOAT, loose=100, also=("eigh",)),
    Case("eigvalsh", ops.eigvalsh, definite((3, 3)), {}, symmetrised(np.linalg.eigvalsh),
         symmetrised(jnp.linalg.eigvalsh), dtypes=FLOAT, loose=50),
    *(
        Case(f"{name}{shape}", svd_unsigned(getattr(ops, name)), regular(shape),
             {"full_matrices": False} if name == "svd" else {},
             svd_unsigned(lambda x, full_matrices=False: np.linalg.svd(x, full_matrices=False)),
             svd_unsigned(lambda x, full_matrices=False: jnp.linalg.svd(x, full_matrices=False)),
             dtypes=FLOAT, loose=100, also=(name,))
        for name, shape in [("svd_reduced", (3, 3)), ("svd_reduced", (2, 4, 3)), ("svd", (3, 4))]
    ),
    Case("svd_full", lambda x: ops.svd_full(x)[1], regular((4, 3)), {}, np.linalg.svdvals, jnp.linalg.svdvals,
         dtypes=FLOAT, second=False, loose=50, also=("svd_full",)),
    Case("svdvals", ops.svdvals, regular((4, 3)), {}, np.linalg.svdvals, jnp.linalg.svdvals, dtypes=FLOAT, loose=50),
    norms("vector_norm", {}, normal((2, 3))),
    norms("vector_norm", {"axis": 1, "keepdims": True}, normal((2, 3))),
    *(norms("vector_norm", {"axis": (0, 2), "ord": p}, normal((2, 3, 2))) for p in (1, 3, np.inf, -np.inf)),
    norms("vector_norm", {"axis": 0, "ord": -2}, normal((2, 3))),
    Case("vector_norm(ord=0)", ops.vector_norm, normal((2, 3)), {"ord": 0}, np.linalg.vector_norm,
         differentiable=False),
    Case("p_norm", ops.p_norm, normal((2, 3)), {"axis": 1, "p": 2.5},
         lambda x, axis, p: np.linalg.vector_norm(x, axis=axis, ord=p),
         lambda x, axis, p: jnp.linalg.vector_norm(x, axis=axis, ord=p)),
    *(norms("matrix_norm", {"ord": p}, regular((2, 3, 4))) for p in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)),
    norms("matrix_norm", {"ord": 1, "keepdims": True}, regular((3, 4))),
    norms("norm", {}, normal((2, 3))),
    norms("norm", {"ord": 1, "axis": 0}, normal((2, 3))),
    norms("norm", {"ord": "nuc", "axis": (2, 0), "keepdims": True}, regular((3, 2, 4))),
]  # fmt: skip
