"""Token by token with a cache: the same as all at once."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import lamina
from lamina import Tensor, gradients, layers, ops
from lamina.core import ArgumentError, NotBuiltError, ShapeError
from lamina.layers.attention import KeyValueCache

Make = Callable[..., Any]


def multi(**config: Any) -> layers.MultiHeadAttention:
    return layers.MultiHeadAttention(**{"num_heads": 2, "key_dim": 4, "value_dim": 3, **config})


def grouped(**config: Any) -> layers.GroupQueryAttention:
    return layers.GroupQueryAttention(**{"head_dim": 4, "num_query_heads": 4, "num_key_value_heads": 2, **config})


def title(part: Any) -> str:
    return part.__name__ if callable(part) else ",".join(f"{k}={v}" for k, v in part.items()) or "plain"


forms = pytest.mark.parametrize(
    ("make", "config"),
    [
        (multi, {}),
        (multi, {"rotary": 10000.0, "use_gate": True}),
        (multi, {"flash_attention": True}),
        (grouped, {"alibi": True}),
        (grouped, {"sliding_window": 3}),
    ],
    ids=title,
)
both = pytest.mark.parametrize("make", [multi, grouped])


def draw(rng: np.random.Generator, *shape: int) -> Tensor:
    return Tensor(rng.normal(size=shape), "float32", requires_grad=True)


def same(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@forms
def test_a_prompt_and_then_single_tokens(rng: np.random.Generator, make: Make, config: dict[str, Any]) -> None:
    layer, x = make(**config), draw(rng, 2, 8, 6)
    whole = layer(x, x, use_causal_mask=True)
    y, cache = layer(x[:, :4], x[:, :4], cache=layer.make_cache(2, 11), position=0)
    found = [y]
    for t in range(4, 8):
        y, cache = layer(x[:, t : t + 1], cache=cache, position=t)
        found.append(y)
    same(ops.concatenate(found, axis=1), whole)
    np.testing.assert_array_equal(cache.mask, [[True] * 8 + [False] * 3] * 2)


def test_one_program_for_all_positions(rng: np.random.Generator) -> None:
    layer, x = multi(rotary=100.0), draw(rng, 2, 6, 6)
    whole = layer(x, x, use_causal_mask=True)

    @lamina.compile(max_compiles=1)
    def step(token: Tensor, cache: KeyValueCache, position: Tensor) -> Any:
        return layer(token, token, cache=cache, position=position)

    cache = layer.make_cache(2, 6)
    for t in range(6):
        y, cache = step(x[:, t : t + 1], cache, Tensor(t))
        same(y, whole[:, t : t + 1])


def test_inside_a_loop_of_xla(rng: np.random.Generator) -> None:
    layer, x = grouped(), draw(rng, 2, 6, 6)
    whole = layer(x, x, use_causal_mask=True)

    @jax.jit
    def run(tokens: jax.Array, cache: Any) -> jax.Array:
        def body(carry: Any) -> Any:
            t, cache, outputs = carry
            token = lax.dynamic_slice_in_dim(tokens, t, 1, axis=1)
            y, cache = layer(Tensor(token), cache=cache, position=t)
            outputs = lax.dynamic_update_slice_in_dim(outputs, y.array, t, axis=1)
            return t + 1, jax.tree.map(lambda leaf: leaf.array, cache), outputs

        return lax.while_loop(lambda carry: carry[0] < 6, body, (jnp.int32(0), cache, jnp.zeros_like(tokens)))[2]

    same(run(x.array, jax.tree.map(lambda leaf: leaf.array, layer.make_cache(2, 9))), whole)


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="looks at a program of XLA's CPU compiler")
def test_the_cache_is_written_in_place() -> None:
    layer, x = multi(value_dim=4), jnp.ones((1, 1, 6))
    cache = jax.tree.map(lambda leaf: leaf.array, layer.make_cache(1, 50))

    def step(x: jax.Array, cache: Any, position: jax.Array) -> Any:
        y, cache = layer(Tensor(x), cache=cache, position=position)
        return y.array, jax.tree.map(lambda leaf: leaf.array, cache)

    layer(x)
    program = jax.jit(step, donate_argnums=1).lower(x, cache, jnp.int32(3)).compile().as_text()
    assert "1,2,50,4]" in program
    assert not [line for line in program.splitlines() if "2,50,4]" in line.partition("=")[2][:25] and " copy(" in line]


@pytest.mark.parametrize(("make", "config"), [(multi, {"rotary": 10000.0}), (grouped, {"alibi": True})], ids=title)
def test_prompts_of_unequal_length(rng: np.random.Generator, make: Make, config: dict[str, Any]) -> None:
    """Padded on the right and continued each at its own place, or padded on the left with a mask."""
    layer, x, lengths = make(**config), draw(rng, 2, 7, 6), (4, 2)
    alone = [layer(x[i : i + 1, : n + 1], use_causal_mask=True)[:, n:] for i, n in enumerate(lengths)]
    token = ops.stack([x[i, n : n + 1] for i, n in enumerate(lengths)])

    _, cache = layer(x[:, :4], cache=layer.make_cache(2, 9), position=0)
    y, cache = layer(token, cache=cache, position=np.array(lengths))
    same(y, ops.concatenate(alone, axis=0))
    np.testing.assert_array_equal(cache.mask.numpy()[:, :6], [[True] * 5 + [False], [True] * 4 + [False] * 2])

    left = ops.stack([x[0, :4], ops.concatenate([x[1, 5:7], x[1, :2]], axis=0)])
    real = np.array([[True] * 4, [False, False, True, True]])
    _, cache = layer(left, cache=layer.make_cache(2, 9), position=0, value_mask=real)
    y, cache = layer(token, cache=cache, position=4)
    same(y, ops.concatenate(alone, axis=0))
    np.testing.assert_array_equal(cache.mask.numpy()[:, :5], [[True] * 5, [False, False, True, True, True]])


@both
def test_nothing_leaks_from_later_tokens(rng: np.random.Generator, make: Make) -> None:
    """Neither from the rest of a prompt, nor from what an earlier, longer attempt has left in the cache."""
    layer, x = make(), draw(rng, 2, 5, 6)
    y, cache = layer(x, cache=layer.make_cache(2, 7), position=0)
    for t in range(5):
        assert not gradients(y[:, t].sum(), [x])[0][:, t + 1 :].numpy().any()
    again, _ = layer(x[:, :1] * 2.0, cache=cache, position=2)
    (gradient,) = gradients(again.sum(), [x])
    assert not gradient[:, 2:].numpy().any() and gradient[:, :2].numpy().all()


def test_cross_attention_reads_a_filled_cache(rng: np.random.Generator) -> None:
    layer, x, memory = multi(), draw(rng, 2, 3, 6), draw(rng, 2, 5, 7)
    real = np.array([[True] * 5, [True, True, False, False, False]])
    whole = layer(x, memory, value_mask=real)
    cache = layer.fill_cache(memory, value_mask=real)
    for t in range(3):
        y, after = layer(x[:, t : t + 1], cache=cache)
        same(y, whole[:, t : t + 1])
    np.testing.assert_array_equal(after.key, cache.key)


def test_scores_and_a_mask_over_all_places(rng: np.random.Generator) -> None:
    layer, x = multi(), draw(rng, 2, 3, 6)
    _, cache = layer(x, cache=layer.make_cache(2, 6), position=0)
    allowed = np.array([[True, False, True, True, True, True]])
    _, scores, cache = layer(x[:, :1], cache=cache, position=3, attention_mask=allowed, return_attention_scores=True)
    np.testing.assert_array_equal(
        scores.numpy() > 0, np.broadcast_to([True, False, True, True, False, False], (2, 2, 1, 6))
    )


def test_rows_of_a_beam(rng: np.random.Generator) -> None:
    layer, x = multi(), draw(rng, 3, 4, 6)
    _, cache = layer(x, cache=layer.make_cache(3, 5), position=0)
    y, _ = layer(x[:, :1], cache=cache.rows([2, 0, 2]), position=4)
    for row, source in enumerate((2, 0, 2)):
        expected, _ = layer(x[row : row + 1, :1], cache=cache.rows([source]), position=4)
        same(y[row : row + 1], expected)


def test_bfloat16() -> None:
    layer, x = multi(dtype="mixed_bfloat16"), ops.ones((1, 2, 6))
    y, cache = layer(x, cache=layer.make_cache(1, 4), position=0)
    assert y.dtype == cache.key.dtype == cache.value.dtype == "bfloat16"


def test_errors(rng: np.random.Generator) -> None:
    layer, x = multi(), draw(rng, 2, 5, 6)
    with pytest.raises(NotBuiltError, match="the query's shape"):
        layer.fill_cache(x)
    with pytest.raises(ShapeError, match="for 5 tokens in 6 places"):
        layer(x, cache=layer.make_cache(2, 6), position=2)
    grid = multi()
    with pytest.raises(ArgumentError, match="one sequence"):
        grid(draw(rng, 2, 3, 3, 6), cache=grid.make_cache(2, 6), position=0)
    with pytest.raises(ArgumentError, match="one sequence"):
        multi(rotary=100.0).fill_cache(x)
