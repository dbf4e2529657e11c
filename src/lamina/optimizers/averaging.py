"""Averages of the weights along the way; they often generalise better than the last weights."""

import jax
import jax.numpy as jnp


def moving_average(average: jax.Array, value: jax.Array, momentum: float, step: jax.Array) -> jax.Array:
    """a ← m · a + (1 - m) · w, starting with the first w.

    Args:
        average: a.
        value: w.
        momentum: m.
        step: number of this update, from 1.

    Example:
        >>> moving_average(jnp.array([0.0]), jnp.array([4.0]), 0.75, jnp.array(1)).tolist()
        [4.0]
        >>> moving_average(jnp.array([4.0]), jnp.array([8.0]), 0.75, jnp.array(2)).tolist()
        [5.0]
    """
    kept = jnp.where(step == 1, 0.0, momentum).astype(average.dtype)
    return kept * average + (1 - kept) * value
