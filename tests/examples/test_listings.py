"""The chapters' listings run with other import lines, and have the sizes that the chapters' framework gives them."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from lamina import datasets

FOLDER = Path(__file__).parents[2] / "examples" / "listings"
IMPORTS = {
    "import tensorflow as tf": "import lamina.compat.tensorflow as tf",
    "from tensorflow.keras import layers": "from lamina.compat.tensorflow.keras import layers",
}


def runner():
    spec = importlib.util.spec_from_file_location("run_listing", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["cnn", "dense_model", "text_transformer"])
def test_only_the_import_lines_name_lamina(name):
    lines = (FOLDER / f"{name}.py").read_text().splitlines()
    assert [line for line in lines if "lamina" in line] == [v for v in IMPORTS.values() if v in lines]


def test_the_dense_model_trains_and_its_random_labels_are_not_learned():
    model = runner().run("dense_model")
    assert model.count_params() == 121
    x, y = np.random.default_rng(0).random((500, 10)), np.random.default_rng(1).integers(0, 2, (500, 1))
    loss, accuracy = model.evaluate(x, y, verbose=0)
    assert loss == pytest.approx(np.log(2), abs=0.1) and 0.35 < accuracy < 0.65
    assert (
        model.objective.metrics[0][0] == "accuracy" and type(model.objective.metrics[0][3]).__name__ == "BinaryAccuracy"
    )


def test_the_transformer_trains_on_sequences_of_any_length_and_its_leak_is_told():
    with pytest.warns(UserWarning, match="leaks the answer: .* use_causal_mask=True"):
        model = runner().run("text_transformer")
    assert model.count_params() == 73_544
    assert model.predict(np.arange(21).reshape(3, 7)).shape == (3, 7, 1000)
    assert model.predict(np.arange(22).reshape(2, 11)).shape == (2, 11, 1000)


@pytest.mark.slow
def test_the_cnn_trains_on_real_digits():
    model = runner().run("cnn", images=2000)
    assert model.count_params() == 93_322
    assert type(model.objective.metrics[0][3]).__name__ == "SparseCategoricalAccuracy"
    _, (x, y) = datasets.mnist()
    loss, accuracy = model.evaluate(x[:2000, ..., None] / 255.0, y[:2000], verbose=0)
    assert accuracy > 0.93
