"""Batch normalisation by kernels, scale and shift included."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import Array, Tensor, as_array, op
from ..native import run_kernel
from .recurrent import again, pulled


@op
def batch_norm_kernel(x: Array, gamma: Array, beta: Array, epsilon: float, plain: Any) -> Any:
    """γ x̂ + β of float32 x (..., C), γ and β (C,), the mean and the variance (C,); `plain` is the same, made of ops."""
    mean, variance = run_kernel("moments", [gamma.shape, gamma.shape], x)
    y = (x - mean) * (gamma / jnp.sqrt(variance + epsilon)) + beta  # by XLA, which adds what follows: relu, a shortcut
    return (y, mean, variance), (x, gamma, beta, mean, variance, epsilon, plain)


@batch_norm_kernel.backward
def _(kept: Any, g: Tensor | None, g_mean: Tensor | None, g_variance: Tensor | None) -> Any:
    x, gamma, beta, *_, plain = kept
    if g is None or g_mean is not None or g_variance is not None:
        return pulled(plain, [x, gamma, beta], [g, g_mean, g_variance])
    return batch_norm_pull(x, gamma, beta, g, *kept[3:])


@op
def batch_norm_pull(
    x: Array, gamma: Array, beta: Array, g: Array, mean: Any, variance: Any, epsilon: float, plain: Any
) -> Any:
    """Gradients of x, γ and β for that of the result."""
    inputs, shapes = (x, gamma, as_array(mean), as_array(variance), g), [x.shape, gamma.shape, gamma.shape]
    found = run_kernel("batch_norm_pull", shapes, *inputs, epsilon=np.float32(epsilon))
    return tuple(found), (x, gamma, beta, g, plain)


@batch_norm_pull.backward
def _(kept: Any, *us: Any) -> Any:
    *inputs, g, plain = kept
    return again(lambda *given: (plain(*given)[0],), inputs, [g], us)
