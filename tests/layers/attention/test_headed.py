"""Attention layers: masks from everywhere, heads, positions, what training does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, gradients, layers, ops
from lamina.core import ArgumentError, UnknownNameError
from lamina.core.random import random_scope
from lamina.layers.masks import with_mask

Make = Callable[..., Any]


def multi(**config: Any) -> layers.MultiHeadAttention:
    return layers.MultiHeadAttention(**{"num_heads": 2, "key_dim": 4, **config})


def grouped(**config: Any) -> layers.GroupQueryAttention:
    return layers.GroupQueryAttention(**{"head_dim": 4, "num_query_heads": 4, "num_key_value_heads": 2, **config})


both = pytest.mark.parametrize("make", [multi, grouped])


def draw(rng: np.random.Generator, *shape: int) -> Tensor:
    return Tensor(rng.normal(size=shape), "float32", requires_grad=True)


@pytest.mark.parametrize(
    ("make", "config"),
    [(multi, {}), (multi, {"flash_attention": True}), (grouped, {"rotary": 10000.0}), (grouped, {"alibi": True})],
    ids=["plain", "in chunks", "rotary", "alibi"],
)
def test_causal_attention_leaks_nothing(rng: np.random.Generator, make: Make, config: dict[str, Any]) -> None:
    layer, x = make(**config), draw(rng, 2, 5, 6)
    y = layer(x, x, use_causal_mask=True)
    for t in range(5):
        (gradient,) = gradients(y[:, t].sum(), [x])
        assert not gradient[:, t + 1 :].numpy().any()
        assert gradient[:, t].numpy().any()


@both
def test_without_the_causal_mask_it_does(rng: np.random.Generator, make: Make) -> None:
    layer, x = make(), draw(rng, 2, 5, 6)
    assert gradients(layer(x, x)[:, 0].sum(), [x])[0][:, 4].numpy().any()


@both
def test_masks_ride_on_tensors(rng: np.random.Generator, make: Make) -> None:
    layer, query, value = make(), draw(rng, 2, 3, 6), draw(rng, 2, 4, 6)
    of_query, of_value = Tensor([[True, True, False]] * 2), Tensor([[True, False, True, False], [True] * 4])
    y = layer(with_mask(query, of_query), with_mask(value, of_value))
    np.testing.assert_array_equal(y.mask, of_query)
    np.testing.assert_allclose(y, layer(query, value, query_mask=of_query, value_mask=of_value), rtol=1e-6)
    short = layer(query[:1, :2], value[:1, ::2])
    np.testing.assert_allclose(y[:1, :2], short, rtol=1e-5, atol=1e-6)


def test_padding_changes_nothing_in_a_model(rng: np.random.Generator) -> None:
    ids = np.array([[1, 2, 3, 0, 0], [3, 1, 0, 0, 0]])
    inputs = layers.Input((None,), dtype="int32")
    x = layers.Embedding(4, 6, mask_zero=True)(inputs)
    model = lamina.Model(inputs, multi()(x, x))
    y = model(ids)
    np.testing.assert_allclose(y[1:, :2], model(ids[1:, :2]), rtol=1e-5, atol=1e-6)


def test_all_masks_are_joined_by_and(rng: np.random.Generator) -> None:
    layer, query, value = multi(), draw(rng, 1, 3, 6), draw(rng, 1, 4, 6)
    attention_mask = rng.random((1, 3, 4)) > 0.3
    settings = {"value_mask": np.array([[1, 1, 0, 1]]), "key_mask": np.array([[1, 0, 1, 1]]), "use_causal_mask": True}
    _, p = layer(query, value, attention_mask=attention_mask, return_attention_scores=True, **settings)
    expected = attention_mask[0] & np.tri(3, 4, dtype=bool) & np.array([True, False, False, True])
    np.testing.assert_array_equal(p.numpy()[0] > 0, np.broadcast_to(expected, (2, 3, 4)))


def test_self_attention_takes_its_query_as_value(rng: np.random.Generator) -> None:
    layer, x = multi(), with_mask(draw(rng, 2, 4, 6), Tensor([[True, True, True, False]] * 2))
    np.testing.assert_array_equal(layer(x), layer(query=x, value=x))


def test_grouped_heads_are_repeated_heads(rng: np.random.Generator) -> None:
    """With the key and value kernels repeated, multi-head attention is the same function."""
    few, many, x = grouped(), multi(num_heads=4), draw(rng, 2, 5, 6)
    few(x, x), many(x, x)
    copies = {(6, 2, 4): 1, (2, 4): 0}
    many.set_weights([np.repeat(w, 2, copies[w.shape]) if w.shape in copies else w for w in few.get_weights()])
    np.testing.assert_allclose(few(x, x), many(x, x), rtol=1e-5, atol=1e-6)


@both
def test_rotary_scores_depend_on_differences_of_places_only(rng: np.random.Generator, make: Make) -> None:
    layer, x = make(rotary=10000.0), draw(rng, 1, 1, 6)
    same = ops.concatenate([x, x, x, x], axis=1)
    _, p = layer(same, same, return_attention_scores=True)
    scores = np.log(p.numpy()[0])
    scores -= np.diagonal(scores, axis1=1, axis2=2)[..., None]
    np.testing.assert_allclose(scores[:, 0, 1], scores[:, 2, 3], rtol=1e-4, atol=1e-5)
    assert np.abs(scores[:, 0, 1]).max() > 1e-3


def test_alibi_is_its_bias(rng: np.random.Generator) -> None:
    x = draw(rng, 2, 5, 6)
    near, layer = multi(alibi=True), multi()
    _, p = layer(x, x, return_attention_scores=True)
    near(x, x)
    near.set_weights(layer.get_weights())
    _, found = near(x, x, return_attention_scores=True)
    expected = p.numpy() * np.exp(ops.alibi_bias(2, 5).numpy())
    np.testing.assert_allclose(found, expected / expected.sum(-1, keepdims=True), rtol=1e-5)


@both
def test_dropout_is_for_training(rng: np.random.Generator, make: Make) -> None:
    layer, x = make(dropout=0.5), draw(rng, 2, 5, 6)
    y = layer(x, x)
    for seed, same in ((1, True), (2, False)):
        with random_scope(1, step=0):
            first = layer(x, x, training=True)
        with random_scope(seed, step=0):
            assert np.array_equal(first, layer(x, x, training=True)) == same
    assert not np.array_equal(first, y) and np.array_equal(y, layer(x, x))


def test_what_the_projections_give_is_penalised(rng: np.random.Generator) -> None:
    layer, x = multi(activity_regularizer="l2"), draw(rng, 2, 5, 6)
    with layers.collect_penalties() as gathered:
        y = layer(x, x)
    projected = [layer.query_dense(x), layer.key_dense(x), layer.value_dense(x), y]
    expected = [0.01 * (z.numpy() ** 2).sum() / 2 for z in projected]
    np.testing.assert_allclose([float(g) for g in gathered], expected, rtol=1e-5)


@both
def test_bfloat16_in_chunks(rng: np.random.Generator, make: Make) -> None:
    exact, narrow, x = make(), make(flash_attention=True, dtype="mixed_bfloat16"), draw(rng, 2, 9, 6)
    y = exact(x, x)
    narrow(x, x)
    narrow.set_weights(exact.get_weights())
    found = narrow(x, x, use_causal_mask=False)
    assert found.dtype == "bfloat16"
    np.testing.assert_allclose(found.astype("float32"), y, atol=0.05)


def test_errors(rng: np.random.Generator) -> None:
    x = draw(rng, 2, 5, 6)
    with pytest.raises(ArgumentError, match="multiple of 3"):
        grouped(num_key_value_heads=3)
    with pytest.raises(ArgumentError, match="num_heads is a whole number"):
        multi(num_heads=0)
    with pytest.raises(ArgumentError, match="flash_attention=None"):
        multi(flash_attention=True)(x, x, return_attention_scores=True)
    with pytest.raises(UnknownNameError):
        layers.get({"class_name": "HeadedAttention", "config": {}})
