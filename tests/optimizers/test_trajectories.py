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


def momentum_of_gradients(
    w: np.ndarray, gradients: list[np.ndarray], lr: float, mu: float, nesterov: bool
) -> np.ndarray:
    """Polyak's heavy ball, w' = w - η g + μ (w - w_before), which has no m at all; Nesterov's by its two sequences."""
    before, ahead = w, w
    for g in gradients:
        if nesterov:  # the gradient is taken at `ahead`; `before` and `plain` are the steps behind it
            plain = ahead - lr * g
            ahead, before = plain + mu * (plain - before), plain
        else:
            ahead, before = ahead - lr * g + mu * (ahead - before), ahead
    return ahead


def adagrad(w: np.ndarray, gradients: list[np.ndarray], lr: float, first: float = 0.1) -> np.ndarray:
    """Duchi et al. 2011, the diagonal form of figure 1, with ε inside the root."""
    for t, g in enumerate(gradients, start=1):
        w = w - lr * g / np.sqrt(first + sum(h**2 for h in gradients[:t]) + 1e-7)
    return w


def adadelta(w: np.ndarray, gradients: list[np.ndarray], lr: float, rho: float, eps: float) -> np.ndarray:
    """Zeiler 2012, algorithm 1."""
    squares, steps = np.zeros_like(w), np.zeros_like(w)
    for g in gradients:
        squares = rho * squares + (1 - rho) * g**2
        step = -np.sqrt((steps + eps) / (squares + eps)) * g
        steps = rho * steps + (1 - rho) * step**2
        w = w + lr * step
    return w


def adamax(w: np.ndarray, gradients: list[np.ndarray], lr: float, b1: float = 0.9, b2: float = 0.999) -> np.ndarray:
    """Kingma and Ba 2015, algorithm 2, with ε = 1e-7; u_t is the largest of β₂^(t-i) |g_i|."""
    m = np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        m = b1 * m + (1 - b1) * g
        u = np.max([b2 ** (t - i) * np.abs(h) for i, h in enumerate(gradients[:t], start=1)], axis=0)
        w = w - lr / (1 - b1**t) * m / (u + 1e-7)
    return w


def nadam(w: np.ndarray, gradients: list[np.ndarray], lr: float, b1: float = 0.9, b2: float = 0.999) -> np.ndarray:
    """Dozat 2016, algorithm 8, with the schedule of μ that he recommends and β₁ for the decay of m."""
    m, v = np.zeros_like(w), np.zeros_like(w)
    mu = [b1 * (1 - 0.5 * 0.96**t) for t in range(1, len(gradients) + 2)]
    for t, g in enumerate(gradients, start=1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        m_hat = mu[t] * m / (1 - np.prod(mu[: t + 1])) + (1 - mu[t - 1]) * g / (1 - np.prod(mu[:t]))
        w = w - lr * m_hat / (np.sqrt(v / (1 - b2**t)) + 1e-7)
    return w


def lion(w: np.ndarray, gradients: list[np.ndarray], lr: float, b1: float, b2: float, decay: float) -> np.ndarray:
    """Chen et al. 2023, algorithm 2."""
    m = np.zeros_like(w)
    for g in gradients:
        w = w - lr * (np.sign(b1 * m + (1 - b1) * g) + decay * w)
        m = b2 * m + (1 - b2) * g
    return w


def lamb(w: np.ndarray, gradients: list[np.ndarray], lr: float, b1: float = 0.9, b2: float = 0.999) -> np.ndarray:
    """You et al. 2020, algorithm 2, without weight decay and with φ(x) = x."""
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        r = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + 1e-7)
        w = w - lr * np.sqrt((w**2).sum()) / np.sqrt((r**2).sum()) * r
    return w


def lars(w: np.ndarray, gradients: list[np.ndarray], lr: float, mu: float, trust: float, decay: float) -> np.ndarray:
    """You et al. 2017, algorithm 1."""
    v = np.zeros_like(w)
    for g in gradients:
        size = np.sqrt((w**2).sum())
        local = trust * size / (np.sqrt((g**2).sum()) + decay * size)
        v = mu * v + lr * local * (g + decay * w)
        w = w - v
    return w


def adafactor(w: np.ndarray, gradients: list[np.ndarray], lr: float, relative: bool = True) -> np.ndarray:
    """Shazeer and Stern 2018, algorithms 4 (matrices, by sums) and 6 (β₂ = 1 - t^-0.8, relative steps)."""

    def rms(x: np.ndarray) -> float:
        return np.sqrt((x**2).mean())

    rows, columns = np.zeros((len(w), 1)), np.zeros((1, w.shape[1]))
    for t, g in enumerate(gradients, start=1):
        beta, squares = 1 - t**-0.8, g**2 + 1e-30
        rows = beta * rows + (1 - beta) * squares @ np.ones((w.shape[1], 1))
        columns = beta * columns + (1 - beta) * np.ones((1, len(w))) @ squares
        u = g / np.sqrt(rows @ columns / rows.sum())
        rate = max(1e-3, rms(w)) * (min(lr, 1 / np.sqrt(t)) if relative else lr)
        w = w - rate * u / max(1.0, rms(u))
    return w


def ftrl(w: np.ndarray, gradients: list[np.ndarray], lr: float, l1: float, l2: float, beta: float) -> np.ndarray:
    """McMahan et al. 2013, algorithm 1 for each weight, n starting at 0.1, with twice the λ₂."""
    w, z, n = w.copy(), np.zeros_like(w), np.full_like(w, 0.1)
    for g in gradients:
        for i in np.ndindex(w.shape):
            sigma = (np.sqrt(n[i] + g[i] ** 2) - np.sqrt(n[i])) / lr
            z[i], n[i] = z[i] + g[i] - sigma * w[i], n[i] + g[i] ** 2
            shrunk = z[i] - np.sign(z[i]) * l1
            w[i] = 0.0 if abs(z[i]) <= l1 else -shrunk / ((beta + np.sqrt(n[i])) / lr + 2 * l2)
    return w


def muon(w: np.ndarray, gradients: list[np.ndarray], lr: float, mu: float, nesterov: bool, decay: float) -> np.ndarray:
    """Jordan et al. 2024 with Liu et al. 2025, equation 4: the quintic acts on the singular values alone."""
    m = np.zeros_like(w)
    for g in gradients:
        m = mu * m + g
        left, s, right = np.linalg.svd(g + mu * m if nesterov else m, full_matrices=False)
        s = s / (np.sqrt((s**2).sum()) + 1e-7)
        for _ in range(5):
            s = 3.4445 * s - 4.775 * s**3 + 2.0315 * s**5
        w = w - lr * (0.2 * np.sqrt(max(w.shape)) * (left * s) @ right + decay * w)
    return w


def schedule_free(
    w: np.ndarray, gradients: list[np.ndarray], lr: float, b1: float = 0.9, decay: float = 0.0, warmup: int = 0
) -> np.ndarray:
    """Defazio et al. 2024, algorithm 1, with v corrected by 1 - β₂^t in the root; returns y."""
    x, y, z, v, total = w, w, w, np.zeros_like(w), 0.0
    for t, g in enumerate(gradients, start=1):
        rate = lr * min(1.0, t / warmup) if warmup else lr
        v = 0.999 * v + 0.001 * g**2
        z = z - rate * g / (np.sqrt(v / (1 - 0.999**t)) + 1e-8) - rate * decay * y
        total += rate**2
        x = (1 - rate**2 / total) * x + rate**2 / total * z
        y = (1 - b1) * z + b1 * x
    return y


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
    "momentum of gradients": (
        lambda: optimizers.SGD(FAST, 0.8, momentum_of="gradients"),
        lambda w, g: momentum_of_gradients(w, g, FAST, 0.8, False),
    ),
    "momentum of gradients, nesterov": (
        lambda: optimizers.SGD(FAST, 0.8, nesterov=True, momentum_of="gradients"),
        lambda w, g: momentum_of_gradients(w, g, FAST, 0.8, True),
    ),
    "adagrad": (lambda: optimizers.Adagrad(FAST), lambda w, g: adagrad(w, g, FAST)),
    "adadelta": (
        lambda: optimizers.Adadelta(1.0, 0.9, epsilon=1e-4),
        lambda w, g: adadelta(w, g, 1.0, 0.9, 1e-4),
    ),
    "adamax": (lambda: optimizers.Adamax(RATE), lambda w, g: adamax(w, g, RATE)),
    "nadam": (lambda: optimizers.Nadam(RATE), lambda w, g: nadam(w, g, RATE)),
    "lion": (lambda: optimizers.Lion(RATE, weight_decay=0.3), lambda w, g: lion(w, g, RATE, 0.9, 0.99, 0.3)),
    "lamb": (lambda: optimizers.Lamb(FAST), lambda w, g: lamb(w, g, FAST)),
    "lars": (
        lambda: optimizers.LARS(FAST, 0.8, trust_coefficient=0.5, weight_decay=0.1),
        lambda w, g: lars(w, g, FAST, 0.8, 0.5, 0.1),
    ),
    "adafactor": (lambda: optimizers.Adafactor(FAST), lambda w, g: adafactor(w, g, FAST)),
    "adafactor, large rate": (lambda: optimizers.Adafactor(0.5), lambda w, g: adafactor(w, g, 0.5)),
    "adafactor, absolute": (
        lambda: optimizers.Adafactor(0.5, relative_step=False),
        lambda w, g: adafactor(w, g, 0.5, False),
    ),
    "ftrl": (
        lambda: optimizers.Ftrl(FAST, l1_regularization_strength=0.5, l2_regularization_strength=0.2, beta=0.3),
        lambda w, g: ftrl(w, g, FAST, 0.5, 0.2, 0.3),
    ),
    "muon": (lambda: optimizers.Muon(RATE, weight_decay=0.3), lambda w, g: muon(w, g, RATE, 0.95, True, 0.3)),
    "muon, plain": (
        lambda: optimizers.Muon(FAST, momentum=0.5, nesterov=False, weight_decay=None),
        lambda w, g: muon(w, g, FAST, 0.5, False, 0.0),
    ),
    "schedule-free": (lambda: optimizers.ScheduleFreeAdamW(RATE), lambda w, g: schedule_free(w, g, RATE)),
    "schedule-free, warm-up, decay": (
        lambda: optimizers.ScheduleFreeAdamW(FAST, 0.7, warmup_steps=8, weight_decay=0.3),
        lambda w, g: schedule_free(w, g, FAST, 0.7, 0.3, 8),
    ),
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
    "adagrad": (lambda rate: optimizers.Adagrad(rate), 0.5, 0.5),
    "adamax": (lambda rate: optimizers.Adamax(rate), 0.05, 0.02),
    "nadam": (lambda rate: optimizers.Nadam(rate), 0.05, 0.02),
    "schedule-free": (lambda rate: optimizers.ScheduleFreeAdamW(rate), 0.05, 0.05),
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
    np.testing.assert_allclose(w.numpy(), minimum, atol=0.2 if name in ("sgd", "adagrad") else 0.05)
    assert step.compilations == ["first call"]
