"""Integers to their number in a vocabulary."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...core import Tensor
from ..arguments import one_of
from ..layer import registry
from .buckets import numbers_or_text
from .host import is_traced, whole_numbers
from .index_lookup import IndexLookup


@registry.register()
class IntegerLookup(IndexLookup):
    """y = number of the integer x in a vocabulary; unknown integers share `num_oov_indices` numbers before it.

    On the host it takes 64-bit integers; inside a model, 32-bit ones. The vocabulary is part of the layer's config,
    and fixed once a model has taken the layer in.

    Args:
        max_tokens: most terms, mask and OOV tokens included.
        num_oov_indices: numbers for unknown integers; 0 makes them an error.
        mask_token: integer for "nothing here": number 0 for output_mode "int", not counted otherwise.
        oov_token: what `invert` gives for the numbers of unknown integers.
        vocabulary: the integers, or the path of a text file with one in each line; otherwise `adapt` learns them.
        vocabulary_dtype: must be "int64".
        idf_weights: for tf_idf with a given vocabulary, a weight for each integer.
        invert: numbers to integers.
        output_mode, pad_to_max_tokens: as in `StringLookup`.
        oov_method: how several OOV numbers are given out: "floormod" by x mod num_oov_indices, "farmhash" by hash.
        salt: key of the hash: SipHash-2-4 instead of FarmHash64.

    Input (N, ...) of integers, output int32 of the same shape, or vectors (N, ..., K).

    Raises:
        NotBuiltError: there is no vocabulary yet.
        DataError: an unknown integer with num_oov_indices=0. Compiled code cannot stop: there its number is −1, its
            vector NaN.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.IntegerLookup(vocabulary=[12, 36, 1138])
        >>> layer([[12, 1138], [7, 36]])
        Tensor([[1, 3], [0, 2]], int32)
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        one_of(vocabulary_dtype, ("int64",), "IntegerLookup", "vocabulary_dtype")
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert, output_mode,
            pad_to_max_tokens, oov_method, salt, **kwargs,
        )  # fmt: skip

    def _take(self, terms: list[Any], idf: np.ndarray | None) -> None:
        super()._take(terms, idf)
        values = np.array(terms, np.int64)
        self.order = np.argsort(values)
        self.sorted = values[self.order]

    def _term(self, term: Any) -> int:
        return int(term)

    def _values(self, inputs: Any) -> Any:
        return numbers_or_text(inputs, self.who) if is_traced(inputs) else whole_numbers(inputs, self.who)

    def _find(self, values: Any) -> Any:
        """By bisection in the sorted terms; a compiled step only sees those of 32 bits."""
        if not isinstance(values, jax.Array):
            return _bisect(np, self.sorted, self.order, values.astype(np.int64))
        limits = np.iinfo(np.int32)
        narrow = (self.sorted >= limits.min) & (self.sorted <= limits.max)
        if not narrow.any():
            return jnp.full(values.shape, -1, jnp.int32)
        terms, order = (jnp.asarray(part[narrow].astype(np.int32)) for part in (self.sorted, self.order))
        return _bisect(jnp, terms, order, values.astype(jnp.int32))

    def _bucket(self, values: Any) -> Any:
        return values % self.num_oov_indices if self.oov_method == "floormod" else super()._bucket(values)

    def _back(self, places: Any) -> Tensor:
        places = self._values(places)
        xp = jnp if isinstance(places, jax.Array) else np
        terms = xp.asarray(np.array([self.oov_token if t is None else t for t in self.get_vocabulary()], np.int32))
        known = (places >= 0) & (places < len(terms))
        return Tensor(xp.where(known, terms[xp.where(known, places, 0)], xp.asarray(self.oov_token, terms.dtype)))


def _bisect(xp: Any, terms: Any, order: Any, values: Any) -> Any:
    at = xp.clip(xp.searchsorted(terms, values), 0, len(terms) - 1)
    return xp.where(terms[at] == values, order[at], xp.full_like(order[at], -1))
