"""The chapters' formulas of a network: forward pass (section 3.2 前向传播) and backpropagation (3.3 反向传播).

Each right form is what runs; where a chapter errs, its form is shown to fail.
"""

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor

pytestmark = pytest.mark.usefixtures("x64")


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


@pytest.fixture
def network(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Five samples of three features, four hidden units, two outputs."""
    shapes = {"x": (5, 3), "w": (3, 4), "b": (4,), "w_o": (4, 2), "b_o": (2,), "target": (5, 2)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def loss(w: Any, b: Any, w_o: Any, b_o: Any, x: np.ndarray, target: np.ndarray) -> Tensor:
    h = lamina.activations.sigmoid(Tensor(x, "float64") @ w + b)
    y = lamina.activations.sigmoid(h @ w_o + b_o)
    return ((y - Tensor(target, "float64")) ** 2).sum() / 2


def by_hand(n: dict[str, np.ndarray]) -> list[np.ndarray]:
    """δ_o = ∂L/∂y ⊙ f'(z_o), δ = (δ_o W_oᵀ) ⊙ f'(z); a weight's gradient is its input times its δ, a bias' is δ."""
    h = sigmoid(n["x"] @ n["w"] + n["b"])
    y = sigmoid(h @ n["w_o"] + n["b_o"])
    delta_o = (y - n["target"]) * y * (1 - y)
    delta = (delta_o @ n["w_o"].T) * h * (1 - h)
    return [n["x"].T @ delta, delta.sum(0), h.T @ delta_o, delta_o.sum(0)]


def tape(n: dict[str, np.ndarray]) -> list[np.ndarray]:
    weights = [Tensor(n[name], "float64") for name in ("w", "b", "w_o", "b_o")]
    gradients = lamina.grad(lambda *ws: loss(*ws, n["x"], n["target"]), argnums=(0, 1, 2, 3))(*weights)
    return [g.numpy() for g in gradients]


def test_forward_pass(network: dict[str, np.ndarray]) -> None:
    """h = f(w·x + b), y = f(w_o·h + b_o), by two Dense layers."""
    n = network
    hidden, out = (lamina.layers.Dense(u, activation="sigmoid", dtype="float64") for u in (4, 2))
    y = Tensor(n["x"], "float64")
    for layer, weights in ((hidden, [n["w"], n["b"]]), (out, [n["w_o"], n["b_o"]])):
        layer.build(y.shape)
        layer.set_weights(weights)
        y = layer(y)
    expected = sigmoid(sigmoid(n["x"] @ n["w"] + n["b"]) @ n["w_o"] + n["b_o"])
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12)


def test_backpropagation(network: dict[str, np.ndarray]) -> None:
    for found, expected in zip(tape(network), by_hand(network), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_gradients_without_the_derivative_of_the_activation_are_wrong(network: dict[str, np.ndarray]) -> None:
    """Section 3.3 writes ∂L/∂w_o = ∂L/∂y · h_o: the factor f'(z_o) is missing. Central differences decide."""
    n, step = network, 1e-6
    h = sigmoid(n["x"] @ n["w"] + n["b"])
    y = sigmoid(h @ n["w_o"] + n["b_o"])
    chapter = h.T @ (y - n["target"])

    def shifted(by: float) -> float:
        w_o = n["w_o"].copy()
        w_o[0, 0] += by
        weights = (Tensor(v, "float64") for v in (n["w"], n["b"], w_o, n["b_o"]))
        return loss(*weights, n["x"], n["target"]).item()

    measured = (shifted(step) - shifted(-step)) / (2 * step)
    assert tape(n)[2][0, 0] == pytest.approx(measured, rel=1e-7)
    assert chapter[0, 0] != pytest.approx(measured, rel=0.5)


def test_biases_have_gradients_too(network: dict[str, np.ndarray]) -> None:
    """Section 3.3 updates weights alone."""
    assert all(np.abs(g).min() > 1e-6 for g in (tape(network)[1], tape(network)[3]))


def test_a_step_against_the_gradient_makes_the_loss_smaller(network: dict[str, np.ndarray]) -> None:
    """w ← w - α ∂L/∂w."""
    n = network
    before = [Tensor(n[name], "float64") for name in ("w", "b", "w_o", "b_o")]
    after = [Tensor(w.numpy() - 0.01 * g, "float64") for w, g in zip(before, tape(n), strict=True)]
    given = n["x"], n["target"]
    assert loss(*after, *given).item() < loss(*before, *given).item()


@pytest.mark.parametrize(("size", "padding", "kernel", "stride"), [(28, 0, 3, 1), (28, 1, 3, 1), (11, 2, 5, 3)])
def test_size_after_a_convolution(size: int, padding: int, kernel: int, stride: int) -> None:
    """⌊(n + 2p - k)/s⌋ + 1; "a convolution always shrinks its input" (1.1 卷积层) does not hold with padding."""
    x, weights = np.zeros((1, size, 1)), np.zeros((kernel, 1, 1))
    y = lamina.ops.conv(x, weights, strides=stride, padding=[(padding, padding)])
    assert y.shape[1] == (size + 2 * padding - kernel) // stride + 1


def test_parameters_of_a_convolutional_network() -> None:
    """Σ (k²·c_in + 1)·c_out, and none for pooling: not Σ c·w with a maximum as weight of a pooling layer."""
    layers = lamina.layers
    model = lamina.Sequential(
        [layers.Input((28, 28, 1)), layers.Conv2D(32, 3), layers.MaxPooling2D(2), layers.Conv2D(64, 3)]
    )
    assert [layer.count_params() for layer in model.layers] == [(9 * 1 + 1) * 32, 0, (9 * 32 + 1) * 64]


def test_a_convolution_is_equivariant_and_not_invariant(rng: np.random.Generator) -> None:
    """A shifted image has a shifted feature map; only pooling over everything forgets where."""
    x, kernel = rng.normal(size=(1, 12, 12, 1)), rng.normal(size=(3, 3, 1, 2))
    x[:, -2:], x[:, :2] = 0, 0
    shifted = np.roll(x, 1, axis=1)
    y, y_shifted = (lamina.ops.conv(v, kernel, padding="same").numpy() for v in (x, shifted))
    np.testing.assert_allclose(np.roll(y, 1, axis=1)[:, 2:-2], y_shifted[:, 2:-2], rtol=1e-12)
    assert not np.allclose(y, y_shifted)
    np.testing.assert_allclose(y.max((1, 2)), y_shifted.max((1, 2)))
