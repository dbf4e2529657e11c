"""The chapters' descent methods (sections 2.1.2.3.2 to 2.1.2.3.5), decay of learning rate and weights (1.3 超参数调整).

Every formula runs ten steps in float64 beside NumPy; where a chapter errs, its form is shown to fail.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lamina import Tensor, Variable
from lamina.optimizers import SGD, Adam, schedules

pytestmark = pytest.mark.usefixtures("x64")

CURVATURE = np.array([1.0, 10.0])
START = np.array([1.0, -2.0])
RATE, SLOW = 0.0625, float(np.float32(0.001))  # learning rates are kept in float32


def gradient(theta: np.ndarray) -> np.ndarray:
    """Of L(θ) = ½ Σ c θ², the analytic quadratic."""
    return CURVATURE * theta


def descend(optimizer: Any, gradient: Callable[[np.ndarray], np.ndarray] = gradient, steps: int = 10) -> np.ndarray:
    theta, path = Variable(START, dtype="float64"), []
    for _ in range(steps):
        optimizer.apply([Tensor(gradient(theta.numpy()), "float64")], [theta])
        path.append(theta.numpy())
    return np.array(path)


def test_gradient_descent() -> None:
    """θ ← θ - η ∇L(θ) (2.1.2.3.2); on a quadratic θ_t = (1 - η c)^t θ_0."""
    expected = (1 - RATE * CURVATURE) ** np.arange(1, 11)[:, None] * START
    np.testing.assert_allclose(descend(SGD(RATE)), expected, rtol=1e-12)


def test_stochastic_gradient_is_the_mean_over_the_batch(rng: np.random.Generator) -> None:
    """2.1.2.3.3 writes the loss of one sample though a batch is drawn. The mean over equal batches is the gradient of
    all; a sum in its place is as many times too large as a batch has rows."""
    x, y, w = rng.normal(size=(12, 3)), rng.normal(size=12), rng.normal(size=3)

    def of(rows: slice) -> np.ndarray:
        return x[rows].T @ (x[rows] @ w - y[rows]) / len(x[rows])

    batches = [of(slice(i, i + 4)) for i in range(0, 12, 4)]
    np.testing.assert_allclose(np.mean(batches, axis=0), of(slice(12)), rtol=1e-12)
    assert not np.allclose(np.mean([4 * b for b in batches], axis=0), of(slice(12)))


def test_momentum() -> None:
    """ν ← γ ν + η ∇L, θ ← θ - ν (2.1.2.3.4)."""
    theta, velocity, expected = START, np.zeros(2), []
    for _ in range(10):
        velocity = 0.9 * velocity + RATE * gradient(theta)
        theta = theta - velocity
        expected.append(theta)
    np.testing.assert_allclose(descend(SGD(RATE, momentum=0.9)), expected, rtol=1e-12)


def test_momentum_is_no_mean_of_the_last_two_gradients() -> None:
    """2.1.2.3.4 says so in words; its formula, and ours, remembers every gradient with a weight γ^age."""
    pulse = iter([np.ones(2)] + [np.zeros(2)] * 9)
    moves = np.diff(descend(SGD(1.0, momentum=0.5), lambda _: next(pulse))[:, 0])
    np.testing.assert_allclose(moves, [-(0.5**age) for age in range(1, 10)], rtol=1e-9)
    assert abs(moves[2]) > 0.1  # three steps later the mean of two gradients would be 0


def test_adam() -> None:
    """m, v, their corrections with t from 1, and ε = 1e-8 outside of the root (2.1.2.3.5)."""
    theta, m, v, expected = START, np.zeros(2), np.zeros(2), []
    for t in range(1, 11):
        g = gradient(theta)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        theta = theta - SLOW * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        expected.append(theta)
    np.testing.assert_allclose(descend(Adam()), expected, rtol=1e-12)


def test_adam_with_its_moments_exchanged_does_not_descend() -> None:
    """The chapter's letters invite it: ν is the first moment there, and v the second one everywhere else."""
    theta, first, second = START, np.zeros(2), np.zeros(2)
    for t in range(1, 11):
        g = gradient(theta)
        first, second = 0.9 * first + 0.1 * g, 0.999 * second + 0.001 * g**2
        hat_first, hat_second = first / (1 - 0.9**t), second / (1 - 0.999**t)
        with np.errstate(invalid="ignore"):
            theta = theta - 0.001 * hat_second / (np.sqrt(hat_first) + 1e-8)
    assert np.isnan(theta).any() and np.isfinite(descend(Adam())).all()


def test_learning_rate_halves_every_so_many_epochs() -> None:
    """1.3, third rule: lr / τ every so many rounds, with τ = 2: step decay, called exponential there."""
    halving = schedules.ExponentialDecay(0.8, decay_steps=3, decay_rate=0.5, staircase=True)
    assert [float(halving(step)) for step in (0, 2, 3, 5, 6, 9)] == pytest.approx([0.8, 0.8, 0.4, 0.4, 0.2, 0.1])
    exponential = schedules.ExponentialDecay(0.8, decay_steps=3, decay_rate=0.5)
    assert float(exponential(1)) == pytest.approx(0.8 * 0.5 ** (1 / 3))


def test_weight_decay() -> None:
    """w ← (1 - ηλ) w - η ∇L, apart from the gradient."""
    expected = [(1 - RATE * 0.02) ** t * START for t in range(1, 11)]
    np.testing.assert_allclose(descend(SGD(RATE, weight_decay=0.02), np.zeros_like), expected, rtol=1e-12)


@pytest.mark.parametrize("strength", [0.1, 0.5, 0.9])
def test_the_chapters_weight_decay_makes_weights_grow(strength: float) -> None:
    """1.3, first rule, divides w by 1 - λα: for 0 < λα < 1 weights grow, and at λα = 1 it divides by zero."""
    assert (np.abs(START / (1 - strength)) > np.abs(START)).all()
    ours = descend(SGD(1.0, weight_decay=strength), np.zeros_like, steps=1)[0]
    np.testing.assert_allclose(ours, (1 - strength) * START)


def test_more_decay_is_a_larger_factor() -> None:
    """The chapter has it the other way round."""
    norms = [np.linalg.norm(descend(SGD(0.1, weight_decay=w), np.zeros_like)[-1]) for w in (0.0, 0.1, 0.5, 1.0)]
    assert norms == sorted(norms, reverse=True) and len(set(norms)) == 4


def test_weight_decay_is_an_l2_penalty_for_plain_descent_and_not_for_adam() -> None:
    """Loshchilov and Hutter, arXiv 1711.05101."""
    penalised = lambda theta: gradient(theta) + 0.02 * theta  # noqa: E731
    np.testing.assert_allclose(descend(SGD(RATE, weight_decay=0.02)), descend(SGD(RATE), penalised), rtol=1e-12)
    assert not np.allclose(descend(Adam(0.05, weight_decay=0.02)), descend(Adam(0.05), penalised), rtol=1e-3)
