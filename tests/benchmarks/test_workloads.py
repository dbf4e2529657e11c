"""The workloads: their sizes, their data, and how much they are to compute."""

from dataclasses import replace

import arrays
import keras_models
import numpy as np
import pytest
from flops import MULTIPLY_ADDS, flops
from workloads import FULL, HELDOUT, OTHER, SIZES, TRAINING, Workload

import lamina
from lamina.models.flops import multiply_adds

SMALL = {"lstm": {"time": 7, "width": 8}, "gru": {"time": 7, "width": 8}, "transformer": {"time": 6, "width": 16}}
SMALL |= {"mlp": {"width": 5}, "autoencoder": {"side": 9, "width": 32}, "gpt": {"time": 6, "width": 16}}


def model_of(work: Workload) -> tuple[lamina.Model, np.ndarray]:
    x = arrays.data_of(work)[0][:1]
    model = keras_models.NETWORKS[work.model](lamina, work)
    model(lamina.Tensor(x))
    return model, x


@pytest.mark.parametrize("name", SMALL)
def test_the_work_of_a_model_is_what_its_plan_holds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    work = replace(TRAINING[name], rows=4, vocabulary=9, **SMALL[name])
    blank = np.zeros((4, work.side**2), np.float32)
    monkeypatch.setattr(arrays, "digits", lambda rows, side: (blank, blank, blank, blank))
    model, x = model_of(work)

    def forward(x: object) -> object:
        return model(lamina.Tensor(x)).array

    assert multiply_adds(forward, [x]) == MULTIPLY_ADDS[work.model](work)


def test_the_convolutional_networks_are_those_of_the_papers() -> None:
    resnet, cnn = TRAINING["resnet20"], TRAINING["cnn32"]
    model, _ = model_of(replace(resnet, rows=1))
    assert sum(v.size for v in model.trainable_variables) == 269_722 + 2_752  # and the 1 x 1 ways
    assert MULTIPLY_ADDS["resnet20"](resnet) == 40_550_400 + 2 * 131_072 + 640  # 41 million a picture
    assert MULTIPLY_ADDS["cnn"](cnn) == 194_688 + 2_230_272 + 331_776 + 36_864 + 640


def test_training_computes_every_product_three_times() -> None:
    work = TRAINING["autoencoder"]
    assert flops(work) == 3 * 2 * 128 * MULTIPLY_ADDS["autoencoder"](work)
    assert flops(FULL["predict256-autoencoder"]) == 2 * 256 * MULTIPLY_ADDS["autoencoder"](work)
    assert flops(FULL["updates"]) is flops(FULL["mnist99"]) is None


def test_units_count_epochs_steps_answers_and_tokens() -> None:
    assert (FULL["mlp"].steps, FULL["mlp"].units) == (32, 20)
    assert FULL["cnn32"].units == 200 and FULL["predict1-gpt"].units == 1
    assert FULL["generate"].units == 2 * 224 and FULL["updates"].units == 300
    assert FULL["mlp"].first_share == 1 / 640 and FULL["predict1-gpt"].first_share == 1


def test_held_out_sizes_are_others_and_odd() -> None:
    assert set(HELDOUT) == set(FULL) - {"mnist99"}
    for name, work in OTHER.items():
        full = TRAINING[name]
        assert work.width != full.width and work.side != (full.side or None) and work.time != (full.time or None)
    batches = [work.batch for work in OTHER.values()]
    assert (min(batches), max(batches)) == (16, 512)


@pytest.mark.parametrize("size", SIZES)
def test_every_workload_has_a_title_and_whole_batches_to_predict(size: str) -> None:
    for work in SIZES[size].values():
        assert work.title and work.unit
        assert work.per != "call" or work.rows % work.batch == 0


def test_pictures_and_texts_have_the_sizes_asked_for() -> None:
    x, y, x_test, _ = arrays.images(6, 27, channels=3)
    assert (x.shape, y.shape, x_test.shape) == ((6, 27, 27, 3), (6,), (500, 27, 27, 3))
    x, y, _, _ = arrays.text(5, 9, 11)
    np.testing.assert_array_equal(x[:, 1:], y[:, :-1])
    assert np.mean(y == (3 * x + 1) % 11) > 0.7
