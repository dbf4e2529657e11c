"""What all preprocessing layers promise: config, file, the same on the host, in a graph and in a compiled step."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core import DTypeError

from .cases import IDS, numeric, textual, title

NUMERIC, TEXTUAL = numeric(), textual()


def twin(layer: Any) -> Any:
    """The layer that its config describes, through JSON."""
    config = json.loads(json.dumps(layer.get_config()))
    again = layers.get({"class_name": type(layer).__name__, "config": config})
    assert again.get_config() == layer.get_config()
    return again


@pytest.mark.parametrize(("layer", "inputs"), NUMERIC + TEXTUAL, ids=map(title, NUMERIC + TEXTUAL))
def test_the_config_holds_what_was_learnt(layer: Any, inputs: Any) -> None:
    expected, again = layer(inputs), twin(layer)
    if layer.variables:
        again.build(inputs.shape)
        again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(inputs), expected)


@pytest.mark.parametrize("case", NUMERIC, ids=title)
def test_a_compiled_step_gives_the_same_and_compiles_once(case: Any) -> None:
    layer, inputs = case
    expected = layer(inputs)
    step = lamina.compile(lambda x: layer(x), max_compiles=1)
    for _ in range(2):
        output = step(lamina.Tensor(inputs))
        np.testing.assert_allclose(output, expected, rtol=1e-6)
        assert output.dtype == expected.dtype


@pytest.mark.parametrize("case", NUMERIC, ids=title)
def test_a_model_with_the_layer_comes_back_from_a_file(case: Any, tmp_path: Path) -> None:
    layer, inputs = twin(case[0]), case[1]
    x = layers.Input(inputs.shape[1:], dtype=inputs.dtype)
    model = lamina.Model(x, layer(x))
    if layer.variables:
        layer.set_weights(case[0].get_weights())
    expected = case[0](inputs)
    assert model.output_shape == (None, *expected.shape[1:]) and model.outputs[0].dtype == expected.dtype
    model.save(tmp_path / "model.lamina")
    again = lamina.load_model(tmp_path / "model.lamina")
    np.testing.assert_allclose(again(inputs), expected, rtol=1e-6)
    np.testing.assert_allclose(again.predict(inputs), expected, rtol=1e-6)


def test_a_model_without_input_comes_back_from_a_file(tmp_path: Path) -> None:
    lookup = layers.IntegerLookup(vocabulary=[100, 7])
    model = lamina.Sequential([lookup, layers.Embedding(3, 2)])
    expected = model(IDS)
    model.save(tmp_path / "model.lamina")
    np.testing.assert_array_equal(lamina.load_model(tmp_path / "model.lamina")(IDS), expected)


@pytest.mark.parametrize("case", TEXTUAL, ids=title)
def test_text_in_a_compiled_step_is_refused_with_the_way_out(case: Any) -> None:
    layer, inputs = case
    with pytest.raises(DTypeError, match=r"is not part of a compiled step .* Call the layer first: model\(layer"):
        lamina.compile(lambda: layer(inputs))()


@pytest.mark.parametrize("case", [c for c in TEXTUAL if not c[0].takes_numbers], ids=title)
def test_a_text_layer_is_no_part_of_a_model(case: Any) -> None:
    layer, _ = case
    with pytest.raises(DTypeError, match="is not part of a compiled step or of a graph .* dataset.map"):
        layer(layers.Input((3,)))
    with pytest.raises(DTypeError, match="is not part of a compiled step or of a graph"):
        lamina.compile(lambda x: layer(x))(lamina.Tensor([1, 2]))


@lamina.register
class Reader(lamina.Model):
    """A text layer kept beside the model that takes its output."""

    def __init__(self, vectorize: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.vectorize = layers.get(vectorize)
        self.head = layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.head(inputs)


def test_a_text_layer_is_saved_with_the_model_it_belongs_to(tmp_path: Path) -> None:
    vectorize = layers.TextVectorization(output_mode="tf_idf")
    texts = ["good film", "bad film", "good good"]
    vectorize.adapt(texts)
    model = Reader(vectorize)
    expected = model.predict(vectorize(texts))
    model.save(tmp_path / "model.lamina")
    again = lamina.load_model(tmp_path / "model.lamina")
    np.testing.assert_array_equal(again.predict(again.vectorize(texts)), expected)


def test_a_step_of_training_behind_text() -> None:
    texts, labels = ["good film", "bad film", "good", "bad"] * 8, np.array([1, 0, 1, 0] * 8)
    vectorize = layers.TextVectorization(output_sequence_length=3)
    vectorize.adapt(texts)
    pairs = list(zip(texts, labels.tolist(), strict=True))
    data = lamina.data.Dataset.from_generator(lambda: iter(pairs), length=32)
    data = data.map(lambda text, label: (vectorize(text), label)).batch(8)
    model = lamina.Sequential(
        [layers.Embedding(vectorize.vocabulary_size(), 4), layers.GlobalAveragePooling1D(), layers.Dense(2)]
    )
    model.compile("adam", lamina.losses.SparseCategoricalCrossentropy(from_logits=True))
    history = model.fit(data, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all() and history["loss"][1] < history["loss"][0]


def test_16_bits_come_last() -> None:
    """Ids and large features keep their digits; only the result is rounded."""
    x = np.array([[10001.0], [10003.0]], np.float32)
    norm = layers.Normalization(mean=10000.0, variance=1.0, dtype="mixed_bfloat16")
    assert norm(x).tolist() == [[1.0], [3.0]] and norm(x).dtype == "bfloat16"
    ids = np.array([[257, 259]])
    vector = layers.CategoryEncoding(300, dtype="bfloat16")(ids)
    assert vector.dtype == "bfloat16" and np.flatnonzero(np.asarray(vector)).tolist() == [257, 259]
    assert layers.IntegerLookup(vocabulary=[257, 259], dtype="bfloat16")(ids).tolist() == [[1, 2]]
