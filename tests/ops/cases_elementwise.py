"""Cases of the ops that work element by element."""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special

from lamina import ops
from ops.contract import Case
from ops.domains import apart, between, both, fixed, integers, normal, truths

S = (2, 3)

UNARY = [  # names that NumPy and JAX share
    ("negative", normal(S)),
    ("positive", normal(S)),
    ("reciprocal", between(0.5, 2, S)),
    ("square", normal(S)),
    ("sqrt", between(0.5, 2, S)),
    ("abs", apart(S)),
    ("exp", normal(S)),
    ("exp2", normal(S)),
    ("expm1", normal(S)),
    ("log", between(0.5, 2, S)),
    ("log1p", between(-0.5, 2, S)),
    ("log2", between(0.5, 2, S)),
    ("log10", between(0.5, 2, S)),
    ("sin", normal(S)),
    ("cos", normal(S)),
    ("tan", between(-1, 1, S)),
    ("arcsin", between(-0.8, 0.8, S)),
    ("arccos", between(-0.8, 0.8, S)),
    ("arctan", normal(S)),
    ("sinh", normal(S)),
    ("cosh", normal(S)),
    ("tanh", normal(S)),
    ("arcsinh", normal(S)),
    ("arccosh", between(1.5, 3, S)),
    ("arctanh", between(-0.8, 0.8, S)),
]
BINARY = [
    ("add", normal(S, S)),
    ("subtract", normal(S, S)),
    ("multiply", normal(S, S)),
    ("divide", between(0.5, 2, S, S)),
    ("hypot", between(0.5, 2, S, S)),
    ("maximum", apart(S, S)),
    ("minimum", apart(S, S)),
    ("logaddexp", normal(S, S)),
    ("arctan2", between(0.5, 2, S, S)),
]
FLAT = [  # steps: no gradient
    ("sign", apart(S)),
    ("floor", apart(S)),
    ("ceil", apart(S)),
    ("trunc", apart(S)),
    ("signbit", apart(S)),
    ("isnan", fixed([1.0, np.nan, np.inf])),
    ("isinf", fixed([1.0, np.nan, -np.inf])),
    ("isfinite", fixed([1.0, np.nan, -np.inf])),
]
FLAT_PAIRS = [
    ("equal", integers(0, 3, S, S)),
    ("not_equal", integers(0, 3, S, S)),
    ("less", normal(S, S)),
    ("less_equal", integers(0, 3, S, S)),
    ("greater", normal(S, S)),
    ("greater_equal", integers(0, 3, S, S)),
    ("logical_and", truths(S, S)),
    ("logical_or", truths(S, S)),
    ("logical_xor", truths(S, S)),
    ("bitwise_and", integers(0, 9, S, S)),
    ("bitwise_or", integers(0, 9, S, S)),
    ("bitwise_xor", integers(0, 9, S, S)),
    ("bitwise_left_shift", integers(0, 5, S, S)),
    ("bitwise_right_shift", integers(0, 5, S, S)),
    ("floor_divide", between(0.6, 0.9, S, S)),
    ("nextafter", normal(S, S)),
]


def chain(g, slope):
    return g * slope


def powers_plain(x, exponent):
    return x**exponent


def clip_plain(x, low, high):
    return jnp.minimum(jnp.maximum(x, low), high)


CASES = [
    *(Case(n, getattr(ops, n), d, numpy=getattr(np, n), jax=getattr(jnp, n)) for n, d in UNARY),
    *(Case(n, getattr(ops, n), d, numpy=getattr(np, n), jax=getattr(jnp, n), broadcasts=True) for n, d in BINARY),
    *(Case(n, getattr(ops, n), d, numpy=getattr(np, n), differentiable=False) for n, d in FLAT),
    *(
        Case(n, getattr(ops, n), d, numpy=getattr(np, n), differentiable=False, broadcasts=True, dtypes=("float32",))
        for n, d in FLAT_PAIRS
    ),
    Case("rsqrt", ops.rsqrt, between(0.5, 2, S), numpy=lambda x: x**-0.5, jax=jax.lax.rsqrt),
    Case("erf", ops.erf, normal(S), numpy=scipy.special.erf, jax=jax.scipy.special.erf),
    Case("erfc", ops.erfc, normal(S), numpy=scipy.special.erfc, jax=jax.scipy.special.erfc),
    Case("erfinv", ops.erfinv, between(-0.8, 0.8, S), numpy=scipy.special.erfinv, jax=jax.scipy.special.erfinv),
    Case("chain", ops.chain, normal(S, S), numpy=chain, jax=chain, broadcasts=True),
    Case("power", ops.power, between(0.5, 2, S, S), numpy=np.power, jax=jnp.power, broadcasts=True),
    Case("power_of_tensors", ops.power_of_tensors, between(0.5, 2, S, S), numpy=np.power, jax=jnp.power),
    *(
        Case(f"power_of_number({p})", ops.power_of_number, domain, {"exponent": p}, powers_plain, powers_plain)
        for p, domain in [(2, normal(S)), (3.0, normal(S)), (-1, apart(S)), (0.5, between(0.5, 2, S)), (1, normal(S))]
    ),
    Case("power_of_number(0)", ops.power_of_number, normal(S), {"exponent": 0}, powers_plain, powers_plain),
    Case("clip", ops.clip, fixed([[-2.0, 0.3], [0.6, 3.0]], -1.0, 1.5), numpy=np.clip, jax=clip_plain),
    Case("clip(min only)", ops.clip, apart(S), {"min": 0.0}, lambda x, min: np.maximum(x, min)),
    Case("remainder", ops.remainder, both(between(2.1, 2.9, S), between(1.0, 1.05, S)), numpy=np.remainder,
         jax=jnp.remainder, broadcasts=True, dtypes=("float32",)),
    Case("copysign", ops.copysign, apart(S, S), numpy=np.copysign, broadcasts=True),
    Case("round", ops.round, apart(S), {"decimals": 1}, np.round, differentiable=False, dtypes=("float32",)),
    Case("logical_not", ops.logical_not, truths(S), numpy=np.logical_not, differentiable=False),
    Case("bitwise_invert", ops.bitwise_invert, integers(0, 9, S), numpy=np.invert, differentiable=False),
    Case("where", ops.where, both(truths(S), normal(S, S)), numpy=np.where, jax=jnp.where),
    Case("select", ops.select, both(truths(S), normal(S, (3,))), numpy=np.where, jax=jnp.where),
    Case("cast", ops.cast, normal(S), {"dtype": "float64"}, lambda x, dtype: x.astype(dtype), dtypes=()),
    Case("cast to integers", ops.cast, normal(S), {"dtype": "int32"}, lambda x, dtype: x.astype(dtype),
         differentiable=False),
]  # fmt: skip
