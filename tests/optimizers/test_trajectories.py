"""Each optimizer against its paper's formula in a NumPy float64 loop, and on two classic functions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, Variable, optimizers

STEPS = 20
RATE, FAST = float(np.float32(0.01)), float(np.float32(0.1))  # learning rates are kept in float32
Loop = Callable[[np.ndarray, list[np.ndarray]], np.ndarray]


def sgd(w: np.ndarray, gradients: list[np.ndarray], lr: float, mu: float = 0.0, nesterov: bool = False) -> np.ndarray:
    """Sutskever et al. 2013, equations 1 to 4, rewritten for the point that Nesterov's gradient is taken at."""
    m = np.zeros_like(w)
    for g in gradients:
        m = mu * m - lr * g
        w = w + (mu * m - lr * g if nesterov else m)
    return w


def adam(
    w: np.ndarray,
    gradients: list[np.ndarray],
    lr: float,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    amsgrad: bool = False,
    decay: float = 0.0,
) -> np.ndarray:
    """Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2."""
    m, v, largest = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        largest = np.maximum(largest, v)
        m_hat = m / (1 - b1**t)
        v_hat = (largest if amsgrad else v) / (1 - b2**t)
        w = w - lr * decay * w
        w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
    return w


def rmsprop(
    w: np.ndarray, gradients: list[np.ndarray], lr: float, rho: float = 0.9, mu: float = 0.0, centered: bool = False
) -> np.ndarray:
    """Graves 2013, equations 38 to 41, with ε inside the root."""
    v, mean, m = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for g in gradients:
        v, mean = rho * v + (1 - rho) * g**2, rho * mean + (1 - rho) * g
        m = mu * m + lr * g / np.sqrt(v - (mean**2 if centered else 0.0) + 1e-7)
        w = w - m
    return w


CASES: dict[str, tuple[Callable[[], Any], Loop]] = {
    "sgd": (lambda: optimizers.SGD(FAST), lambda w, g: sgd(w, g, FAST)),
    "momentum": (lambda: optimizers.SGD(FAST, 0.9), lambda w, g: sgd(w, g, FAST, 0.9)),
    "nesterov": (lambda: optimizers.SGD(FAST, 0.9, nesterov=True), lambda w, g: sgd(w, g, FAST, 0.9, True)),
    "adam": (lambda: optimizers.Adam(RATE), lambda w, g: adam(w, g, RATE)),
    "adam, other numbers": (
        lambda: optimizers.Adam(RATE, 0.5, 0.9, epsilon=0.1),
        lambda w, g: adam(w, g, RATE, 0.5, 0.9, 0.1),
    ),
    "amsgrad": (
        lambda: optimizers.Adam(RATE, beta_2=0.5, amsgrad=True),
        lambda w, g: adam(w, g, RATE, b2=0.5, amsgrad=True),
    ),
    "rmsprop": (lambda: optimizers.RMSprop(RATE), lambda w, g: rmsprop(w, g, RATE)),
    "rmsprop, centered, momentum": (
        lambda: optimizers.RMSprop(RATE, 0.8, 0.5, centered=True),
        lambda w, g: rmsprop(w, g, RATE, 0.8, 0.5, True),
    ),
    "adamw": (lambda: optimizers.AdamW(RATE, weight_decay=0.3), lambda w, g: adam(w, g, RATE, decay=0.3)),
}


@pytest.fixture
def gradients(rng: np.random.Generator) -> list[np.ndarray]:
    """Of very different sizes, and falling, so that amsgrad matters."""
    return [rng.normal(size=(3, 4)) * 10.0 ** rng.integers(-4, 2, (3, 4)) / (1 + t) for t in range(STEPS)]


@pytest.mark.parametrize("name", CASES)
def test_trajectory_in_float64(name: str, gradients: list[np.ndarray], x64: None) -> None:
    make, loop = CASES[name]
    start = np.linspace(-1, 1, 12).reshape(3, 4)
    w, optimizer = Variable(start, dtype="float64"), make()
    for g in gradients:
        optimizer.apply([Tensor(g, dtype="float64")], [w])
    np.testing.assert_allclose(w.numpy(), loop(start, gradients), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_trajectory_in_float32_and_compiled(name: str, gradients: list[np.ndarray]) -> None:
    make, loop = CASES[name]
    start = np.linspace(-1, 1, 12).reshape(3, 4)
    w, optimizer = Variable(start), make()
    step = lamina.compile(lambda g: optimizer.apply([g], [w]))
    for g in gradients:
        step(np.float32(g))
    np.testing.assert_allclose(w.numpy(), loop(start, gradients), rtol=2e-5, atol=2e-6)


def test_the_formulas_tell_the_optimizers_apart(gradients: list[np.ndarray]) -> None:
    ends = [loop(np.linspace(-1, 1, 12).reshape(3, 4), gradients) for _, loop in CASES.values()]
    for i, one in enumerate(ends):
        assert all(np.abs(one - other).max() > 1e-3 for other in ends[:i])


def parabola(w: Any) -> Any:
    return (w * w).sum()


def rosenbrock(w: Any) -> Any:
    x, y = w[0], w[1]
    return (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2


DESCENTS: dict[str, tuple[Callable[[float], Any], float, float]] = {  # optimizer(rate), rate for each function
    "sgd": (lambda rate: optimizers.SGD(rate), 0.1, 1e-3),
    "momentum": (lambda rate: optimizers.SGD(rate, 0.9), 0.02, 1e-3),
    "nesterov": (lambda rate: optimizers.SGD(rate, 0.9, nesterov=True), 0.02, 1e-3),
    "adam": (lambda rate: optimizers.Adam(rate), 0.05, 0.02),
    "amsgrad": (lambda rate: optimizers.Adam(rate, amsgrad=True), 0.05, 0.02),
    "rmsprop": (lambda rate: optimizers.RMSprop(rate), 0.01, 2e-3),
    "adamw": (lambda rate: optimizers.AdamW(rate, weight_decay=1e-5), 0.05, 0.02),
}


@pytest.mark.parametrize("function", [parabola, rosenbrock], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", DESCENTS)
def test_reaches_the_minimum_without_compiling_again(name: str, function: Callable[[Any], Any]) -> None:
    make, *rates = DESCENTS[name]
    w = Variable([-1.0, 1.5])
    optimizer = make(rates[function is rosenbrock])

    @lamina.compile
    def step() -> Any:
        loss = function(w)
        optimizer.apply(lamina.gradients(loss, [w]), [w])
        return loss

    for _ in range(600 if function is parabola else 6000):
        step()
    minimum = [0.0, 0.0] if function is parabola else [1.0, 1.0]
    np.testing.assert_allclose(w.numpy(), minimum, atol=0.2 if name in ("sgd",) else 0.05)
    assert step.compilations == ["first call"]
