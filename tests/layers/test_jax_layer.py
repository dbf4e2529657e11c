"""`JaxLayer` against the layers that do the same."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core import ArgumentError, gradcheck
from lamina.layers import JaxLayer

X = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
Y = X @ np.array([[1.0], [-2.0], [0.5]], "float32")


def line(params: Any, inputs: Any) -> Any:
    return jnp.tanh(inputs @ params["kernel"] + params["bias"][0])


@lamina.register
def jax_layer_init(rng: Any, inputs: Any) -> Any:
    return {"kernel": jax.random.normal(rng, (inputs.shape[-1], 2)), "bias": [jnp.zeros(2)]}


@lamina.register
def jax_layer_call(params: Any, inputs: Any) -> Any:
    return line(params, inputs)


def test_it_learns_as_dense_does() -> None:
    lamina.set_seed(0)
    dense = layers.Dense(2, "tanh")
    dense(X)
    kernel, bias = dense.get_weights()
    histories = []
    for layer in (dense, JaxLayer(line, params={"kernel": kernel, "bias": [bias]})):
        model = lamina.Sequential([layers.Input((3,)), layer, layers.Dense(1, kernel_initializer="ones")])
        model.compile("adam", "mse")
        histories.append(model.fit(X, Y, epochs=3, verbose=0, shuffle=False).history["loss"])
        assert len(model.trainable_variables) == 4
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-5)


def test_derivatives(x64: None) -> None:
    layer = JaxLayer(line, params={"kernel": np.ones((3, 2)), "bias": [np.zeros(2)]}, dtype="float64")
    gradcheck(lambda x: (layer(x) ** 2).sum(), X[:2].astype("float64"), order=2)


def test_state_goes_on_in_training_only() -> None:
    def count(params: Any, state: Any, inputs: Any, training: bool) -> Any:
        new = state + inputs.mean(0) if training else state
        return inputs * params + state, new

    layer = JaxLayer(count, params=jnp.ones(3), state=jnp.zeros(3))
    layer(X)
    assert layer.non_trainable_variables[0].tolist() == [0.0] * 3
    step = lamina.compile(lambda x: layer(x, training=True))
    step(X)
    np.testing.assert_allclose(layer.non_trainable_variables[0].numpy(), X.mean(0), rtol=1e-5)
    np.testing.assert_allclose(step(X).numpy(), X + X.mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.non_trainable_variables[0].numpy(), 2 * X.mean(0), rtol=1e-5)


def test_each_step_has_its_own_randomness() -> None:
    def drop(params: Any, rng: Any, inputs: Any, training: bool) -> Any:
        return jnp.where(jax.random.bernoulli(rng, 0.5, inputs.shape), inputs, 0.0) if training else inputs

    layer = JaxLayer(drop, params={})
    step = lamina.compile(lambda x: layer(x, training=True))
    first, second = step(X).numpy(), step(X).numpy()
    assert not np.array_equal(first, second) and set(np.unique(first[first != X])) == {0.0}
    np.testing.assert_array_equal(layer(X).numpy(), X)


def test_trees_and_whole_numbers_go_in_and_out() -> None:
    def look(params: Any, inputs: Any) -> Any:
        return {"rows": params["table"][inputs["ids"]], "twice": inputs["x"] * 2}

    layer = JaxLayer(look, params={"table": jnp.arange(6.0).reshape(3, 2)})
    found = layer({"ids": lamina.Tensor([2, 0]), "x": lamina.Tensor([1.0])})
    assert found["rows"].tolist() == [[4.0, 5.0], [0.0, 1.0]] and found["twice"].tolist() == [2.0]
    found["rows"].sum().backward()
    assert layer.trainable_variables[0].grad.tolist() == [[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]


def test_a_model_comes_back_from_a_file(tmp_path: Path) -> None:
    model = lamina.Sequential([layers.Input((3,)), JaxLayer(jax_layer_call, jax_layer_init), layers.Dense(1)])
    model.save(tmp_path / "m.lamina")
    again = lamina.load_model(tmp_path / "m.lamina")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_refused() -> None:
    with pytest.raises(ArgumentError, match="JaxLayer 'j': the weights are given or initialised.*received neither"):
        JaxLayer(line, name="j")
    with pytest.raises(ArgumentError, match="Expected init_fn, received params"):
        JaxLayer(line, params={}).get_config()
    with pytest.raises(ArgumentError, match="a file holds no code"):
        JaxLayer(line, jax_layer_init).get_config()
