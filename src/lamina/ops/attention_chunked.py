"""Attention in blocks of keys: memory grows with the length, not with its square.

The softmax is taken online: a running maximum m and sum of exponentials l are corrected when a block brings a higher
score. What is kept is the output and log Σ_s e^{score_s} of each query; backward works the probabilities out again,
block by block, as p = e^{score − log-sum}.

Reference: Milakov and Gimelshein 2018, arXiv 1805.02867; Rabe and Staats 2021, arXiv 2112.05682; Dao et al. 2022,
arXiv 2205.14135.
"""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax

from ..core import Array, Tensor, is_recording, op, stop_gradient, vjp
from ..core.op import unbroadcast
from ..core.random import coin
from . import attention_native
from .attention_parts import count, folded, nearness, products, visible, wide_type
from .comparison import where
from .exponential import exp
from .matmul import matmul

_STRIDE = 0x9E3779B9  # between the dropout keys of neighbouring blocks


class Plan(NamedTuple):
    """The settings of one call; `size` is the number of keys in a block."""

    scale: float
    is_causal: bool
    sliding_window: int | None
    alibi: tuple[float, ...] | None
    dropout: float
    size: int

    def is_native(self, query: Array, key: Array, value: Array, mask: Any, bias: Any, dropout_key: Any) -> bool:
        """Whether kernels do it, all keys at once, instead of a loop over blocks."""
        return attention_native.serves(query, key, value, mask, bias, dropout_key, self.alibi, self.sliding_window)


class _Blocks:
    """The scores of one block of keys after the other, and what else belongs to it.

    Arrays with an axis of S keys are padded to whole blocks; the keys in the padding are seen by nobody.
    """

    def __init__(self, plan: Plan, query: Array, key: Array, bias: Any, mask: Any, dropout_key: Any) -> None:
        self.plan, self.rows, self.keys = plan, count(query.shape[2]), key.shape[2]
        self.count = -(-self.keys // plan.size)
        self.query, self.key = query * plan.scale, self.padded(key, 2)
        self.bias = None if bias is None else self.padded(bias, 3)
        self.mask = None if mask is None else self.padded(mask, 3)
        self.dropout_key = dropout_key

    def padded(self, x: Array, axis: int) -> Array:
        missing = self.count * self.plan.size - self.keys
        if not missing or x.shape[axis] == 1 < self.keys:
            return x
        return jnp.pad(x, [(0, missing if i == axis else 0) for i in range(x.ndim)])

    def part(self, x: Array, block: Any, axis: int) -> Array:
        """The slice of an array that belongs to a block; an array that is the same for all keys has no slices."""
        if x.shape[axis] == 1 < self.keys:
            return x
        return lax.dynamic_slice_in_dim(x, block * self.plan.size, self.plan.size, axis)

    def scores(self, block: Any) -> tuple[Array, Array]:
        """The block's keys and the scores (N, A, T, size); −∞ where a query does not see the key."""
        keys = self.part(self.key, block, 2)
        scores = products(self.query, keys, transpose_y=True)
        if self.bias is not None:
            scores = scores + self.part(self.bias, block, 3).astype(scores.dtype)
        places = block * self.plan.size + count(self.plan.size)
        if self.plan.alibi is not None:
            scores = scores + nearness(self.rows, places, self.plan.alibi, scores.dtype)
        mask = None if self.mask is None else self.part(self.mask, block, 3)
        seen = visible(mask, self.rows, places, self.plan.is_causal, self.plan.sliding_window)
        inside = places < self.keys
        return keys, jnp.where(inside if seen is None else seen & inside, scores, -jnp.inf)

    def dropped(self, block: Any, p: Array) -> Array:
        """Values per probability, with the block's own dropout."""
        if self.dropout_key is None:
            return p
        first, second = self.dropout_key
        words = jnp.stack([first, second + block.astype(jnp.uint32) * jnp.uint32(_STRIDE)])
        rate = self.plan.dropout
        return jnp.where(coin(words, 1.0 - rate, p.shape), p * (1.0 / (1.0 - rate)), 0)

    def for_bias(self, slope: Array) -> list[Array]:
        """The block's gradient of the bias, if there is one: summed over the axes along which it is repeated."""
        if self.bias is None:
            return []
        repeated = [i for i in range(4) if self.bias.shape[i] == 1 < (*slope.shape[:3], self.keys)[i]]
        return [slope.sum(repeated, keepdims=True).astype(self.bias.dtype)]

    def joined(self, parts: Array, axis: int) -> Array:
        """What the blocks gave, one after the other along the axis of keys; summed if they had no such axis."""
        if parts.shape[axis + 1] == 1 < self.plan.size:
            return parts.sum(0)
        parts = jnp.moveaxis(parts, 0, axis)
        shape = (*parts.shape[:axis], -1, *parts.shape[axis + 2 :])
        return lax.slice_in_dim(parts.reshape(shape), 0, self.keys, axis=axis)


@op
def attend_in_chunks(
    query: Array,
    key: Array,
    value: Array,
    bias: Array | None,
    mask: Array | None,
    dropout_key: Array | None,
    plan: Plan,
) -> Any:
    """`dot_product_attention`, heads first: query (N, A, T, H), key (N, K, S, H), value (N, K, S, V).

    Returns:
        The output (N, A, T, V), and log Σ_s e^{score_s} (N, A, T, 1) of each query.
    """
    kept = (query, key, value, bias, mask, dropout_key)
    if plan.is_native(query, key, value, mask, bias, dropout_key):
        output, log_sum = attention_native.attend(query, key, value, mask, plan.scale, plan.is_causal)
        return (output, log_sum), (*kept, output, log_sum, plan)
    blocks = _Blocks(plan, query, key, bias, mask, dropout_key)
    values = blocks.padded(value, 2)

    def step(carry: tuple[Array, Array, Array], block: Array) -> Any:
        highest, total, output = carry
        _, scores = blocks.scores(block)
        higher = jnp.maximum(highest, scores.max(-1, keepdims=True))
        p, shrink = jnp.exp(scores - higher), jnp.exp(highest - higher)
        mean = products(blocks.dropped(block, p).astype(value.dtype), blocks.part(values, block, 2))
        return (higher, total * shrink + p.sum(-1, keepdims=True), output * shrink + mean), None

    wide, rows = wide_type(query), query.shape[:3]
    lowest, nothing = jnp.full((*rows, 1), jnp.finfo(wide).min, wide), jnp.zeros((*rows, value.shape[-1]), wide)
    start = lowest, jnp.zeros_like(lowest), nothing
    (highest, total, output), _ = lax.scan(step, start, count(blocks.count))
    total = jnp.maximum(total, 1)  # the highest score alone adds 1; a query that sees no key has none
    output, log_sum = (output / total).astype(value.dtype), highest + jnp.log(total)
    return (output, log_sum), (*kept, output, log_sum, plan)


@attend_in_chunks.backward
def _(kept: Any, g: Tensor | None, g_log_sum: Tensor | None) -> Any:
    query, key, value, bias, mask, dropout_key, output, log_sum, plan = kept
    g = output * 0.0 if g is None else g
    through = (g * output).astype(log_sum.dtype).sum(-1, keepdims=True)
    through = through if g_log_sum is None else through - g_log_sum
    found = chunk_gradients(g, log_sum, through, query, key, value, bias, mask, dropout_key, plan)
    return *found, *[None for x in (mask, dropout_key) if x is not None]


@op
def chunk_gradients(
    g: Array,
    log_sum: Array,
    through: Array,
    query: Array,
    key: Array,
    value: Array,
    bias: Array | None,
    mask: Array | None,
    dropout_key: Array | None,
    plan: Plan,
) -> Any:
    """Gradients of `attend_in_chunks` with respect to query, key, value and bias, for the gradient g of its output.

    Args:
        g: (N, A, T, V).
        log_sum: as `attend_in_chunks` returned it.
        through: (N, A, T, 1), Σ_s p_s ∂L/∂p_s of each query.
        query, key, value, bias, mask, dropout_key, plan: as there.
    """
    kept = (g, log_sum, through, query, key, value, bias, mask, dropout_key, plan)
    if plan.is_native(query, key, value, mask, bias, dropout_key):
        given = (query, key, value, mask, g, log_sum, through, plan.scale, plan.is_causal)
        return tuple(attention_native.gradients(*given)), kept
    blocks, heads = _Blocks(plan, query, key, bias, mask, dropout_key), key.shape[1]
    values = blocks.padded(value, 2)

    def over_queries(x: Array, y: Array) -> Array:
        left = jnp.swapaxes(folded(x, heads), -1, -2)
        return jnp.matmul(left, folded(y, heads), preferred_element_type=log_sum.dtype).astype(y.dtype)

    def step(g_query: Array, block: Array) -> Any:
        keys, scores = blocks.scores(block)
        p = jnp.exp(scores - log_sum)
        from_value = blocks.dropped(block, products(g, blocks.part(values, block, 2), transpose_y=True))
        slope = p * (from_value - through)
        narrow = slope.astype(query.dtype)
        g_key, g_value = over_queries(narrow, blocks.query), over_queries(blocks.dropped(block, p).astype(g.dtype), g)
        return g_query + products(narrow, keys), (g_key, g_value, blocks.for_bias(slope))

    start = jnp.zeros(query.shape, log_sum.dtype)
    g_query, (g_key, g_value, g_bias) = lax.scan(step, start, count(blocks.count))
    found = ((g_query * plan.scale).astype(query.dtype), blocks.joined(g_key, 2), blocks.joined(g_value, 2))
    return (*found, *[blocks.joined(x, 3) for x in g_bias]), kept


@chunk_gradients.backward
def _(kept: Any, *grads: Tensor | None) -> Any:
    *floats, mask, dropout_key, plan = kept
    floats = [x if is_recording() else stop_gradient(x) for x in floats if x is not None]
    plain = [None if x is None else x.array for x in (mask, dropout_key)]
    found, pull = vjp(lambda *inputs: _written_out(plan, plain[0], plain[1], *inputs), *floats)
    filled = [y * 0.0 if g is None else g for y, g in zip(found, grads, strict=True)]
    return *pull(*filled), *[None for x in plain if x is not None]


def _written_out(plan: Plan, mask: Any, dropout_key: Any, *inputs: Tensor) -> tuple[Tensor, ...]:
    """`chunk_gradients` all at once, made of ops: for second derivatives, which need the memory of the plain form."""
    g, log_sum, through, query, key, value, *bias = inputs
    heads, shape = key.shape[1], (*query.shape[:3], key.shape[2])
    scores = matmul(folded(query * plan.scale, heads), key, False, True).reshape(shape)
    scores = scores + bias[0] if bias else scores
    rows, places = count(shape[2]), count(shape[3])
    if plan.alibi is not None:
        scores = scores + Tensor(nearness(rows, places, plan.alibi, scores.dtype))
    seen = visible(mask, rows, places, plan.is_causal, plan.sliding_window)
    p = exp((scores if seen is None else where(seen, scores, -jnp.inf)) - log_sum)
    blocks = _Blocks(plan, query.array, key.array, None, None, dropout_key)
    ones = jnp.ones((*shape[:3], plan.size), p.dtype)
    stay = jnp.concatenate([blocks.dropped(jnp.int32(i), ones) for i in range(blocks.count)], -1)[..., : shape[3]]
    slope = p * (matmul(folded(g, heads), value, False, True).reshape(shape) * stay - through)
    below = folded(slope, heads)
    g_query = matmul(below, key).reshape(query.shape) * plan.scale
    g_key = matmul(below, folded(query * plan.scale, heads), True)
    g_value = matmul(folded(p * stay, heads), folded(g, heads), True)
    return g_query, g_key, g_value, *[unbroadcast(slope, b.shape, b.dtype) for b in bias]
