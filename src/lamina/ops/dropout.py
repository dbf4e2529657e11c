"""Dropout: noise that keeps a network from leaning on single units."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ..core import ArgumentError, Array, Tensor, op
from ..core.random import coin
from .comparison import where


@op
def dropout(x: Array, rate: float, key: Array, noise_shape: Sequence[int | None] | None = None) -> Any:
    """Set elements to 0 with probability `rate`, and scale the others so that the mean stays.

    y = x·m / (1 − rate), m = 1 with probability 1 − rate, else 0. The same m is used for the gradient.

    Args:
        x: any shape.
        rate: in [0, 1]; 1 leaves nothing.
        key: two words from `lamina.core.random.next_key`; the same key gives the same m.
        noise_shape: shape of m, broadcast to x's; None, as a whole or for one axis, is x's own size.

    Returns:
        y of x's shape.

    Raises:
        ArgumentError: rate lies outside [0, 1].

    Example:
        >>> import numpy as np
        >>> from lamina import ops
        >>> y = ops.dropout(np.ones(1000), 0.25, key=np.array([1, 2], np.uint32))
        >>> sorted({round(v, 3) for v in y.tolist()}), bool(abs(y.mean() - 1) < 0.05)
        ([0.0, 1.333], True)

    Reference: Srivastava et al. 2014, Dropout.
    """
    if not 0 <= rate <= 1:
        raise ArgumentError(
            "dropout", "the rate is a probability", expected="0 ... 1", received=rate, remedy="Pass the share to drop"
        )
    own = (None,) * x.ndim if noise_shape is None else tuple(noise_shape)
    keep = coin(key, 1.0 - rate, [n if m is None else m for n, m in zip(x.shape, own, strict=True)])
    scale = 1.0 / (1.0 - rate) if rate < 1 else 0.0
    return jnp.where(keep, x * scale, 0), (keep, scale)


@dropout.backward
def _(kept: Any, g: Tensor) -> Any:
    keep, scale = kept
    return where(keep, g * scale, 0.0), None
