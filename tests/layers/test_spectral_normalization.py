import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError
from lamina.layers import Conv2D, Dense, Embedding, Flatten, SpectralNormalization


def steps(kernel: np.ndarray, u: np.ndarray, count: int) -> tuple[float, np.ndarray]:
    """Miyato's power iteration in float64: σ and the new u."""
    matrix = kernel.reshape(-1, kernel.shape[-1]).astype("float64")
    for _ in range(count):
        v = u @ matrix.T / np.linalg.norm(u @ matrix.T)
        u = v @ matrix / np.linalg.norm(v @ matrix)
    return float((v @ matrix @ u.T)[0, 0]), u


def test_a_training_step_is_the_formula(rng: np.random.Generator) -> None:
    x, kernel, u = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=(1, 4))
    layer = SpectralNormalization(Dense(4), power_iterations=2)
    layer(x)
    bias = rng.normal(size=4)
    layer.set_weights([kernel, u, bias])
    for _ in range(3):
        sigma, u = steps(kernel, u, 2)
        np.testing.assert_allclose(layer(x, training=True), x @ kernel / sigma + bias, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(layer.vector_u, u, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(layer.kernel, kernel, rtol=1e-6)
    sigma, _ = steps(kernel, u, 2)
    np.testing.assert_allclose(layer(x), x @ kernel / sigma + bias, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer.vector_u, u, rtol=1e-4, atol=1e-6)  # only training moves it


def test_it_comes_to_the_largest_singular_value(rng: np.random.Generator) -> None:
    x = rng.normal(size=(1, 5, 5, 2)).astype("float32")
    layer = SpectralNormalization(Conv2D(3, 2, use_bias=False))
    for _ in range(50):
        y = layer(x, training=True)
    largest = np.linalg.svd(layer.kernel.numpy().reshape(-1, 3), compute_uv=False)[0]
    np.testing.assert_allclose(y, layer.layer(x) / largest, rtol=1e-4, atol=1e-5)


def test_the_gradient_takes_u_and_v_as_constants(rng: np.random.Generator) -> None:
    x, g, u = rng.normal(size=(5, 3)), rng.normal(size=(5, 4)), rng.normal(size=(1, 4))
    layer = SpectralNormalization(Dense(4, use_bias=False))
    layer(x)
    kernel = layer.kernel.numpy().astype("float64")
    layer.set_weights([kernel, u])
    (layer(x, training=True) * g.astype("float32")).sum().backward()
    sigma, new = steps(kernel, u, 1)
    v = u @ kernel.T / np.linalg.norm(u @ kernel.T)
    expected = x.T @ g / sigma - (g * (x @ kernel)).sum() / sigma**2 * v.T @ new
    np.testing.assert_allclose(layer.kernel.grad, expected, rtol=1e-4, atol=1e-5)


def test_a_kernel_of_zeros_stays_zero_and_trainable() -> None:
    layer = SpectralNormalization(Dense(2, kernel_initializer="zeros", use_bias=False))
    x = np.array([[1.0, 2.0]], "float32")
    u = None
    for _ in range(2):
        y = layer(x, training=True)
        y.sum().backward()
        np.testing.assert_array_equal(y, [[0, 0]])
        assert u is None or np.array_equal(u, layer.vector_u)
        u = layer.vector_u.numpy()
    assert np.isfinite(layer.kernel.grad).all() and layer.kernel.grad.numpy().any() and u is not None and u.any()


def test_the_layer_keeps_its_kernel_when_its_call_fails() -> None:
    layer = SpectralNormalization(Embedding(3, 2))
    layer(np.array([[0, 1]]))
    with pytest.raises(lamina.core.DataError):
        layer(np.array([[7]]))
    assert layer.layer.embeddings is layer.kernel


def test_training_a_discriminator_bounds_its_slope(rng: np.random.Generator) -> None:
    x = rng.normal(size=(64, 4)).astype("float32")
    y = (100.0 * x[:, :1]).astype("float32")
    layers = [SpectralNormalization(Dense(8, activation="relu")), SpectralNormalization(Dense(1))]
    model = lamina.Sequential(layers)
    model.compile("adam", "mse")
    model.fit(x, y, epochs=3, verbose=0)
    a, b = rng.normal(size=(2, 50, 4)).astype("float32")
    slopes = np.abs(model(a) - model(b))[:, 0] / np.linalg.norm(a - b, axis=1)
    assert slopes.max() < 1.05


def test_something_to_normalise_is_needed() -> None:
    with pytest.raises(ArgumentError, match="a layer with a kernel or embeddings"):
        SpectralNormalization(Flatten())(np.zeros((2, 3)))
    with pytest.raises(ArgumentError, match="power_iterations"):
        SpectralNormalization(Dense(1), power_iterations=0)
