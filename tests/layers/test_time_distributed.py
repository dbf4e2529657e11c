import numpy as np
import pytest

import lamina
from lamina.core import ShapeError
from lamina.layers import BatchNormalization, Conv2D, Dense, Input, TimeDistributed


def test_every_step_is_the_layer_by_itself(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 3, 6, 5, 2)).astype("float32")
    layer = TimeDistributed(Conv2D(4, 3, activation="relu"))
    y = layer(x)
    for t in range(3):
        np.testing.assert_allclose(y[:, t], layer.layer(x[:, t]), rtol=1e-5, atol=1e-6)


def test_a_whole_model_at_every_step_is_saved_and_read(rng: np.random.Generator, tmp_path: object) -> None:
    step = lamina.Sequential([Input((3,)), Dense(4, activation="tanh"), Dense(2)])
    model = lamina.Sequential([Input((None, 3)), TimeDistributed(step), Dense(1)])
    x = rng.normal(size=(2, 5, 3)).astype("float32")
    assert model.output_shape == (None, None, 1)
    model.save(f"{tmp_path}/m.lamina")
    np.testing.assert_array_equal(lamina.load_model(f"{tmp_path}/m.lamina")(x), model(x))


def test_statistics_of_a_batch_are_over_examples_and_steps(rng: np.random.Generator) -> None:
    x = rng.normal(2.0, 3.0, size=(4, 5, 3))
    y = TimeDistributed(BatchNormalization(epsilon=0.0))(x, training=True)
    np.testing.assert_allclose(y, (x - x.mean((0, 1))) / x.std((0, 1)), rtol=1e-4, atol=1e-5)


def test_the_penalty_of_the_inner_layer_counts() -> None:
    layer = TimeDistributed(Dense(1, kernel_initializer="ones", activity_regularizer="l1"))
    with lamina.layers.collect_penalties() as gathered:
        layer(np.ones((2, 5, 3)))
    assert [float(penalty) for penalty in gathered] == [pytest.approx(0.01 * 3)]


def test_another_length_or_batch_needs_no_new_weights() -> None:
    layer = TimeDistributed(Dense(2))
    assert layer(np.zeros((2, 5, 3))).shape == (2, 5, 2)
    assert layer(np.zeros((3, 7, 3))).shape == (3, 7, 2)
    assert layer.count_params() == 8


def test_there_must_be_something_at_each_step() -> None:
    with pytest.raises(ShapeError, match="at least 3"):
        TimeDistributed(Dense(2))(np.zeros((2, 5)))


def test_the_mask_of_the_steps_goes_on(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 3, 4)).astype("float32")
    x[0, 2], x[1, 0] = 0, 0
    y = TimeDistributed(Dense(2))(lamina.layers.Masking()(lamina.Tensor(x)))
    assert y.mask.tolist() == [[True, True, False], [False, True, True]]


def test_the_layer_sees_the_mask_within_its_step(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 3, 4, 5)).astype("float32")
    x[0, 1, 2:], x[1, 2] = 0, 0
    layer = TimeDistributed(lamina.layers.GRU(2))
    y = layer(lamina.layers.Masking()(lamina.Tensor(x)))
    assert y.mask.tolist() == [[True, True, True], [True, True, False]]
    np.testing.assert_allclose(y[0, 1], layer.layer(x[0:1, 1, :2])[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(y[1, 2], np.zeros(2))


def test_the_mask_has_the_sequence_shape() -> None:
    with pytest.raises(ShapeError, match=r"Expected \(2, 5, ...\)"):
        TimeDistributed(Dense(2))(np.zeros((2, 5, 3)), mask=lamina.Tensor(np.ones((2, 4), bool)))
