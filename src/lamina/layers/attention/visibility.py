"""Which query looks at which key."""

from typing import Any

import jax.numpy as jnp

from ...core import Array, as_array


def all_of(*masks: Any) -> Array | None:
    """True where every mask is; None where there is none. Numbers count as true unless 0.

    Example:
        >>> all_of([True, True], None, [[1], [0]]).tolist(), all_of(None)
        ([[True, True], [False, False]], None)
    """
    found = None
    for mask in masks:
        if mask is not None:
            mask = as_array(mask).astype(bool)
            found = mask if found is None else found & mask
    return found


def from_position(position: Any, length: int) -> Array:
    """The places of T tokens, the first of them at `position`: (T,), or (N, T) for positions (N,); None counts from 0.

    Example:
        >>> from_position(5, 2).tolist(), from_position([5, 8], 2).tolist(), from_position(None, 2).tolist()
        ([5, 6], [[5, 6], [8, 9]], [0, 1])
    """
    steps = jnp.arange(length, dtype=jnp.int32)
    return steps if position is None else as_array(position).astype(jnp.int32)[..., None] + steps
