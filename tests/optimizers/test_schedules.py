"""Schedules against their formulas in NumPy: every value, at every boundary, in an optimizer inside a compiled fit."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import Variable
from lamina.callbacks import Callback
from lamina.core import ArgumentError, UnknownNameError
from lamina.optimizers import SGD
from lamina.optimizers import schedules as s


def cosine(t: float, alpha: float = 0.0) -> float:
    return alpha + (1 - alpha) * 0.5 * (1 + math.cos(math.pi * min(max(t, 0.0), 1.0)))


def restarts(t: int, first: int, t_mul: float, m_mul: float, alpha: float = 0.0) -> float:
    """By counting, not by logarithms."""
    start, length, height = 0.0, float(first), 1.0
    while t >= start + length - 1e-9:
        start, length, height = start + length, length * t_mul, height * m_mul
    return 0.1 * (alpha + (1 - alpha) * height * cosine((t - start) / length))


def one_cycle(t: float, turns: list[tuple[float, float]], fall: Callable[[float], float]) -> float:
    """Between the turning points (update, rate), along `fall`, which goes from 1 to 0."""
    for (start, before), (end, after) in zip(turns, turns[1:], strict=False):
        if t <= end:
            return after + (before - after) * fall((t - start) / (end - start))
    return turns[-1][1]


def wsd(t: int, fall: Callable[[float], float]) -> float:
    """Rise from 0.01 to 0.1 in 20, hold 30, fall to 0.001 in 40."""
    if t < 20:
        return 0.01 + 0.09 * t / 20
    return 0.1 if t < 50 else 0.001 + 0.099 * fall(min(1.0, (t - 50) / 40))


def joined(t: int) -> float:
    """0.3 for 15, an exponential decay for 45, 0.02 for 10, then a warm-up to 0.1 in 5."""
    if t < 60:
        return 0.3 if t < 15 else 0.2 * 0.5 ** ((t - 15) / 10)
    return 0.02 if t < 70 else min(0.1, (t - 70) / 50)


CASES: list[tuple[Any, Callable[[int], float]]] = [
    (s.ExponentialDecay(0.1, 10, 0.5), lambda t: 0.1 * 0.5 ** (t / 10)),
    (s.ExponentialDecay(0.1, 10, 0.5, staircase=True), lambda t: 0.1 * 0.5 ** (t // 10)),
    (s.StepDecay(0.1, 15), lambda t: 0.1 * 0.5 ** (t // 15)),
    (s.StepDecay(0.1, 7, 0.1), lambda t: 0.1 * 0.1 ** (t // 7)),
    (s.InverseTimeDecay(0.1, 10, 2.0), lambda t: 0.1 / (1 + 2 * t / 10)),
    (s.InverseTimeDecay(0.1, 10, 2.0, staircase=True), lambda t: 0.1 / (1 + 2 * (t // 10))),
    (s.PolynomialDecay(0.1, 20, 0.01, power=2.0), lambda t: 0.09 * (1 - min(t, 20) / 20) ** 2 + 0.01),
    (
        s.PolynomialDecay(0.1, 20, 0.01, cycle=True),
        lambda t: 0.09 * (1 - t / (20 * max(1, math.ceil(t / 20)))) + 0.01,
    ),
    (s.CosineDecay(0.1, 30, alpha=0.2), lambda t: 0.1 * cosine(t / 30, 0.2)),
    (
        s.CosineDecay(0.02, 30, warmup_target=0.1, warmup_steps=10),
        lambda t: 0.02 + 0.08 * t / 10 if t < 10 else 0.1 * cosine((t - 10) / 30),
    ),
    (s.CosineDecay(0.02, 30, warmup_target=0.1), lambda t: 0.1 * cosine(t / 30)),
    (s.CosineDecayRestarts(0.1, 10), lambda t: restarts(t, 10, 2.0, 1.0)),
    (s.CosineDecayRestarts(0.1, 7, t_mul=1.5, m_mul=0.8, alpha=0.1), lambda t: restarts(t, 7, 1.5, 0.8, 0.1)),
    (s.CosineDecayRestarts(0.1, 10, t_mul=1.1), lambda t: restarts(t, 10, 1.1, 1.0)),
    (s.CosineDecayRestarts(0.1, 8, t_mul=1.0, m_mul=0.5), lambda t: restarts(t, 8, 1.0, 0.5)),
    (s.PiecewiseConstantDecay([10, 30], [3.0, 2.0, 1.0]), lambda t: 3.0 if t <= 10 else 2.0 if t <= 30 else 1.0),
    (s.WarmUp(0.1, 10, 0.01), lambda t: 0.01 + 0.09 * min(t, 10) / 10),
    (s.WarmUp(s.StepDecay(0.1, 20), 10), lambda t: 0.1 * t / 10 if t < 10 else 0.1 * 0.5 ** ((t - 10) // 20)),
    (s.WarmUp(s.CosineDecay(0.1, 30), 0), lambda t: 0.1 * cosine(t / 30)),
    (
        s.OneCycle(0.5, 100),
        lambda t: one_cycle(t, [(0, 0.02), (29, 0.5), (99, 2e-6)], cosine),
    ),
    (
        s.OneCycle(0.5, 100, 0.45, "linear", div_factor=10.0, final_div_factor=100.0, three_phase=True),
        lambda t: one_cycle(t, [(0, 0.05), (44, 0.5), (88, 0.05), (99, 5e-4)], lambda u: 1 - u),
    ),
    (s.WSD(0.1, 20, 30, 40, 0.001, initial_learning_rate=0.01), lambda t: wsd(t, lambda u: 1 - u)),
    (s.WSD(0.1, 20, 30, 40, 0.001, "cosine", 0.01), lambda t: wsd(t, cosine)),
    (s.WSD(0.1, 20, 30, 40, 0.001, "sqrt", 0.01), lambda t: wsd(t, lambda u: 1 - math.sqrt(u))),
    (s.WSD(0.1, 0, 0, 50), lambda t: 0.1 * (1 - min(1, t / 50))),
    (
        s.Join([0.3, s.ExponentialDecay(0.2, 10, 0.5), s.Join([0.02, s.WarmUp(0.1, 5)], [10])], [15, 60]),
        joined,
    ),
]
SCHEDULES = pytest.mark.parametrize(("schedule", "formula"), CASES, ids=lambda v: type(v).__name__)


@SCHEDULES
def test_formula_eager_and_traced(schedule: Any, formula: Callable[[int], float]) -> None:
    steps = np.arange(120)
    wanted = np.array([formula(int(t)) for t in steps])
    traced = jax.jit(jax.vmap(schedule))(jnp.asarray(steps, jnp.int32))
    np.testing.assert_allclose(traced, wanted, rtol=2e-6, atol=2e-7 * wanted.max())
    np.testing.assert_allclose(schedule(steps), traced, rtol=1e-6, atol=1e-8)
    assert float(schedule(Variable(17, trainable=False))) == pytest.approx(formula(17), rel=2e-6, abs=1e-7)
    assert float(schedule(17)) == pytest.approx(formula(17), rel=2e-6, abs=1e-7)


@SCHEDULES
def test_float64(schedule: Any, formula: Callable[[int], float], x64: None) -> None:
    lamina.set_dtype_policy("float64")
    try:
        values = schedule(np.arange(120))
    finally:
        lamina.set_dtype_policy("float32")
    assert values.dtype == jnp.float64
    np.testing.assert_allclose(values, [formula(t) for t in range(120)], rtol=1e-12, atol=1e-15)


FAR = 2**25  # float32 holds only every second or fourth whole number there


@pytest.mark.parametrize(
    ("schedule", "formula"),
    [
        (s.StepDecay(0.1, FAR + 1), lambda t: 0.1 * 0.5 ** (t // (FAR + 1))),
        (s.ExponentialDecay(0.1, 2**24 + 1, 0.5, True), lambda t: 0.1 * 0.5 ** (t // (2**24 + 1))),
        (s.PolynomialDecay(1.0, 5, 0.0, cycle=True), lambda t: 1 - t / (5 * math.ceil(t / 5))),
        (s.CosineDecayRestarts(0.1, 7, t_mul=1.0), lambda t: 0.1 * cosine(t % 7 / 7)),
        (s.CosineDecayRestarts(0.1, FAR + 1), lambda t: restarts(t, FAR + 1, 2.0, 1.0)),
        (s.PiecewiseConstantDecay([FAR, FAR + 1], [3.0, 2.0, 1.0]), lambda t: 3.0 - (t > FAR) - (t > FAR + 1)),
        (s.WarmUp(0.1, FAR + 1), lambda t: 0.1 * min(1.0, t / (FAR + 1))),
        (
            s.Join([1.0, s.StepDecay(0.1, 2)], [FAR - 1]),
            lambda t: 0.1 * 0.5 ** ((t - FAR + 1) // 2) if t >= FAR - 1 else 1,
        ),
        (s.WSD(0.1, 10, FAR - 10, 4), lambda t: 0.1 * min(1, max(0, 1 - (t - FAR) / 4))),
    ],
    ids=lambda v: type(v).__name__,
)
def test_no_update_is_lost_beyond_what_float32_can_count(schedule: Any, formula: Callable[[int], float]) -> None:
    steps = np.arange(FAR - 6, FAR + 12)
    np.testing.assert_allclose(schedule(steps), [formula(int(t)) for t in steps], rtol=2e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("schedule", "step", "rate"),
    [
        (s.StepDecay(0.5, 10), 9, 0.5),
        (s.StepDecay(0.5, 10), 10, 0.25),
        (s.PolynomialDecay(0.5, 10, 0.125), 10, 0.125),
        (s.CosineDecay(0.5, 10, alpha=0.25), 0, 0.5),
        (s.CosineDecay(0.5, 10, alpha=0.25), 10, 0.125),
        (s.CosineDecay(0.0, 10, warmup_target=0.5, warmup_steps=7), 7, 0.5),
        (s.CosineDecayRestarts(0.5, 10), 30, 0.5),
        (s.OneCycle(0.5, 11, 6 / 11, "cos", 2.0, 4.0), 0, 0.25),
        (s.OneCycle(0.5, 11, 6 / 11, "cos", 2.0, 4.0), 5, 0.5),
        (s.OneCycle(0.5, 11, 6 / 11, "cos", 2.0, 4.0), 10, 0.0625),
        (s.WSD(0.5, 3, 4, 5, 0.125), 3, 0.5),
        (s.WSD(0.5, 3, 4, 5, 0.125), 7, 0.5),
        (s.WSD(0.5, 3, 4, 5, 0.125), 12, 0.125),
        (s.WarmUp(0.5, 3), 3, 0.5),
        (s.Join([0.5, 0.25, 0.125], [3, 7]), 2, 0.5),
        (s.Join([0.5, 0.25, 0.125], [3, 7]), 3, 0.25),
        (s.Join([0.5, 0.25, 0.125], [3, 7]), 7, 0.125),
    ],
    ids=lambda v: type(v).__name__ if callable(v) else str(v),
)
def test_boundaries_are_exact(schedule: Any, step: int, rate: float) -> None:
    assert float(schedule(step)) == rate


@pytest.mark.parametrize("schedule", [schedule for schedule, _ in CASES], ids=lambda v: type(v).__name__)
def test_config(schedule: Any) -> None:
    again = s.get(s.serialize(schedule))
    assert again.get_config() == schedule.get_config()
    np.testing.assert_array_equal(again(np.arange(100)), schedule(np.arange(100)))


class Rates(Callback):
    """The learning rate that every step reports."""

    replay_safe = True

    def __init__(self) -> None:
        self.seen: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(logs["learning_rate"])


@pytest.mark.parametrize(
    "schedule",
    [s.WarmUp(s.StepDecay(0.1, 4), 5), s.Join([0.1, s.WSD(0.2, 3, 5, 4)], [6]), s.OneCycle(0.1, 20)],
    ids=lambda v: type(v).__name__,
)
def test_inside_a_compiled_fit(schedule: Any, rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(40, 3)).astype("float32"), rng.normal(size=(40, 1)).astype("float32")
    model = lamina.Sequential([lamina.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(SGD(s.serialize(schedule)), "mse")
    rates = Rates()
    for epochs in (2, 4):
        model.fit(
            x, y, batch_size=8, epochs=epochs, initial_epoch=epochs - 2, shuffle=False, callbacks=[rates], verbose=0
        )
    wanted = np.asarray(schedule(np.arange(20)), "float64")
    np.testing.assert_allclose(rates.seen, wanted, rtol=1e-6, atol=1e-9)
    w = np.zeros((3, 1))
    for step, rate in enumerate(wanted):
        some = slice(step % 5 * 8, step % 5 * 8 + 8)
        w -= rate * 2 / 8 * x[some].T @ (x[some] @ w - y[some])
    np.testing.assert_allclose(model.get_weights()[0], w, rtol=1e-4, atol=1e-6)
    assert len(model._programs["train"][1].compilations) == 1


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="CosineDecay: decay_steps"):
        s.CosineDecay(0.1, 0)
    with pytest.raises(ArgumentError, match="boundaries rise"):
        s.PiecewiseConstantDecay([30, 10], [1.0, 2.0, 3.0])
    with pytest.raises(ArgumentError, match="one more values than"):
        s.PiecewiseConstantDecay([10], [1.0])
    with pytest.raises(ArgumentError, match="Join: boundaries rise"):
        s.Join([0.1, 0.2], [])
    with pytest.raises(ArgumentError, match="whole numbers"):
        s.Join([0.1, 0.2], [2.5])
    with pytest.raises(ArgumentError, match="Join: schedules"):
        s.Join([0.1, -0.2], [3])
    with pytest.raises(ArgumentError, match="WSD: shape"):
        s.WSD(0.1, 1, 1, 1, shape="round")
    with pytest.raises(ArgumentError, match="OneCycle: anneal_strategy"):
        s.OneCycle(0.1, 10, anneal_strategy="cubic")
    with pytest.raises(ArgumentError, match="room for every phase"):
        s.OneCycle(0.1, 10, pct_start=0.6, three_phase=True)
    with pytest.raises(ArgumentError, match="CosineDecayRestarts: t_mul"):
        s.CosineDecayRestarts(0.1, 10, t_mul=0.5)
    with pytest.raises(UnknownNameError, match="CosineDecay"):
        s.get({"class_name": "CosinDecay", "config": {}})
