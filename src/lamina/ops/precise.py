"""Arithmetic that must not be done in 16 bits: exponentials, means and sums over many elements."""

import jax.numpy as jnp

from ..core import Array


def widened(x: Array) -> Array:
    """x in float32 if it has fewer bits, else x itself."""
    return x.astype(jnp.float32) if x.dtype in (jnp.bfloat16, jnp.float16) else x
