"""Keys and values of the tokens so far, so that a language model pays for each token once.

The protocol, for every layer made of `HeadedAttention` (`MultiHeadAttention`, `GroupQueryAttention`):

    cache = layer.make_cache(batch, length)                        # empty, room for `length` tokens
    y, cache = layer(x, x, cache=cache, position=0)                # the prompt: T tokens, written at 0 ... T−1
    y, cache = layer(x_t, x_t, cache=cache, position=t)            # one token more: (N, 1, F), written at t
    y, cache = layer(x_t, x_t, cache=cache, position=positions)    # positions (N,): each row is at a place of its own

- The call returns (output, new cache), or (output, scores, new cache); the old cache is unchanged. All shapes are
  fixed, so it can be carried through `lax.while_loop`, `lax.scan` and `lamina.compile` (`position` an int32 array
  there; a cache of plain JAX arrays is taken as well as one of Tensors: `jax.tree.map(lambda x: x.array, cache)`).
- `position` is the place of the first of the T tokens. Token i is written at place p = position + i and attends to the
  written places 0 ... p, whatever `use_causal_mask` says: what stands behind p is stale or empty. Going back (a smaller
  position) is allowed; what is written past the end is lost or misplaced, so the caller keeps position + T <= length.
- The cache remembers padding: `value_mask` (or the mask that the second argument carries), (N, T), says which of the T
  tokens are real; the others are never attended to. Prompts of unequal length are either padded on the left with such a
  mask, or padded on the right and continued at `position` (N,), each row at its own length.
- `attention_mask`, if given, speaks about all places of the cache: (T, length), (N, T, length) or (N, A, T, length).
- Cross-attention: `memory = layer.fill_cache(value, key)` projects the encoder's output once, and
  `y, memory = layer(x_t, x_t, cache=memory)`, without `position`, reads it: all its places; nothing is written, the
  second argument is not looked at.
- Beam search picks rows: `cache.rows([2, 2, 0])`.
"""

from typing import Any, NamedTuple, Self

import jax.numpy as jnp
from jax import lax

from ... import ops
from ...core import Array, ShapeError, Tensor, as_array
from ...ops.attention_parts import settled


class KeyValueCache(NamedTuple):
    """What one attention layer remembers: a tree of arrays of fixed shape. See the module's text for its use.

    Attributes:
        key: (N, K, L, H) projected (and rotated) keys, L the room for tokens, K heads.
        value: (N, K, L, V) projected values.
        mask: (N, L), true where a real token has been written.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.MultiHeadAttention(num_heads=2, key_dim=3)
        >>> x = lamina.ops.ones((1, 4, 6))
        >>> whole = layer(x, x, use_causal_mask=True)
        >>> cache = layer.make_cache(batch=1, length=6)
        >>> first, cache = layer(x[:, :3], x[:, :3], cache=cache, position=0)
        >>> last, cache = layer(x[:, 3:], x[:, 3:], cache=cache, position=3)
        >>> bool(abs(lamina.ops.concatenate([first, last], 1) - whole).max() < 1e-5), cache.mask.tolist()
        (True, [[True, True, True, True, False, False]])

    Keras' attention layers have none.
    """

    key: Any
    value: Any
    mask: Any

    @classmethod
    def empty(cls, batch: int, length: int, heads: int, key_dim: int, value_dim: int, dtype: Any) -> Self:
        """A cache in which nothing has been written."""
        key, value = (ops.zeros((batch, heads, length, size), dtype) for size in (key_dim, value_dim))
        return cls(key, value, ops.zeros((batch, length), "bool"))

    def rows(self, indices: Any) -> Self:
        """The cache of other sequences: row i is this cache's row indices[i]."""
        return type(self)(*(ops.take(x, indices, axis=0) for x in self))

    def written(self, position: Any, key: Tensor, value: Tensor, mask: Any = None) -> Self:
        """The cache with T more tokens.

        Args:
            position: place of the first of them, one for all rows or (N,).
            key, value: (N, K, T, H) and (N, K, T, V).
            mask: (N, T), which of them are real; None for all.

        Raises:
            ShapeError: the cache is too short.
        """
        room, length = self.mask.shape[1], key.shape[2]
        if isinstance(position, int) and not 0 <= position <= room - length:
            raise ShapeError(
                "KeyValueCache",
                "the tokens must find room",
                expected=f"0 <= position <= {room - length}, for {length} tokens in {room} places",
                received=position,
                remedy="Make the cache longer",
            )
        real = ops.ones((key.shape[0], length), "bool") if mask is None else Tensor(as_array(mask).astype(bool))
        at = as_array(position).astype(jnp.int32)
        put = _put_block if at.ndim == 0 else _put_rows
        key, value = settled(put(self.key, key, at, 2)), settled(put(self.value, value, at, 2))
        return type(self)(key, value, put(self.mask, real, at, 1))


def _put_block(old: Any, new: Tensor, at: Array, axis: int) -> Tensor:
    """New tokens at one place along `axis`, the same in all rows: one copy, in place where XLA may."""
    start = [at if i == axis else jnp.zeros((), jnp.int32) for i in range(new.ndim)]
    return ops.slice_update(old, jnp.stack(start), new)


def _put_rows(old: Any, new: Tensor, at: Array, axis: int) -> Tensor:
    """New tokens at a place of its own in each row."""
    shape = new.shape[: axis + 1]
    places = [lax.broadcasted_iota(jnp.int32, shape, i) for i in range(axis + 1)]
    places[axis] += at.reshape((-1, *[1] * axis))
    return ops.scatter_update(old, jnp.stack(places, -1), new)
