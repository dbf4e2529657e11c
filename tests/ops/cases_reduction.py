"""Cases of reductions, scans, sorting and searching."""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special

from lamina import ops
from ops.contract import Case
from ops.domains import apart, between, fixed, integers, normal, truths

S = (3, 4)
AXES = [{}, {"axis": 0}, {"axis": (0, 1), "keepdims": True}, {"axis": -1, "keepdims": True}]
WITH_ZEROS = fixed([[1.5, 0.0, -0.7], [0.0, 2.0, 0.0], [0.5, 1.5, -2.0]])


def each_axis(name, domain, numpy, jax, **more):
    return [Case(f"{name}{s or ''}", getattr(ops, name), domain, s, numpy, jax, **more) for s in AXES]


def recurrence(a, b, axis=-1, reverse=False):
    xp = jnp if isinstance(a, jax.Array) else np
    steps = a.shape[axis]
    order = range(steps)[::-1] if reverse else range(steps)
    h, results = 0.0, {}
    for t in order:
        h = xp.take(a, xp.asarray(t), axis) * h + xp.take(b, xp.asarray(t), axis)
        results[t] = h
    return xp.stack([results[t] for t in range(steps)], axis)


def running_products(xp, x, axis, reverse):
    return xp.flip(xp.cumprod(xp.flip(x, axis), axis), axis) if reverse else xp.cumprod(x, axis)


def running_sums(xp, x, axis, reverse):
    return xp.flip(xp.cumsum(xp.flip(x, axis), axis), axis) if reverse else xp.cumsum(x, axis)


def plain_product(x, axis=None, keepdims=False):
    """Products without division, so that JAX's derivative is right at 0, too."""
    return jnp.prod(x, axis, keepdims=keepdims)


def initial(xp, running, value):
    def function(x, axis, include_initial):
        shape = [1 if i == axis else n for i, n in enumerate(x.shape)]
        return xp.concatenate([xp.full(shape, value, x.dtype), running(x, axis)], axis)

    return function


def top(x, k):
    places = np.argsort(-x, -1, kind="stable")[..., :k]
    return np.take_along_axis(x, places, -1), places


CASES = [
    *each_axis("sum", normal(S), np.sum, jnp.sum),
    *each_axis("mean", normal(S), np.mean, jnp.mean),
    *each_axis("max", apart(S), np.max, jnp.max),
    *each_axis("min", apart(S), np.min, jnp.min),
    *each_axis("var", normal(S), np.var, jnp.var, loose=2),
    *each_axis("std", normal(S), np.std, jnp.std, loose=2),
    *each_axis("prod", between(0.5, 1.5, S), np.prod, plain_product, loose=2),
    *each_axis("logsumexp", normal(S), scipy.special.logsumexp, jax.scipy.special.logsumexp),
    *each_axis("all", truths(S), np.all, None, differentiable=False),
    *each_axis("any", truths(S), np.any, None, differentiable=False),
    *each_axis("count_nonzero", integers(0, 2, S), np.count_nonzero, None, differentiable=False),
    *(
        Case(f"{name}{s or ''}", getattr(ops, name), apart(S), s, getattr(np, name), differentiable=False)
        for name in ("argmax", "argmin")
        for s in ({}, {"axis": 0}, {"axis": -1, "keepdims": True})
    ),
    Case("sum of nothing", ops.sum, normal((0, 3)), {"axis": 0}, np.sum, jnp.sum),
    Case("var(correction)", ops.var, normal(S), {"axis": 1, "correction": 1}, np.var, jnp.var),
    Case("std(correction)", ops.std, normal(S), {"axis": 1, "correction": 1}, np.std, jnp.std),
    Case("prod with zeros", ops.prod, WITH_ZEROS, {"axis": 1}, np.prod),
    Case("product_of_last_axis", ops.product_of_last_axis, WITH_ZEROS, numpy=lambda x: np.prod(x, -1)),
    *(
        Case(
            f"sum_along{axis}{'r' * reverse}", ops.sum_along, normal(S), {"axis": axis, "reverse": reverse},
            lambda x, axis, reverse: running_sums(np, x, axis, reverse),
            lambda x, axis, reverse: running_sums(jnp, x, axis, reverse),
        )
        for axis, reverse in [(0, False), (1, True)]
    ),
    *(
        Case(
            f"product_along{axis}{'r' * reverse}", ops.product_along, domain, {"axis": axis, "reverse": reverse},
            lambda x, axis, reverse: running_products(np, x, axis, reverse),
            (lambda x, axis, reverse: running_products(jnp, x, axis, reverse)) if axis == 0 else None, loose=2,
        )
        for axis, reverse, domain in [(0, False, between(0.5, 1.5, S)), (1, False, WITH_ZEROS), (1, True, WITH_ZEROS)]
    ),
    *(
        Case(f"linear_recurrence{'r' * r}", ops.linear_recurrence, normal(S, S), {"axis": 1, "reverse": r}, recurrence,
             recurrence)
        for r in (False, True)
    ),
    Case("cumsum", ops.cumsum, normal(S), {"axis": 1}, np.cumsum, jnp.cumsum),
    Case("cumsum(flat)", ops.cumsum, normal(S), {}, np.cumsum, jnp.cumsum),
    Case("cumprod", ops.cumprod, between(0.5, 1.5, S), {"axis": -1}, np.cumprod, jnp.cumprod, loose=2),
    Case("cumulative_sum", ops.cumulative_sum, normal(S), {"axis": 1, "include_initial": True},
         initial(np, np.cumsum, 0), initial(jnp, jnp.cumsum, 0)),
    Case("cumulative_prod", ops.cumulative_prod, between(0.5, 1.5, S), {"axis": 1, "include_initial": True},
         initial(np, np.cumprod, 1), initial(jnp, jnp.cumprod, 1), loose=2),
    Case("diff", ops.diff, normal(S), {"axis": 1, "n": 2}, np.diff, jnp.diff),
    Case("argsort", ops.argsort, apart(S), {"axis": 0}, np.argsort, differentiable=False),
    Case("argsort(descending)", ops.argsort, integers(0, 3, S), {"descending": True},
         lambda x, descending: np.argsort(-x, kind="stable"), differentiable=False),
    Case("sort", ops.sort, apart(S), {"axis": 0}, np.sort, jnp.sort),
    Case("sort(flat)", ops.sort, apart(S), {"axis": None}, np.sort, jnp.sort),
    Case("sort(descending)", ops.sort, apart(S), {"descending": True}, lambda x, descending: -np.sort(-x),
         lambda x, descending: -jnp.sort(-x)),
    Case("top_k", ops.top_k, apart(S), {"k": 2}, top, jax.lax.top_k),
    Case("searchsorted", ops.searchsorted, fixed([1.0, 2.0, 3.0], [0.5, 2.0, 2.5]), {"side": "right"}, np.searchsorted,
         differentiable=False),
    Case("isin", ops.isin, integers(0, 5, S, (2,)), numpy=np.isin, differentiable=False),
]  # fmt: skip
