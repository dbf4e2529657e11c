"""What the plain and the chunked form of attention share: the layout of heads, and who may look where."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import lax

from ..core import Array, Tensor, materialize, op


def folded(x: Any, heads: int) -> Any:
    """(N, A, T, H) as (N, K, G·T, H), K `heads`: queries that share a key head below one another. No data moves."""
    return x.reshape((x.shape[0], heads, x.shape[1] // heads * x.shape[2], x.shape[3]))


def wide_type(x: Array) -> Any:
    """The type of sums over many of x's numbers."""
    return jnp.dtype(jnp.float32) if jnp.finfo(x.dtype).bits < 32 else x.dtype


def products(x: Array, y: Array, transpose_y: bool = False) -> Array:
    """Batched matrix products of the last two axes, summed in float32 at least; x has G times the heads of y."""
    summed = ((3,), (3 if transpose_y else 2,))  # said to XLA like this, a transpose is not a copy
    z = lax.dot_general(folded(x, y.shape[1]), y, (summed, ((0, 1), (0, 1))), preferred_element_type=wide_type(x))
    return z.reshape((*x.shape[:-1], z.shape[-1]))


def visible(mask: Array | None, rows: Array, places: Array, is_causal: bool, sliding_window: int | None) -> Any:
    """Which queries at `rows` (..., T) see the keys at `places` (S,): booleans broadcast to (N, A, T, S); None for all.

    Nothing of size (T, S) is stored for this: it is worked out from the places where it is used.
    """
    seen, rows = mask, rows[..., None]
    if is_causal:
        past = (places <= rows)[..., None, :, :]
        seen = past if seen is None else seen & past
    if sliding_window is not None:
        near = (jnp.abs(rows - places) < sliding_window)[..., None, :, :]
        seen = near if seen is None else seen & near
    return seen


def count(length: int) -> Array:
    """0 ... T − 1, in a type that does not depend on settings."""
    return lax.iota(jnp.int32, length)


def nearness(rows: Array, places: Array, slopes: Sequence[float], dtype: Any) -> Array:
    """ALiBi's bias −m_h |t − s| (..., A, T, S) of queries at `rows` (..., T) and keys at `places` (S,); m: slopes."""
    distance = jnp.abs(rows[..., None] - places)[..., None, :, :]
    return jnp.asarray(slopes, dtype)[:, None, None] * -distance.astype(dtype)


@op
def settled(x: Array) -> Any:
    """x itself, computed once for all who read it: a cache that is written in place, and then read, is not copied."""
    return materialize(x), ()


@settled.backward
def _(kept: Any, g: Tensor) -> Any:
    return g
