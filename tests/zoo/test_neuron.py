"""The gradients by hand are those of the tape, and the text holds the numbers."""

import numpy as np
import pytest

import lamina
from lamina import activations
from lamina.core import ArgumentError, ShapeError, UnknownNameError
from lamina.zoo import Neuron


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "linear"])
@pytest.mark.parametrize("seed", range(5))
def test_gradients_by_hand_are_those_of_the_tape(activation, seed, x64):
    rng = np.random.default_rng(seed)
    w, x, b, t = rng.normal(size=4), rng.normal(size=4), rng.normal(), rng.normal()
    sigma = activations.get(activation)

    def loss(w, b, x):
        return (sigma((w * x).sum() + b) - t) ** 2 / 2.0

    by_tape = lamina.grad(loss, argnums=(0, 1, 2))(*(lamina.Tensor(np.asarray(v)) for v in (w, b, x)))
    by_hand = Neuron(w, b, activation).gradients(x, t)
    for hand, tape in zip((by_hand.weights, by_hand.bias, by_hand.inputs), by_tape, strict=True):
        np.testing.assert_allclose(hand, tape.numpy(), atol=1e-6)
    output = sigma(lamina.Tensor(np.asarray(w @ x + b))).numpy()
    assert Neuron(w, b, activation)(x) == pytest.approx(float(output), abs=1e-6)


def test_the_factor_of_the_activation_counts():
    """The chapter's form, ∂L/∂w = ∂L/∂y · x, lacks σ'(z) and is wrong by that factor."""
    found = Neuron([0.5, -1.0], 0.25).gradients([2.0, 1.0], target=1.0)
    assert found.weights[0] == pytest.approx(found.output * found.slope * 2.0)
    assert abs(found.weights[0] - found.output * 2.0) > 0.1


def test_extreme_sums_do_not_overflow():
    assert Neuron([1.0])([1000.0]) == 1.0 and Neuron([1.0])([-1000.0]) == pytest.approx(0.0, abs=1e-300)


def test_the_text_holds_the_numbers():
    lines = Neuron([0.2, -0.4, 0.5], 0.1, "tanh").explain([1.0, 2.0, -3.0]).splitlines()
    assert lines == [
        "z = Σ wᵢ xᵢ + b = 0.2 · 1 + (-0.4) · 2 + 0.5 · (-3) + 0.1 = -2",
        "y = σ(z) = tanh(z) = -0.964028",
    ]
    assert "∂L/∂w₁₂ = δ x₁₂" in Neuron([1.0] * 12).explain([1.0] * 12, target=0.0)


def test_wrong_arguments():
    with pytest.raises(ArgumentError, match="a neuron has inputs"):
        Neuron([])
    with pytest.raises(ShapeError, match="Expected 2 inputs, received 3"):
        Neuron([1.0, 2.0])([1.0, 2.0, 3.0])
    with pytest.raises(UnknownNameError, match="Did you mean 'sigmoid'"):
        Neuron([1.0], activation="sigmoidal")
