"""Low-rank adaptation of Dense, EinsumDense and Embedding."""

import json
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import ArgumentError, NotBuiltError, gradients
from lamina.layers import Dense, EinsumDense, Embedding, ReversibleEmbedding

LAYERS: list[tuple[type, dict[str, Any], Any]] = [
    (Dense, {"units": 3, "activation": "tanh"}, (2, 4)),
    (EinsumDense, {"equation": "ntf,fau->ntau", "output_shape": (None, 2, 3), "bias_axes": "au"}, (2, 3, 4)),
    (Embedding, {"input_dim": 5, "output_dim": 3}, (2, 3)),
]
over = pytest.mark.parametrize(("kind", "config", "shape"), LAYERS, ids=[kind.__name__ for kind, *_ in LAYERS])


def inputs(kind: type, shape: Any) -> Tensor:
    rng = np.random.default_rng(0)
    return Tensor(rng.integers(0, 5, shape)) if kind is Embedding else Tensor(rng.normal(size=shape), "float32")


@over
def test_the_weight_and_the_product_beside_it(kind: type, config: dict[str, Any], shape: Any) -> None:
    """Nothing changes at first; then the layer is that of W + (α/r)AB, and A and B have its gradients."""
    x, plain, layer = inputs(kind, shape), kind(**config), kind(**config)
    plain(x), layer(x)
    layer.set_weights(plain.get_weights())
    layer.enable_lora(2, lora_alpha=3.0)
    np.testing.assert_array_equal(layer(x), plain(x))
    frozen = getattr(layer, kind._adapted)
    names = [v.name for v in layer.trainable_variables]
    assert names[-2:] == [f"lora_{kind._adapted}_a", f"lora_{kind._adapted}_b"] and frozen.name not in names
    layer.trainable = True
    assert not frozen.trainable
    layer.lora_b.assign(np.random.default_rng(1).normal(size=layer.lora_b.shape))
    product = layer.lora_a.numpy() @ layer.lora_b.numpy() * 1.5
    merged = getattr(plain, kind._adapted)
    merged.assign(merged + product)
    np.testing.assert_allclose(layer(x), plain(x), rtol=1e-5, atol=1e-6)
    of_a, of_b = gradients((layer(x) ** 2.0).sum(), [layer.lora_a, layer.lora_b])
    (of_w,) = gradients((plain(x) ** 2.0).sum(), [merged])
    np.testing.assert_allclose(of_a, 1.5 * of_w.numpy() @ layer.lora_b.numpy().T, rtol=1e-4, atol=1e-5)
    rows = layer.lora_a.numpy().reshape(-1, 2)
    np.testing.assert_allclose(of_b, 1.5 * rows.T @ of_w.numpy().reshape(len(rows), -1), rtol=1e-4, atol=1e-5)
    expected = layer(x)
    layer.merge_lora()
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-6)
    assert [v.shape for v in layer.trainable_variables] == [v.shape for v in plain.trainable_variables]
    assert layer.get_config()["lora_rank"] is None


@over
def test_config_and_constructor(kind: type, config: dict[str, Any], shape: Any) -> None:
    x, layer = inputs(kind, shape), kind(**config, lora_rank=2, lora_alpha=3.0)
    layer(x)
    layer.lora_b.assign(np.ones(layer.lora_b.shape))
    twin = kind.from_config(json.loads(json.dumps(layer.get_config())))
    twin(x)
    twin.set_weights(layer.get_weights())
    np.testing.assert_array_equal(twin(x), layer(x))
    later = kind(**config)
    later(x)
    later.enable_lora(2, lora_alpha=3.0)
    assert later.get_config() == {**layer.get_config(), "name": later.name}


def test_fit_leaves_the_kernel_and_a_file_keeps_the_factors(rng: np.random.Generator, tmp_path: object) -> None:
    model = lamina.Sequential([lamina.layers.Input((4,)), Dense(8, activation="relu"), Dense(1)])
    first = model.layers[0]
    first.enable_lora(2)
    before = first.kernel.numpy()
    x, y = rng.normal(size=(32, 4)).astype("float32"), rng.normal(size=(32, 1)).astype("float32")
    model.compile("adam", "mse")
    model.fit(x, y, epochs=2, verbose=0)
    np.testing.assert_array_equal(first.kernel, before)
    assert np.any(first.lora_b.numpy())
    model.save(f"{tmp_path}/m.lamina")
    again = lamina.load_model(f"{tmp_path}/m.lamina")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_tied_embeddings_lead_back_through_the_adapted_table() -> None:
    layer = ReversibleEmbedding(5, 3, dtype="float32")
    layer(np.array([[1]]))
    layer.enable_lora(2)
    layer.lora_b.assign(np.ones(layer.lora_b.shape))
    table = layer(np.arange(5)[None])[0]
    x = Tensor(np.ones((1, 3), "float32"))
    np.testing.assert_allclose(layer(x, reverse=True), ops.matmul(x, table.T), rtol=1e-5)


def test_what_cannot_be_adapted_is_refused() -> None:
    with pytest.raises(NotBuiltError):
        Dense(2).enable_lora(1)
    bound = Dense(2, kernel_constraint="unit_norm")
    bound.build((None, 3))
    with pytest.raises(ArgumentError, match="kernel_constraint"):
        bound.enable_lora(1)
    twice = Dense(2, lora_rank=1)
    twice.build((None, 3))
    with pytest.raises(ArgumentError, match="once"):
        twice.enable_lora(1)
