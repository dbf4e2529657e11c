"""Attention without projections: dot-product (Luong) and additive (Bahdanau) scores."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ... import ops
from ...core import ArgumentError, Tensor, as_array
from ...core.random import next_key
from ..arguments import known_axis, one_of, share
from ..dropout import place_of
from ..layer import Layer, registry
from .visibility import all_of


@registry.register()
class Attention(Layer):
    """A mean of the values for each query, weighted by how well their keys fit it.

    o_t = Σ_s softmax_s(score(q_t, k_s)) v_s; score is g q_t·k_s ("dot"), or c Σ_j tanh(g (q_tj + k_sj)) ("concat").

    Args:
        use_scale: learn g; otherwise it is 1.
        score_mode: "dot" or "concat".
        dropout: share of the probabilities that is set to 0 in training.
        seed: sets the dropout apart from that of other layers.

    Call with [query (N, T, F), value (N, S, V)] or [query, value, key (N, S, F)], and optionally mask ([query's (N, T),
    value's (N, S)], by default what the tensors carry), use_causal_mask (t looks at s ≤ t), return_attention_scores
    (adds the probabilities (N, T, S)). Output (N, T, V), 0 where the query's mask is false. Weights: scale (), and
    concat_score_weight () for c.

    Raises:
        ArgumentError: the inputs are no list of two or three, or `score_mode` is unknown.

    Example:
        >>> import lamina
        >>> query, value = lamina.Tensor([[[0.0, 0.0]]]), lamina.Tensor([[[1.0, 2.0], [3.0, 4.0]]])
        >>> lamina.layers.Attention()([query, value])  # a query that fits none better than the others
        Tensor([[[2., 3.]]], float32)

    Reference: Luong, Pham and Manning 2015, arXiv 1508.04025.
    Keras differs: a query that sees no key gets the mean of all values there, here 0.
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.use_scale, self.seed = use_scale, seed
        self.score_mode = one_of(score_mode, ("dot", "concat"), type(self).__name__, "score_mode")
        self.dropout = share(dropout, type(self).__name__, "dropout")

    def build(self, input_shape: Any) -> None:
        self._check(input_shape)
        self.scale = self.add_weight((), "ones", "scale") if self.use_scale else None
        concat = self.score_mode == "concat"
        self.concat_score_weight = self.add_weight((), "ones", "concat_score_weight") if concat else None

    def _check(self, shapes: Any) -> None:
        if len(shapes) in (2, 3) and all(isinstance(shape, (list, tuple)) for shape in shapes):
            return
        raise ArgumentError(
            f"{type(self).__name__} {self.name!r}",
            "the inputs are a list",
            expected="[query, value] or [query, value, key]",
            received=f"shapes {shapes}" if isinstance(shapes, list) else f"one input of shape {shapes}",
            remedy="Call layer([query, value])",
        )

    def score(self, query: Tensor, key: Tensor) -> Tensor:
        """How well each key (N, S, F) fits each query (N, T, F): (N, T, S)."""
        if self.score_mode == "dot":
            scaled = query if self.scale is None else query * self.scale
            return ops.matmul(scaled, key, transpose_y=True)
        pairs = query[..., :, None, :] + key[..., None, :, :]
        return ops.tanh(pairs if self.scale is None else self.scale * pairs).sum(-1) * self.concat_score_weight

    def call(
        self,
        inputs: Sequence[Tensor],
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        query, value, key = (*inputs, inputs[1])[:3]
        of_query, of_value, *_ = mask or (None, None)
        scores = self.score(query, key)
        seen = all_of(
            None if of_value is None else as_array(of_value)[..., None, :],
            jnp.tri(scores.shape[-2], scores.shape[-1], dtype=bool) if use_causal_mask else None,
        )
        weights = ops.masked_softmax(scores, seen)
        if training and self.dropout:
            weights = ops.dropout(weights, self.dropout, next_key(place_of(self.seed)))
        output = ops.matmul(weights, value)
        if of_query is not None:
            output = ops.where(as_array(of_query)[..., None], output, 0.0)
        return (output, weights) if return_attention_scores else output

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """That of the query."""
        return mask[0] if mask else None


@registry.register()
class AdditiveAttention(Attention):
    """`Attention` with the scores of a small network: score(q, k) = Σ_j g_j tanh(q_j + k_j).

    Args:
        use_scale: learn g, a number for each of the F features; otherwise it is 1.
        dropout: share of the probabilities that is set to 0 in training.
        seed: sets the dropout apart from that of other layers.

    Call, masks and output as in `Attention`. Weights: scale (F,).

    Example:
        >>> import lamina
        >>> query, value = lamina.Tensor([[[0.0, 0.0]]]), lamina.Tensor([[[1.0, 2.0], [1.0, 2.0]]])
        >>> lamina.layers.AdditiveAttention()([query, value])
        Tensor([[[1., 2.]]], float32)

    Reference: Bahdanau, Cho and Bengio 2014, arXiv 1409.0473.
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(use_scale, dropout=dropout, seed=seed, **kwargs)

    def build(self, input_shape: Any) -> None:
        self._check(input_shape)
        size = known_axis(input_shape[0], -1, self) if self.use_scale else 0
        self.scale = self.add_weight((size,), name="scale") if self.use_scale else None

    def score(self, query: Tensor, key: Tensor) -> Tensor:
        """How well each key (N, S, F) fits each query (N, T, F): (N, T, S)."""
        bent = ops.tanh(query[..., :, None, :] + key[..., None, :, :])
        return bent.sum(-1) if self.scale is None else ops.matmul(bent, self.scale)
