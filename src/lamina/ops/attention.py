"""Attention: each query takes a mean of the values, weighted by how well their keys fit it.

Inside, arrays are laid out heads first, (N, A, T, H): scores and outputs are then plain batched matrix products, and
key heads that several queries share (A = G·K) are not repeated. `attend` keeps the N·A·T·S probabilities for its
backward rule; `attention_chunked` keeps one number per query instead.
"""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ..core import ArgumentError, Array, ShapeError, Tensor, composite, op
from ..core.random import coin
from .absent import total
from .attention_chunked import Plan, attend_in_chunks
from .attention_native import serves
from .attention_parts import count, folded, nearness, products, visible
from .casting import common, tensor
from .comparison import where
from .matmul import matmul
from .precise import widened
from .shape import transpose

_LIMIT, _CHUNK = 2048 * 2048, 256  # above so many scores of a head, in chunks of so many keys


def _probabilities(scores: Array, seen: Array | None) -> Array:
    """Softmax over the last axis of the scores that are seen; 0 elsewhere, also where a whole row sees nothing."""
    scores = scores if seen is None else jnp.where(seen, scores, -jnp.inf)
    highest = jnp.maximum(scores.max(-1, keepdims=True), jnp.finfo(scores.dtype).min)  # finite in an empty row, too
    e = jnp.exp(scores - highest)
    return e / jnp.maximum(e.sum(-1, keepdims=True), 1)  # the highest score alone adds 1


@op
def masked_softmax(x: Array, mask: Array | None = None) -> Any:
    """Softmax over the places of the last axis where a mask holds: y_i = m_i e^{x_i} / Σ_j m_j e^{x_j}.

    Args:
        x: (..., S).
        mask: m, booleans that broadcast to x; None for all places.

    Returns:
        y of x's shape; 0 where m is false, also in a row without any true place.

    Example:
        >>> from lamina import ops
        >>> ops.masked_softmax([[1.0, 1.0, 9.0], [1.0, 2.0, 3.0]], [[True, True, False], [False, False, False]])
        Tensor([[0.5, 0.5, 0. ], [0. , 0. , 0. ]], float32)
    """
    y = _probabilities(widened(x), None if mask is None else mask.astype(bool)).astype(x.dtype)
    return y, (y, mask is None)


@masked_softmax.backward
def _(kept: Any, g: Tensor) -> Any:
    y, unmasked = kept
    gx = y * (g - (g * y).sum(-1, keepdims=True))
    return gx if unmasked else (gx, None)


@op
def attend(
    query: Array,
    key: Array,
    value: Array,
    bias: Array | None = None,
    mask: Array | None = None,
    dropout_key: Array | None = None,
    scale: float = 1.0,
    is_causal: bool = False,
    sliding_window: int | None = None,
    alibi: tuple[float, ...] | None = None,
    dropout: float = 0.0,
) -> Any:
    """`dot_product_attention`, heads first: query (N, A, T, H), key (N, K, S, H), value (N, K, S, V).

    Returns:
        The output (N, A, T, V) and the probabilities (N, A, T, S), before dropout.
    """
    rows, places = count(query.shape[2]), count(key.shape[2])
    scores = products(query * scale, key, transpose_y=True)
    scores = scores if bias is None else scores + bias.astype(scores.dtype)
    scores = scores if alibi is None else scores + nearness(rows, places, alibi, scores.dtype)
    seen = visible(mask, rows, places, is_causal, sliding_window)
    weights = _probabilities(scores, seen).astype(value.dtype)
    keep = None if dropout_key is None else coin(dropout_key, 1.0 - dropout, weights.shape)
    used = weights if keep is None else jnp.where(keep, weights * (1.0 / (1.0 - dropout)), 0)
    output = products(used, value).astype(value.dtype)
    given = (bias is not None, mask is not None, keep is not None)
    return (output, weights), (query, key, value, output, weights, keep, scale, dropout, given)


@attend.backward
def _(kept: Any, g: Tensor | None, g_weights: Tensor | None) -> Any:
    query, key, value, output, weights, keep, scale, dropout, (has_bias, has_mask, has_dropout) = kept
    heads, g_value = key.shape[1], None
    slope: Any = g_weights
    through: Any = None if g_weights is None else (g_weights * weights).sum(-1, keepdims=True)
    if g is not None:
        used = weights if keep is None else where(keep, weights * (1.0 / (1.0 - dropout)), 0.0)
        g_value = _turned_product(folded(used, heads), folded(g, heads))
        g_used = matmul(folded(g, heads), value, False, True).reshape(weights.shape)
        slope = total(slope, g_used if keep is None else where(keep, g_used * (1.0 / (1.0 - dropout)), 0.0))
        through = total(through, (g * output).sum(-1, keepdims=True))  # Σ_s p_s ∂L/∂p_s, by way of the output
    slope = weights * (slope - through)
    rows = folded(slope, heads)
    g_query = matmul(rows, key).reshape(query.shape) * scale
    g_key = _turned_product(rows, folded(query * scale, heads))
    return g_query, g_key, g_value, *[slope] * has_bias, *[None] * (has_mask + has_dropout)


def _turned_product(scores: Tensor, rows: Tensor) -> Tensor:
    """scoresᵀ rows, (N, K, S, H), as (rowsᵀ scores)ᵀ: the left factor is copied on a CPU, and rows are the smaller."""
    return transpose(matmul(rows, scores, True), (0, 1, 3, 2))


@composite
def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    sliding_window: int | None = None,
    alibi: Sequence[float] | None = None,
    dropout: float = 0.0,
    dropout_key: Any = None,
    return_weights: bool = False,
    chunk_size: int | None = None,
) -> Any:
    """Attention o_t = Σ_s p_ts v_s, with the probabilities p_ts = softmax_s(scale · q_t·k_s + bias_ts), for every head.

    Args:
        query: q, (N, T, A, H).
        key: k, (N, S, K, H); A is a multiple of K, and A/K neighbouring query heads share a key head.
        value: v, (N, S, K, V).
        bias: broadcasts to (N, A, T, S).
        mask: booleans that broadcast to (N, A, T, S), true where t may look at s.
        scale: 1/√H if None.
        is_causal: t looks at s ≤ t only.
        sliding_window: t looks at s with |t − s| < sliding_window only; None for no limit.
        alibi: m_h, a slope for each of the A heads: adds −m_h |t − s| to the scores (see `alibi_bias`), without
            holding T·S numbers for it.
        dropout: share of the probabilities that are set to 0 (the others grow by 1/(1 − dropout)), if there is a
            `dropout_key`.
        dropout_key: two words from `lamina.core.random.next_key`.
        return_weights: return the probabilities too.
        chunk_size: number of keys that are looked at together by the form whose memory grows with S, not with T·S; 0
            for the plain form. None chooses: chunks of 256 where T·S > 2048², unless the weights are asked for. The
            mask of dropout is another one then, second derivatives take the memory of the plain form.

    Returns:
        (N, T, A, V), of the type to which query, key and value promote; with `return_weights` also p before dropout,
        (N, A, T, S). A query that sees no key gives 0. Probabilities are worked out in float32 at least.

    Raises:
        ShapeError: the shapes do not fit together.
        ArgumentError: the weights were asked for in chunks.

    Example:
        >>> import numpy as np
        >>> from lamina import ops
        >>> q = k = np.zeros((1, 2, 1, 4))  # all keys fit equally well
        >>> v = np.array([1.0, 3.0]).reshape(1, 2, 1, 1)
        >>> whole, causal = (ops.dot_product_attention(q, k, v, is_causal=causal) for causal in (False, True))
        >>> whole[0, :, 0, 0], causal[0, :, 0, 0]
        (Tensor([2., 2.], float32), Tensor([1., 2.], float32))

    Reference: Vaswani et al. 2017, arXiv 1706.03762; grouped: Ainslie et al. 2023, arXiv 2305.13245.
    Keras gives a query that sees no key the mean of all values; it has no sliding_window, alibi, dropout, weights and
    chunks here, but flash_attention. PyTorch lays arrays out as (N, A, T, H).
    """
    query, key, value = common(query, key, value)
    _check(query.shape, key.shape, value.shape)
    query, key, value = (transpose(x, (0, 2, 1, 3)) for x in (query, key, value))
    settings = (scale, is_causal, sliding_window, alibi, dropout, dropout_key, return_weights, chunk_size)
    found = attention_by_heads(query, key, value, bias, mask, *settings)
    if return_weights:
        return transpose(found[0], (0, 2, 1, 3)), found[1]
    return transpose(found, (0, 2, 1, 3))


def attention_by_heads(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    sliding_window: int | None = None,
    alibi: Sequence[float] | None = None,
    dropout: float = 0.0,
    dropout_key: Any = None,
    return_weights: bool = False,
    chunk_size: int | None = None,
) -> Any:
    """`dot_product_attention` of one number type, heads first: (N, A, T, H), (N, K, S, H) and (N, K, S, V).

    Returns:
        (N, A, T, V); with `return_weights` also the probabilities.
    """
    _check(*((n, t, a, h) for n, a, t, h in (query.shape, key.shape, value.shape)))
    scale = query.shape[3] ** -0.5 if scale is None else float(scale)
    bias, mask = _spread(bias), _spread(mask)
    mask = None if mask is None else mask.array.astype(bool)
    dropout_key, slopes = dropout_key if dropout else None, None if alibi is None else tuple(alibi)
    size = _chunk(chunk_size, query.shape[2] * key.shape[2], return_weights)
    if chunk_size is None and not return_weights:
        limits = (mask, bias, dropout_key, slopes, sliding_window)
        size = _CHUNK if serves(query, key, value, *limits) else size
    if size:
        plan = Plan(scale, is_causal, sliding_window, slopes, dropout, min(size, key.shape[2]))
        return attend_in_chunks(query, key, value, bias, mask, dropout_key, plan)[0]
    settings = (scale, is_causal, sliding_window, slopes, dropout)
    output, weights = attend(query, key, value, bias, mask, dropout_key, *settings)
    return (output, weights) if return_weights else output


def _check(query: Sequence[int], key: Sequence[int], value: Sequence[int]) -> None:
    ranks = len(query) == len(key) == len(value) == 4
    if ranks and query[0] == key[0] and query[3] == key[3] and key[:3] == value[:3] and query[2] % key[2] == 0:
        return
    raise ShapeError(
        "dot_product_attention",
        "query, key and value must fit together",
        expected="(N, T, A, H), (N, S, K, H) and (N, S, K, V), A a multiple of K",
        received=f"{query}, {key} and {value}",
        remedy="Reshape them so that the heads are the last axis but one",
    )


def _spread(x: Any) -> Tensor | None:
    """Four axes, as (N, A, T, S) has."""
    if x is None:
        return None
    x = tensor(x)
    return x.reshape((1,) * (4 - x.ndim) + x.shape)


def _chunk(asked: int | None, scores: int, return_weights: bool) -> int:
    """How many keys a block has; 0 for the plain form."""
    if asked is None:
        return _CHUNK if scores > _LIMIT and not return_weights else 0
    if asked and return_weights:
        raise ArgumentError(
            "dot_product_attention",
            "in chunks the weights are never there all at once",
            expected="chunk_size=None or 0 with return_weights",
            received=f"chunk_size={asked}",
            remedy="Leave one of the two out",
        )
    return asked
