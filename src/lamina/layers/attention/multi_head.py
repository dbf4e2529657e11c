"""Multi-head attention."""

from collections.abc import Sequence
from typing import Any

from ..arguments import whole
from ..layer import registry
from .headed import HeadedAttention


@registry.register()
class MultiHeadAttention(HeadedAttention):
    """Every head looks for what fits its query among the keys, and brings the mean of their values.

    With q = x_q W_q + b_q, k = x_k W_k + b_k and v = x_v W_v + b_v for each of A heads, the head's result is
    o_t = Σ_s softmax_s(q_t·k_s/√H) v_s, and the output is the sum over heads of o W_o, plus b_o.

    Args:
        num_heads: A.
        key_dim: H, numbers per head in queries and keys.
        value_dim: V, numbers per head in values; H if None.
        dropout: share of the attention probabilities that is set to 0 in training.
        use_bias: whether there are b_q, b_k, b_v, b_o.
        output_shape: size of the output's last axis, or sizes of its last axes; that of the query if None.
        attention_axes: axes of the query to attend over, for inputs (N, X₁, ..., F); all between N and F if None.
        sliding_window: t looks at s with |t − s| < sliding_window only.
        flash_attention: True: in chunks of keys, with memory linear in the length; False: never; None: above
            2,048 · 2,048 scores. See `lamina.ops.dot_product_attention`.
        kernel_initializer ... bias_constraint: of the four projections, as in `Dense`.
        activity_regularizer: penalty on what the projections give.
        use_gate: multiply the heads' results by σ(x_q W_g + b_g) (Qiu et al. 2025, arXiv 2505.06708).
        seed: sets the dropout apart from that of other layers.
        rotary: turn queries and keys by angles that grow with their place (`lamina.ops.rotary_embedding`), this being
            the base, usually 10000; None for not.
        alibi: take m_h |t − s| off the scores, with a slope m_h for each head (`lamina.ops.alibi_bias`).

    Call with query (N, T, F), value (N, S, F') (by default the query: self-attention) and key (by default the value),
    and optionally query_mask (N, T), value_mask and key_mask (N, S) (by default what the tensors carry),
    attention_mask (N, T, S), (T, S) or (N, A, T, S), use_causal_mask (t looks at s ≤ t), return_attention_scores (adds
    the probabilities (N, A, T, S) to the result). With `cache` and `position` each token is computed once, one after
    the other: see `lamina.layers.attention.KeyValueCache`. Output (N, T, F). Weights: kernel and bias of query
    (F, A, H), key (F', A, H), value (F', A, V) and output (A, V, F).

    Raises:
        ArgumentError, ShapeError: arguments or shapes that do not fit.

    Example:
        >>> import lamina
        >>> layer, x = lamina.layers.MultiHeadAttention(num_heads=2, key_dim=3), lamina.ops.ones((1, 4, 6))
        >>> y, scores = layer(x, x, use_causal_mask=True, return_attention_scores=True)
        >>> y.shape, scores[0, 0, 1].tolist()
        ((1, 4, 6), [0.5, 0.5, 0.0, 0.0])

    Reference: Vaswani et al. 2017, arXiv 1706.03762.
    Keras differs: value must be given; without scores and dropout, a query that sees no key gets the mean of all
    values, here 0; the argument query_mask does not count; there is no cache, rotary
    or alibi. PyTorch's `nn.MultiheadAttention` has
    one matrix for W_q, W_k and W_v.
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        *,
        rotary: float | None = None,
        alibi: bool = False,
        **kwargs: Any,
    ) -> None:
        self.num_heads = whole(num_heads, "MultiHeadAttention", "num_heads")
        self.key_dim = whole(key_dim, "MultiHeadAttention", "key_dim")
        self.value_dim = key_dim if value_dim is None else whole(value_dim, "MultiHeadAttention", "value_dim")
        super().__init__(
            num_heads,
            num_heads,
            key_dim,
            self.value_dim,
            output_shape=_tuple(output_shape),
            attention_axes=_tuple(attention_axes),
            dropout=dropout,
            use_bias=use_bias,
            sliding_window=sliding_window,
            flash_attention=flash_attention,
            use_gate=use_gate,
            rotary=rotary,
            alibi=alibi,
            seed=seed,
            projections={
                "kernel_initializer": kernel_initializer,
                "bias_initializer": bias_initializer,
                "kernel_regularizer": kernel_regularizer,
                "bias_regularizer": bias_regularizer,
                "activity_regularizer": activity_regularizer,
                "kernel_constraint": kernel_constraint,
                "bias_constraint": bias_constraint,
            },
            **kwargs,
        )


def _tuple(value: int | Sequence[int] | None) -> tuple[int, ...] | None:
    return None if value is None else (value,) if isinstance(value, int) else tuple(value)
