"""The product that gradients of weights are, in its best form."""

import jax

from ..core import Array
from ..native import has_kernels, run_kernel

_WORTHWHILE = 2**21  # multiplications; fewer are done before a second thread has woken up


def outer_product(x: Array, y: Array) -> Array:
    """Σ_k x_{km} y_{kn}: (K, M), (K, N) -> (M, N)."""
    size = x.size * y.shape[1]
    if size >= _WORTHWHILE and has_kernels(x, y):
        return run_kernel("outer_product", [(x.shape[1], y.shape[1])], x, y)[0]
    return jax.lax.dot_general(x, y, (((0,), (0,)), ((), ())))
