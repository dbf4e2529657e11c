"""Layer normalisation over the last axis by kernels, scale and shift included."""

from typing import Any

import numpy as np

from ..core import Array, Tensor, op
from ..native import run_kernel
from .recurrent import again

_PIECE = 32  # rows whose sums the kernel keeps together


def _flat(x: Array) -> Array:
    return x.reshape(-1, x.shape[-1])


@op
def layer_norm_kernel(x: Array, gamma: Array, beta: Array, epsilon: float, plain: Any) -> Any:
    """γ x̂ + β of float32 x (..., C), γ and β (C,); `plain` is the same as a function made of ops."""
    rows = _flat(x)
    shapes = [rows.shape, rows.shape[:1], rows.shape[:1]]
    y, *saved = run_kernel("layer_norm", shapes, rows, gamma, beta, epsilon=np.float32(epsilon))
    return y.reshape(x.shape), (x, gamma, beta, saved, plain)


@layer_norm_kernel.backward
def _(kept: Any, g: Tensor) -> Any:
    return layer_norm_pull(*kept[:3], g, *kept[3:])


@op
def layer_norm_pull(x: Array, gamma: Array, beta: Array, g: Array, saved: Any, plain: Any) -> Any:
    """Gradients of x, γ and β for that of the result."""
    rows = _flat(x)
    sums = (-(-rows.shape[0] // _PIECE), rows.shape[1])
    g_x, *parts = run_kernel("layer_norm_pull", [rows.shape, sums, sums], rows, gamma, *saved, _flat(g))
    return (g_x.reshape(x.shape), *(part.sum(0) for part in parts)), (x, gamma, beta, g, plain)


@layer_norm_pull.backward
def _(kept: Any, *us: Any) -> Any:
    *inputs, g, plain = kept
    return again(lambda *given: (plain(*given),), inputs, [g], us)
