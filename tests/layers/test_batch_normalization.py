import numpy as np
import pytest

import lamina
from lamina.core import ShapeError
from lamina.layers import BatchNormalization


def test_training_uses_the_batch_and_moves_the_averages(rng: np.random.Generator) -> None:
    x, gamma, beta = rng.normal(3.0, 2.0, size=(4, 5, 3)), rng.normal(size=3), rng.normal(size=3)
    layer = BatchNormalization(momentum=0.9)
    layer(x)
    layer.set_weights([gamma, beta, [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    mean, variance = x.mean((0, 1)), x.var((0, 1))
    y = layer(x, training=True)
    np.testing.assert_allclose(y, gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta, rtol=1e-4, atol=1e-5)
    moved_mean = 0.9 * np.array([1, 2, 3]) + 0.1 * mean
    moved_variance = 0.9 * np.array([4, 5, 6]) + 0.1 * variance
    np.testing.assert_allclose(layer.moving_mean, moved_mean, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, moved_variance, rtol=1e-5)
    expected = gamma * (x - moved_mean) / np.sqrt(moved_variance + 1e-3) + beta
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer.moving_mean, moved_mean, rtol=1e-5)


def test_a_frozen_layer_uses_and_keeps_its_averages() -> None:
    layer, x = BatchNormalization(), np.array([[1.0], [3.0]])
    rest = layer(x)
    layer.trainable = False
    np.testing.assert_array_equal(layer(x, training=True), rest)
    assert layer.moving_mean.numpy() == 0 and not layer.trainable_variables
    layer.trainable = True
    assert (layer(x, training=True).numpy() != rest.numpy()).all()
    assert [v.name for v in layer.trainable_variables] == ["gamma", "beta"]


def test_statistics_stay_float32_in_mixed_precision() -> None:
    layer = BatchNormalization(dtype="mixed_bfloat16", momentum=0.0, epsilon=0.0)
    x = np.array([[1000.0], [1008.0]])
    assert layer(x, training=True).dtype == "bfloat16"
    np.testing.assert_array_equal([layer.moving_mean.numpy(), layer.moving_variance.numpy()], [[1004.0], [16.0]])
    np.testing.assert_array_equal(layer(x).astype("float32"), [[-1.0], [1.0]])  # 1004 is no bfloat16 number


def test_many_steps_reach_the_statistics_of_the_data(rng: np.random.Generator) -> None:
    layer = BatchNormalization(momentum=0.8)
    x = rng.normal(5.0, 3.0, size=(64, 2))
    step = lamina.compile(lambda x: layer(x, training=True))
    for _ in range(100):
        step(x)
    np.testing.assert_allclose(layer.moving_mean, x.mean(0), rtol=1e-4)
    np.testing.assert_allclose(layer.moving_variance, x.var(0), rtol=1e-4)
    assert step.compilations == ["first call"]


def test_the_channels_are_fixed_after_the_first_call() -> None:
    layer = BatchNormalization(axis=1)
    layer(np.ones((2, 3, 4)))
    with pytest.raises(ShapeError, match="axis 1 of the input has the wrong size"):
        layer(np.ones((2, 4, 4)))
