"""Attention without projections: masks, dropout, errors. Its numbers are compared with Keras in tests/peers."""

import numpy as np
import pytest

from lamina import Tensor, gradients, layers
from lamina.core import ArgumentError
from lamina.core.random import random_scope
from lamina.layers.masks import with_mask

kinds = pytest.mark.parametrize("kind", [layers.Attention, layers.AdditiveAttention])


def draw(rng: np.random.Generator, *shape: int) -> Tensor:
    return Tensor(rng.normal(size=shape), "float32", requires_grad=True)


@kinds
def test_causal_attention_leaks_nothing(rng: np.random.Generator, kind: type[layers.Attention]) -> None:
    layer, x = kind(), draw(rng, 2, 4, 3)
    y = layer([x, x], use_causal_mask=True)
    for t in range(4):
        (gradient,) = gradients(y[:, t].sum(), [x])
        assert not gradient[:, t + 1 :].numpy().any() and gradient[:, t].numpy().any()


@kinds
def test_padded_places_do_not_count(rng: np.random.Generator, kind: type[layers.Attention]) -> None:
    layer, query, value = kind(), draw(rng, 2, 3, 4), draw(rng, 2, 5, 4)
    of_query, of_value = Tensor([[True, True, False]] * 2), Tensor([[True, True, False, False, False]] * 2)
    y, p = layer([query, value], mask=[of_query, of_value], return_attention_scores=True)
    short = layer([query[:, :2], value[:, :2]])
    np.testing.assert_allclose(y[:, :2], short, rtol=1e-5, atol=1e-6)
    assert not y[:, 2].numpy().any() and not p[..., 2:].numpy().any()
    carried = layer([with_mask(query, of_query), with_mask(value, of_value)])
    np.testing.assert_array_equal(carried, y)
    np.testing.assert_array_equal(carried.mask, of_query)


def test_who_sees_nothing_gets_nothing(rng: np.random.Generator) -> None:
    query, value = draw(rng, 2, 3, 4), draw(rng, 2, 5, 4)
    y = layers.Attention()([query, value], mask=[None, np.zeros((2, 5), bool)])
    assert not y.numpy().any()


def test_dropout_is_for_training(rng: np.random.Generator) -> None:
    layer, inputs = layers.Attention(dropout=0.5, seed=3), [draw(rng, 2, 3, 4), draw(rng, 2, 5, 4)]
    with random_scope(0, step=0):
        y, p = layer(inputs, training=True, return_attention_scores=True)
    assert (p.numpy() == 0).any() and not np.array_equal(y, layer(inputs))


def test_errors(rng: np.random.Generator) -> None:
    x = draw(rng, 2, 3, 4)
    with pytest.raises(ArgumentError, match="received one input of shape"):
        layers.Attention()(x)
    with pytest.raises(ArgumentError, match=r"received shapes \[\(2, 3, 4\)\]"):
        layers.Attention()([x])
    with pytest.raises(ArgumentError, match="'dot' or 'concat'"):
        layers.Attention(score_mode="sum")
