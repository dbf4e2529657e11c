"""Vectors for whole numbers."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import ops
from ..core import DataError, Tensor, as_array, is_float
from .arguments import rules, whole
from .layer import registry
from .lora import LowRankLayer


@registry.register()
class Embedding(LowRankLayer):
    """A table of vectors, read by number: y[...] = embeddings[x[...]].

    The gradient of a row is the sum over all places that read it.

    Args:
        input_dim: V, number of rows; ids are 0 ... V − 1.
        output_dim: U, length of a vector.
        embeddings_initializer, embeddings_regularizer, embeddings_constraint: as for the kernel of `Dense`.
        mask_zero: id 0 is padding: the output's mask is False there.
        weights: first values (V, U) instead of the initializer's, for example pretrained vectors.
        lora_rank, lora_alpha: freeze the table and train A, (V, r), and B, (r, U), beside it: see `enable_lora`.

    Input (N, ...) of integers, output (N, ..., U). Weights: embeddings (V, U).

    Raises:
        DataError: an id is outside 0 ... V − 1. Compiled code cannot stop: there such a row is NaN.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.Embedding(3, 2, weights=[[0.0, 0.0], [1.0, 1.0], [2.0, 4.0]])
        >>> layer(lamina.Tensor([[2, 1]]))
        Tensor([[[2., 4.], [1., 1.]]], float32)

    Reference: Bengio et al. 2003, A neural probabilistic language model.
    Keras differs: an id outside the table gives NaN there too, but −1 is the last row.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(lora_rank, lora_alpha, **kwargs)
        self.input_dim = whole(input_dim, "Embedding", "input_dim")
        self.output_dim = whole(output_dim, "Embedding", "output_dim")
        self.embeddings_rules = rules(embeddings_initializer, embeddings_regularizer, embeddings_constraint)
        self.first_values = weights
        self.mask_zero = mask_zero

    _adapted = "embeddings"

    def build(self, input_shape: Any) -> None:
        shape = self.input_dim, self.output_dim
        self.embeddings = self.add_weight(shape, name="embeddings", **self.embeddings_rules)
        if self.first_values is not None:
            self.embeddings.assign(as_array(self.first_values))
        self._adapt_if_asked()

    def _as_input(self, value: Any) -> Any:
        """Ids stay as they are: the compute type of the layer would round them."""
        return Tensor(value) if isinstance(value, (np.ndarray, np.generic, jax.Array, int)) else value

    def compute_mask(self, inputs: Tensor, mask: Any = None) -> Any:
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def call(self, inputs: Tensor) -> Tensor:
        ids = as_array(inputs)
        ids = ids.astype(jnp.int32) if is_float(ids.dtype) else ids
        if not isinstance(ids, jax.core.Tracer):
            self._check(np.asarray(ids))
        inside = (ids >= 0) & (ids < self.input_dim)
        ids = jnp.where(inside, ids, self.input_dim)
        rows = ops.take(self.embeddings, ids, axis=0)
        return rows + self._low_rank(ops.take(self.lora_a, ids, axis=0)) if self.lora_enabled else rows

    def _check(self, ids: np.ndarray) -> None:
        wrong = np.argwhere((ids < 0) | (ids >= self.input_dim))
        if len(wrong):
            first = tuple(int(i) for i in wrong[0])
            raise DataError(
                f"Embedding {self.name!r}",
                "ids are row numbers of the table",
                expected=f"0 ... {self.input_dim - 1}",
                received=f"{ids[first]} at {first}" + (f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""),
                remedy="Make input_dim larger than the largest id, or map rare ids to one row",
            )


@registry.register()
class ReversibleEmbedding(Embedding):
    """An `Embedding` that also leads back: called with reverse=True, y = x · embeddingsᵀ, a score for each id.

    Args:
        input_dim, output_dim, embeddings_initializer ... weights: as in `Embedding`.
        tie_weights: use the embeddings for both ways; otherwise the way back has weights of its own.
        reverse_dtype: number type of the way back, by default that of the layer.
        logit_soft_cap: c, if the scores are to be bent into ±c: c · tanh(y / c).

    Input (N, ...) of integers, output (N, ..., U); in reverse, input (N, ..., U), output (N, ..., V).
    Weights: embeddings (V, U), and reverse_embeddings (U, V) if they are not tied.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.ReversibleEmbedding(3, 2, weights=[[0.0, 0.0], [1.0, 1.0], [2.0, 4.0]])
        >>> layer(lamina.Tensor([[1.0, 10.0]]), reverse=True)
        Tensor([[ 0., 11., 42.]], float32)

    Reference: Press and Wolf 2017, Using the output embedding to improve language models, arXiv 1608.05859.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        settings = embeddings_initializer, embeddings_regularizer, embeddings_constraint, mask_zero
        super().__init__(input_dim, output_dim, *settings, **kwargs)
        self.tie_weights, self.reverse_dtype, self.logit_soft_cap = tie_weights, reverse_dtype, logit_soft_cap

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        if not self.tie_weights:
            shape, start = (self.output_dim, self.input_dim), self.embeddings_rules["initializer"]
            self.reverse_embeddings = self.add_weight(shape, start, "reverse_embeddings")

    def call(self, inputs: Tensor, reverse: bool = False) -> Tensor:
        if not reverse:
            return super().call(inputs)
        dtype = self.reverse_dtype or self.compute_dtype
        kernel = self.adapted_weight().T if self.tie_weights else self.reverse_embeddings
        scores = inputs.astype(dtype) @ kernel.astype(dtype)
        return scores if self.logit_soft_cap is None else ops.tanh(scores / self.logit_soft_cap) * self.logit_soft_cap
