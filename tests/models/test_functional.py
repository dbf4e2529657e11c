"""Graphs of layers and ops on symbols."""

import numpy as np
import pytest

import lamina
from lamina import Tensor, layers, ops
from lamina.core import ArgumentError, ShapeError


def two_tower():
    a, b = layers.Input((3,), name="left"), layers.Input((4,), name="right")
    shared = layers.Dense(5, activation="tanh")
    hidden = layers.Concatenate()([shared(layers.Dense(2)(a)), shared(layers.Dense(2)(b))])
    return lamina.Model([a, b], {"sum": layers.Dense(1, name="sum")(hidden), "square": ops.square(hidden)[:, :2] * 2.0})


def test_several_inputs_outputs_and_shared_layers():
    model = two_tower()
    assert model.count_params() == (3 * 2 + 2) + (4 * 2 + 2) + (2 * 5 + 5) + (10 + 1)
    x = [np.ones((7, 3), np.float32), np.zeros((7, 4), np.float32)]
    by_place, by_name = model.predict(x), model.predict({"right": x[1], "left": x[0]})
    assert by_place["sum"].shape == (7, 1) and by_place["square"].shape == (7, 2)
    np.testing.assert_array_equal(by_place["sum"], by_name["sum"])


def test_a_graph_equals_the_same_calls_made_by_hand():
    x = layers.Input((6, 6, 2))
    conv, dense = layers.Conv2D(4, 3, activation="relu"), layers.Dense(3)
    y = dense(ops.reshape(conv(x), (-1, 4 * 4 * 4)) / 2.0) + 1.0
    model = lamina.Model(x, y)
    data = Tensor(np.random.default_rng(0).normal(size=(5, 6, 6, 2)))
    by_hand = dense(ops.reshape(conv(data), (5, 64)) / 2.0) + 1.0
    np.testing.assert_allclose(model(data).numpy(), by_hand.numpy(), rtol=1e-6)
    assert model.output_shape == (None, 3)


def test_config_round_trip_gives_the_same_function():
    model = two_tower()
    again = type(model).from_config(model.get_config())
    again.set_weights(model.get_weights())
    x = [np.random.default_rng(1).normal(size=(4, 3)), np.random.default_rng(2).normal(size=(4, 4))]
    for name, value in model.predict(x).items():
        np.testing.assert_array_equal(again.predict(x)[name], value)
    assert again.get_config() == model.get_config()


def test_models_nest():
    inner = lamina.Sequential([layers.Input((4,)), layers.Dense(3)], name="inner")
    x = layers.Input((4,))
    model = lamina.Model(x, layers.Dense(2)(inner(x)))
    assert "inner/" in " ".join(model.named_variables())
    assert model.predict(np.ones((2, 4))).shape == (2, 2)


def test_unknown_sizes_stay_unknown():
    x = layers.Input((None, 8))
    model = lamina.Model(x, layers.Dense(2)(x))
    assert model.output_shape == (None, None, 2)
    assert model.predict(np.ones((3, 5, 8))).shape == (3, 5, 2) and model.predict(np.ones((3, 9, 8))).shape == (3, 9, 2)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda m: m.predict([np.ones((2, 3))]), "one array per Input"),
        (lambda m: m.predict([np.ones((2, 3)), np.ones((2, 5))]), "Input 'right' has the wrong size"),
        (lambda m: m.predict({"left": np.ones((2, 3))}), "one array per Input"),
        (lambda m: m.get_layer("nothing"), "there is no such layer"),
    ],
)
def test_wrong_inputs_are_named(act, message):
    with pytest.raises((ArgumentError, ShapeError), match=message):
        act(two_tower())


def test_an_output_must_come_from_the_inputs():
    a, b = layers.Input((3,)), layers.Input((3,))
    with pytest.raises(ArgumentError, match="computed from the inputs"):
        lamina.Model(a, layers.Dense(1)(a) + layers.Dense(1)(b))


def test_a_symbol_has_no_values():
    with pytest.raises(lamina.core.NotBuiltError, match="a symbolic tensor has no values"):
        layers.Input((3,)).numpy()
