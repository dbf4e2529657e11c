"""Category numbers as vectors."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ... import ops
from ...core import ArgumentError, DataError, Tensor, as_array, is_float
from ..arguments import whole
from ..layer import Layer, registry
from .encoding import encode, indicators, output_mode
from .host import to_host, whole_numbers


@registry.register()
class CategoryEncoding(Layer):
    """Category numbers 0 ... K − 1 as vectors of K numbers.

    one_hot: y[..., k] = 1 where x[...] = k. multi_hot: y[n, k] = 1 where k is among x[n]. count: y[n, k] is how
    often k is in x[n], or with `count_weights` w the sum of w[n, t] over the t with x[n, t] = k.

    Args:
        num_tokens: K.
        output_mode: "one_hot", "multi_hot" or "count".

    Input (N, T) or (N,) of integers; `count_weights` of the same shape may follow it in count mode.
    Output (N, K), for one_hot (N, T, K) unless T is 1.

    Raises:
        DataError: a number is outside 0 ... K − 1. Compiled code cannot stop: there such a sample is NaN.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.CategoryEncoding(4, output_mode="count")
        >>> layer([[3, 0, 3]]), layer([[3, 0, 3]], count_weights=[[0.5, 1.0, 0.25]])
        (Tensor([[1., 0., 0., 2.]], float32), Tensor([[1.  , 0.  , 0.  , 0.75]], float32))

    Keras differs: numbers out of range are dropped silently, and with three axes or more the second is summed over,
    where here it is the last.
    """

    def __init__(self, num_tokens: int | None = None, output_mode: str = "multi_hot", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_tokens = whole(num_tokens, "CategoryEncoding", "num_tokens")
        self.output_mode = _mode(output_mode)

    def _as_input(self, value: Any) -> Any:
        """Numbers of categories stay whole: the compute type of the layer would round them."""
        return value if isinstance(value, Tensor) else Tensor(whole_numbers(to_host(value, self._who), self._who))

    @property
    def _who(self) -> str:
        return f"CategoryEncoding {self.name!r}"

    def call(self, inputs: Tensor, count_weights: Any = None) -> Tensor:
        ids = as_array(inputs)
        if not isinstance(ids, jax.core.Tracer):
            self._check(whole_numbers(np.asarray(ids), self._who))
        ids = ids.astype(jnp.int32) if is_float(ids.dtype) else ids
        if ids.ndim == 0 and self.output_mode != "one_hot":
            ids = ids.reshape(1)
        inside = (ids >= 0) & (ids < self.num_tokens)
        if count_weights is not None:
            return self._weighted(ids, inside, count_weights)
        vectors = encode(ids, self.output_mode, self.num_tokens, self.compute_dtype)
        good = inside.reshape(vectors.shape[:-1]) if self.output_mode == "one_hot" else inside.all(-1)
        return Tensor(jnp.where(good[..., None], vectors, jnp.asarray(jnp.nan, vectors.dtype)))

    def _weighted(self, ids: jax.Array, inside: jax.Array, count_weights: Any) -> Tensor:
        if self.output_mode != "count":
            raise ArgumentError(
                self._who,
                "count_weights belong to counting",
                expected="output_mode='count'",
                received=repr(self.output_mode),
                remedy="Leave count_weights out, or count",
            )
        hits = indicators(ids, self.num_tokens).astype(self.compute_dtype)
        weights = count_weights if isinstance(count_weights, Tensor) else Tensor(count_weights)
        weights = ops.where(inside, weights.astype(self.compute_dtype), jnp.asarray(np.nan, hits.dtype))
        return (Tensor(hits) * weights[..., None]).sum(axis=-2)

    def _check(self, ids: np.ndarray) -> None:
        wrong = np.argwhere((ids < 0) | (ids >= self.num_tokens))
        if len(wrong):
            first = tuple(wrong[0].tolist())
            raise DataError(
                self._who,
                "the numbers of the categories are below num_tokens",
                expected=f"0 ... {self.num_tokens - 1}",
                received=f"{ids[first]} in row {first[0] if first else 0}",
                remedy="Make num_tokens larger, or map other values with IntegerLookup",
            )


def _mode(value: str) -> str:
    return output_mode(value, ("one_hot", "multi_hot", "count"), "CategoryEncoding")
