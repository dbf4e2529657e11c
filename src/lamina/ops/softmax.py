"""Functions that weigh the elements of a whole axis against each other."""

from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array, Tensor, composite, op
from .activation import sigmoid
from .casting import tensor
from .exponential import exp
from .precise import widened


@op
def softmax(x: Array, axis: int | tuple[int, ...] = -1) -> Any:
    """Numbers to probabilities: y_i = e^{x_i} / Σ_j e^{x_j} along `axis`.

    Example:
        >>> from lamina import ops
        >>> ops.softmax([1000.0, 1000.0, -1000.0])
        Tensor([0.5, 0.5, 0. ], float32)

    Reference: Bridle 1990.
    """
    y = jax.nn.softmax(widened(x), axis=axis).astype(x.dtype)
    return y, (y, axis)


@softmax.backward
def _(kept: Any, g: Tensor) -> Tensor:
    y, axis = kept
    return y * (g - (g * y).sum(axis=axis, keepdims=True))


@op
def log_softmax(x: Array, axis: int | tuple[int, ...] = -1) -> Any:
    """Logarithm of `softmax`, exact where the probability itself would round to 0: x_i − log Σ_j e^{x_j}.

    Example:
        >>> from lamina import ops
        >>> ops.log_softmax([0.0, 1000.0])
        Tensor([-1000., 0.], float32)
    """
    y = jax.nn.log_softmax(widened(x), axis=axis).astype(x.dtype)
    return y, (y, axis)


@log_softmax.backward
def _(kept: Any, g: Tensor) -> Tensor:
    y, axis = kept
    return g - exp(y) * g.sum(axis=axis, keepdims=True)


@op
def sparsemax(x: Array, axis: int = -1) -> Any:
    """The probabilities nearest to x: y = max(x − τ, 0), with τ such that they sum to 1 along `axis`.

    Unlike softmax it can give exact zeros.

    Example:
        >>> from lamina import ops
        >>> ops.sparsemax([1.0, 0.5, -1.0])
        Tensor([0.75, 0.25, 0. ], float32)

    Reference: Martins and Astudillo 2016, arXiv 1602.02068.
    """
    z = jnp.moveaxis(x, axis, -1)
    falling = -jnp.sort(-z, axis=-1)
    count = jnp.arange(1, z.shape[-1] + 1, dtype=x.dtype)
    sums = jnp.cumsum(falling, axis=-1)
    support = (1 + count * falling > sums).sum(-1, keepdims=True)  # how many are above 0
    tau = (jnp.take_along_axis(sums, support - 1, axis=-1) - 1) / support.astype(x.dtype)
    y = jnp.moveaxis(jnp.maximum(z - tau, 0), -1, axis)
    return y, (y > 0, axis)


@sparsemax.backward
def _(kept: Any, g: Tensor) -> Tensor:
    above, axis = kept
    mask = above.astype(g.dtype)
    mean = (g * mask).sum(axis=axis, keepdims=True) / mask.sum(axis=axis, keepdims=True)
    return (g - mean) * mask


@composite
def glu(x: Any, axis: int = -1) -> Tensor:
    """Gated linear unit: a·σ(b), where a and b are the two halves of x along `axis`.

    Example:
        >>> from lamina import ops
        >>> ops.glu([1.0, 2.0, 0.0, 0.0])
        Tensor([0.5, 1. ], float32)

    Reference: Dauphin et al. 2016, arXiv 1612.08083.
    """
    x = tensor(x)
    half = x.shape[axis] // 2
    first = (slice(None),) * (axis % x.ndim)
    return x[*first, :half] * sigmoid(x[*first, half:])
