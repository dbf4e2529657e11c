"""Contract cases of attention: the plain form, and the one in chunks of keys with the op that is its gradient."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import ops
from lamina.ops.attention import attend
from lamina.ops.attention_chunked import Plan, attend_in_chunks, chunk_gradients
from lamina.ops.attention_parts import settled
from ops.contract import Case


def numbers_of(array: Any) -> Any:
    return jnp if isinstance(array, jax.Array) else np


def seen_by_hand(shape: tuple[int, ...], mask: Any, is_causal: bool, sliding_window: int | None) -> np.ndarray:
    t, s = np.arange(shape[-2])[:, None], np.arange(shape[-1])
    seen = np.ones(shape, bool) if mask is None else np.broadcast_to(np.asarray(mask), shape)
    seen = seen & (t >= s) if is_causal else seen
    return seen & (abs(t - s) < sliding_window) if sliding_window else seen


def one_for_nothing(total: Any) -> Any:
    return numbers_of(total).where(total == 0, 1.0, total)


def heads_first(q: Any, k: Any, v: Any, bias: Any = None, mask: Any = None, *rest: Any, **settings: Any) -> Any:
    """Output, probabilities and log of the sum of exponentials, with every key head repeated for its queries."""
    n = numbers_of(q)
    k, v = (n.repeat(x, q.shape[1] // x.shape[1], axis=1) for x in (k, v))
    scores = n.einsum("nath,nash->nats", q, k) * settings.get("scale", 1.0) + (0.0 if bias is None else bias)
    if slopes := settings.get("alibi"):
        distance = abs(np.arange(scores.shape[2])[:, None] - np.arange(scores.shape[3]))
        scores = scores - np.array(slopes)[:, None, None] * distance
    seen = seen_by_hand(scores.shape, mask, settings.get("is_causal", False), settings.get("sliding_window"))
    e = n.where(seen, n.exp(scores), 0.0)
    total = one_for_nothing(e.sum(-1, keepdims=True))
    return n.einsum("nats,nash->nath", e / total, v), e / total, n.log(total)


def by_hand(q: Any, k: Any, v: Any, bias: Any = None, mask: Any = None, **settings: Any) -> Any:
    n = numbers_of(q)
    settings["scale"] = settings.get("scale") or q.shape[-1] ** -0.5
    q, k, v = (n.swapaxes(x, 1, 2) for x in (q, k, v))
    output, p, _ = heads_first(q, k, v, bias, mask, **settings)
    output = n.swapaxes(output, 1, 2)
    return (output, p) if settings.get("return_weights") else output


def of_plan(q: Any, k: Any, v: Any, bias: Any, mask: Any, dropout_key: Any, plan: Plan) -> Any:
    settings = {"is_causal": plan.is_causal, "sliding_window": plan.sliding_window}
    output, _, log_sum = heads_first(q, k, v, bias, mask, scale=plan.scale, **settings)
    return output, log_sum


def gradients_by_hand(g: Any, log_sum: Any, through: Any, q: Any, k: Any, v: Any, plan: Plan, **settings: Any) -> Any:
    """The formulas of Dao et al. 2022, appendix B.2, without blocks."""
    n = numbers_of(q)
    scores = n.einsum("nath,nash->nats", q, k) * plan.scale
    seen = seen_by_hand(scores.shape, None, plan.is_causal, plan.sliding_window)
    p = n.where(seen, n.exp(scores - log_sum), 0.0)
    slope = p * (n.einsum("nath,nash->nats", g, v) - through)
    g_query = n.einsum("nats,nash->nath", slope, k) * plan.scale
    g_key = n.einsum("nats,nath->nash", slope, q) * plan.scale
    return g_query, g_key, n.einsum("nats,nath->nash", p, g)


def inputs(*more: str, heads: int = 4, key_heads: int = 2) -> Any:
    """Query, key and value (N, T, A, H); then a bias that is the same for all queries, or a mask with an empty row."""

    def draw(rng: np.random.Generator) -> list[np.ndarray]:
        arrays = [rng.normal(size=shape) for shape in ((2, 3, heads, 2), (2, 5, key_heads, 2), (2, 5, key_heads, 3))]
        if "bias" in more:
            arrays.append(rng.normal(size=(heads, 1, 5)))
        if "mask" in more:
            mask = rng.random((2, 1, 3, 5)) > 0.4
            mask[0, 0, 1] = False
            arrays.append(mask)
        return arrays

    return draw


def first_heads(rng: np.random.Generator) -> list[np.ndarray]:
    return [np.swapaxes(x, 1, 2) for x in inputs()(rng)]


def of_gradients(rng: np.random.Generator) -> list[np.ndarray]:
    q, k, v = (np.swapaxes(x, 1, 2) for x in inputs(heads=2)(rng))
    return [rng.normal(size=(2, 2, 3, 3)), rng.normal(size=(2, 2, 3, 1)), rng.normal(size=(2, 2, 3, 1)), q, k, v]


def row(title: str, *more: str, **settings: Any) -> Case:
    name = f"dot_product_attention {title}"
    return Case(name, ops.dot_product_attention, inputs(*more), settings, by_hand, by_hand)


NONE = {"bias": None, "mask": None, "dropout_key": None}
PLAN = Plan(0.7, True, None, None, 0.0, 2)

INNER = {"settings": {**NONE, "plan": PLAN}, "dtypes": ("float32",)}


def softmax_by_hand(x: Any, mask: Any) -> Any:
    n = numbers_of(x)
    e = n.where(mask, n.exp(x), 0.0)
    return e / one_for_nothing(e.sum(-1, keepdims=True))


def rows_and_mask(rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.normal(size=(3, 4)), np.array([[1, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0]], bool)]


CASES = [
    row("plain", chunk_size=0),
    row("with weights", "bias", "mask", return_weights=True, is_causal=True),
    row("scaled in a window", "bias", scale=0.3, sliding_window=2, is_causal=True),
    row("with slopes", alibi=(0.5, 0.25, 0.1, 0.0), is_causal=True),
    row("in chunks", "bias", "mask", chunk_size=2),
    row("in chunks, causal", "bias", is_causal=True, sliding_window=2, chunk_size=3),
    row("in chunks with slopes", alibi=(0.5, 0.25, 0.1, 0.0), chunk_size=2),
    Case("attend", attend, first_heads, {"scale": 0.5}, lambda *x, **s: heads_first(*x, **s)[:2]),
    Case("attend_in_chunks", attend_in_chunks, first_heads, numpy=of_plan, jax=of_plan, **INNER),
    Case("chunk_gradients", chunk_gradients, of_gradients, numpy=gradients_by_hand, jax=gradients_by_hand, **INNER),
    Case("settled", settled, lambda rng: [rng.normal(size=(2, 3))], {}, lambda x: x, lambda x: x),
    Case("masked_softmax", ops.masked_softmax, rows_and_mask, {}, softmax_by_hand, softmax_by_hand),
]
