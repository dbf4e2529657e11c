"""What multi-head and grouped-query attention share: projections, masks and the cache."""

from string import ascii_lowercase
from typing import Any

import jax.numpy as jnp

from ... import ops
from ...core import ArgumentError, NotBuiltError, Symbol, Tensor, as_array
from ...core.random import next_key
from ...ops.attention import attention_by_heads
from ...ops.attention_parts import nearness, visible
from ...ops.positions import alibi_slopes
from ..arguments import share, whole
from ..context import attention_observer
from ..dropout import place_of
from ..einsum_dense import EinsumDense
from ..layer import Layer
from ..masks import with_mask
from .cache import KeyValueCache
from .folding import Folding
from .visibility import all_of, from_position


class HeadedAttention(Layer):
    """Base of `MultiHeadAttention` and `GroupQueryAttention`, whose texts say what it computes.

    Args:
        heads, key_heads: A and K.
        key_dim, value_dim: H and V, numbers per head.
        output_shape: sizes of the output's last axes; None for the query's.
        attention_axes: axes attended over; None for all between batch and features.
        dropout ... seed: as there.
        projections: what `EinsumDense` is told: initializers, regularizers, constraints.
    """

    supports_masking = True

    def __init__(
        self,
        heads: int,
        key_heads: int,
        key_dim: int,
        value_dim: int,
        *,
        output_shape: tuple[int, ...] | None = None,
        attention_axes: tuple[int, ...] | None = None,
        dropout: float,
        use_bias: bool,
        sliding_window: int | None,
        flash_attention: bool | None,
        use_gate: bool,
        rotary: float | None,
        alibi: bool,
        seed: int | None,
        projections: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.heads, self.key_heads, self.sizes_of_heads = heads, key_heads, (key_dim, value_dim)
        self.output_sizes, self.attention_axes = output_shape, attention_axes
        self.use_bias, self.use_gate, self.projections = use_bias, use_gate, projections
        self.dropout, self.seed = share(dropout, type(self).__name__, "dropout"), seed
        self.flash_attention, self.sliding_window = flash_attention, sliding_window
        self.rotary, self.alibi = rotary, alibi
        if sliding_window is not None:
            whole(sliding_window, type(self).__name__, "sliding_window")

    # -- weights ----------------------------------------------------------------------------------
    def build(self, input_shape: Any) -> None:
        """Make the projections for a query of this shape; each gets its weights when it sees its first input."""
        key_dim, value_dim = self.sizes_of_heads
        free, output = ascii_lowercase[: len(input_shape) - 1], self.output_sizes or (input_shape[-1],)
        out = "uvwxyz"[: len(output)]
        self.folding = Folding(self.attention_axes, len(input_shape))
        self.query_dense = self._into_heads("query", free, self.heads, key_dim)
        self.key_dense = self._into_heads("key", free, self.key_heads, key_dim)
        if self.use_gate:
            self.gate_dense = self._into_heads("gate", free, self.heads, value_dim, activation="sigmoid")
        self.value_dense = self._into_heads("value", free, self.key_heads, value_dim)
        self.output_dense = self._projection("attention_output", free, "rs", out, output)

    def _into_heads(self, name: str, free: str, heads: int, size: int, **more: Any) -> EinsumDense:
        return self._projection(name, free, "m", "rs", (heads, size), **more)

    def _projection(
        self, name: str, free: str, summed: str, made: str, sizes: tuple[int, ...], **more: Any
    ) -> EinsumDense:
        return EinsumDense(
            f"{free}{summed},{summed}{made}->{free}{made}",
            (*[None] * (len(free) - 1), *sizes),
            bias_axes=made if self.use_bias else None,
            name=name,
            dtype=self.dtype_policy,
            **self.projections,
            **more,
        )

    def compute_output_shape(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> Any:
        """The output's shape; the weights are made on the way."""
        shapes = [shape for shape in (query_shape, value_shape, key_shape) if shape is not None]
        return tuple(self(*(Symbol(shape, self.compute_dtype) for shape in shapes)).shape)

    # -- calling ----------------------------------------------------------------------------------
    def __call__(self, query: Any, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        return super().__call__(query, *args, **kwargs)  # all arguments may be passed by their names

    def call(  # type: ignore[override]
        self,
        query: Tensor,
        value: Any = None,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool = False,
        use_causal_mask: bool = False,
        cache: KeyValueCache | None = None,
        position: Any = None,
    ) -> Any:
        if value is None:
            value, value_mask = query, query_mask if value_mask is None else value_mask
        key = value if key is None else key
        query, value, key = (with_mask(self._as_input(x), None) for x in (query, value, key))  # masks act here
        rows = self._first(self.query_dense(query), position)
        if cache is None:
            keys, values = self._project(key, value)
            options = self._limits(query, key, query_mask, (value_mask, key_mask), attention_mask, use_causal_mask)
        else:
            self._check_cache()
            if position is not None:
                real = all_of(value_mask, key_mask)
                cache = KeyValueCache(*cache).written(position, *self._project(key, value, position), real)
            keys, values = cache.key, cache.value
            options = self._limits_of(cache, position, query.shape[1], attention_mask)
        rows, scores = self._attend(rows, keys, values, return_attention_scores, training, options)
        found = self._join_heads(query, rows)
        more: list[Any] = [self.folding.scores(scores, query.shape, key.shape)] if return_attention_scores else []
        more += [] if cache is None else [cache]
        return (found, *more) if more else found

    def _project(self, key: Tensor, value: Tensor, position: Any = None) -> tuple[Tensor, Tensor]:
        """Keys and values, heads first: (N, K, S, H) and (N, K, S, V)."""
        return self._first(self.key_dense(key), position), _swapped(self.folding.fold(self.value_dense(value)))

    def _first(self, x: Tensor, position: Any) -> Tensor:
        """Queries or keys (N, T, A, H), the first at `position`, as (N, A, T, H), turned if the layer is rotary."""
        x = self.folding.fold(x)
        if self.rotary is not None:
            x = ops.rotary_embedding(x, from_position(position, x.shape[1]), self.rotary)
        return _swapped(x)

    def _attend(
        self, rows: Tensor, keys: Any, values: Any, with_scores: bool, training: bool, options: dict[str, Any]
    ) -> tuple[Tensor, Any]:
        if with_scores and self.flash_attention:
            raise ArgumentError(
                f"{type(self).__name__} {self.name!r}",
                "in chunks the scores are never there all at once",
                expected="flash_attention=None or False with return_attention_scores",
                received="flash_attention=True",
                remedy="Leave one of the two out",
            )
        if training and self.dropout:
            options |= {"dropout": self.dropout, "dropout_key": next_key(place_of(self.seed))}
        size = None if self.flash_attention is None else 256 * self.flash_attention
        watch = attention_observer()
        wanted = with_scores or watch is not None
        found = attention_by_heads(
            rows, keys, values, return_weights=wanted, chunk_size=None if wanted else size, **options
        )
        if watch is not None:
            watch(self, found[1])
        return found if wanted else (found, None)

    def _join_heads(self, query: Tensor, rows: Tensor) -> Tensor:
        joined = self.folding.unfold(_swapped(rows), query.shape[:-1])
        return self.output_dense(joined * self.gate_dense(query) if self.use_gate else joined)

    # -- who looks where --------------------------------------------------------------------------
    def _limits(
        self, query: Tensor, key: Tensor, rows: Any, columns: tuple[Any, Any], scores: Any, is_causal: bool
    ) -> dict[str, Any]:
        """What `attention_by_heads` is told, in a call without a cache."""
        fold = self.folding
        mask = all_of(
            None if rows is None else fold.places(rows)[:, None, :, None],
            *(None if mask is None else fold.places(mask)[:, None, None, :] for mask in columns),
            None if scores is None else fold.mask(scores, query.shape, key.shape),
        )
        slopes = alibi_slopes(self.heads) if self.alibi else None
        return {"mask": mask, "is_causal": is_causal, "sliding_window": self.sliding_window, "alibi": slopes}

    def _limits_of(self, cache: KeyValueCache, position: Any, length: int, scores: Any) -> dict[str, Any]:
        """The same with a cache: masks and bias over all its places."""
        written = all_of(
            as_array(cache.mask)[:, None, None, :], None if scores is None else self.folding.mask(scores, (), ())
        )
        if position is None:
            return {"mask": written}
        own, places = from_position(position, length), from_position(None, cache.mask.shape[1])
        near = nearness(own, places, alibi_slopes(self.heads), jnp.float32) if self.alibi else None
        return {"mask": visible(written, own, places, True, self.sliding_window), "bias": near}

    # -- cache ------------------------------------------------------------------------------------
    def _check_cache(self) -> None:
        if not self.folding.trivial:
            raise ArgumentError(
                f"{type(self).__name__} {self.name!r}",
                "a cache holds one sequence of tokens",
                expected="inputs (N, T, F)",
                received=f"attention over the axes {self.folding.axes}",
                remedy="Reshape the input so that T is its second axis",
            )

    def make_cache(self, batch: int, length: int) -> KeyValueCache:
        """An empty cache with room for `length` tokens of `batch` sequences; see `lamina.layers.attention.cache`."""
        return KeyValueCache.empty(batch, length, self.key_heads, *self.sizes_of_heads, self.compute_dtype)

    def fill_cache(self, value: Any, key: Any = None, value_mask: Any = None) -> KeyValueCache:
        """The projected keys and values of a whole sequence, to be read in many calls (cross-attention).

        Args:
            value, key: as in a call; (N, S, F).
            value_mask: (N, S), which places are real; by default the mask that `value` carries.

        Raises:
            NotBuiltError: the layer has not seen a query.
            ArgumentError: the layer has rotary positions or ALiBi.
        """
        if self.rotary is not None or self.alibi:
            raise ArgumentError(
                f"{type(self).__name__} {self.name!r}",
                "rotary positions and ALiBi compare places of one sequence",
                expected="rotary=None and alibi=False for cross-attention",
                received=f"rotary={self.rotary}, alibi={self.alibi}",
                remedy="Leave them out in this layer",
            )
        if not self.built:
            raise NotBuiltError(
                f"{type(self).__name__} {self.name!r}",
                "the layer must know the query's shape first",
                expected="a built layer",
                received="one that has not been called",
                remedy="Call it, or build((None, None, F))",
            )
        value = self._as_input(value)
        mask = value.mask if value_mask is None else value_mask
        value, key = (with_mask(self._as_input(x), None) for x in (value, value if key is None else key))
        keys, values = self._project(key, value)
        return KeyValueCache(keys, values, ops.ones(value.shape[:2], "bool") if mask is None else Tensor(all_of(mask)))


def _swapped(x: Tensor) -> Tensor:
    """Time first to heads first, and back."""
    return x.transpose((0, 2, 1, 3))
