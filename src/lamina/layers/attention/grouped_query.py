"""Grouped-query attention: fewer keys and values than queries."""

from typing import Any

from ...core import ArgumentError
from ..arguments import whole
from ..layer import registry
from .headed import HeadedAttention


@registry.register()
class GroupQueryAttention(HeadedAttention):
    """`MultiHeadAttention` in which A/K neighbouring query heads share the keys and values of one head.

    The cache of a language model is smaller by A/K. With K = 1 it is multi-query attention.

    Args:
        head_dim: H, numbers per head.
        num_query_heads: A, a multiple of K.
        num_key_value_heads: K.
        dropout ... alibi: as in `MultiHeadAttention`.

    Call, masks and cache as there. Input (N, T, F), (N, S, F'), output (N, T, F). Weights: kernel and bias of query
    (F, A, H), key (F', K, H), value (F', K, H) and output (A, H, F).

    Raises:
        ArgumentError: A is no multiple of K.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.GroupQueryAttention(head_dim=3, num_query_heads=4, num_key_value_heads=2)
        >>> x = lamina.ops.ones((1, 5, 6))
        >>> layer(x, x).shape, layer.key_dense.kernel.shape, layer.make_cache(batch=1, length=9).key.shape
        ((1, 5, 6), (6, 2, 3), (1, 2, 9, 3))

    Reference: Ainslie et al. 2023, arXiv 2305.13245.
    Keras differs as in `MultiHeadAttention`; there it repeats keys and values for each query head.
    """

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
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
        self.head_dim = whole(head_dim, "GroupQueryAttention", "head_dim")
        self.num_query_heads = whole(num_query_heads, "GroupQueryAttention", "num_query_heads")
        self.num_key_value_heads = whole(num_key_value_heads, "GroupQueryAttention", "num_key_value_heads")
        if num_query_heads % num_key_value_heads:
            raise ArgumentError(
                "GroupQueryAttention",
                "each key head serves the same number of query heads",
                expected=f"num_query_heads a multiple of {num_key_value_heads}",
                received=num_query_heads,
                remedy="Choose a number of key heads that divides it",
            )
        super().__init__(
            num_query_heads,
            num_key_value_heads,
            head_dim,
            head_dim,
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
