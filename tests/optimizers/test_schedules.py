"""Schedules against their formulas in NumPy."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import Variable
from lamina.core import ArgumentError, UnknownNameError
from lamina.optimizers import schedules as s


def cosine(t: float, alpha: float = 0.0) -> float:
    return alpha + (1 - alpha) * 0.5 * (1 + math.cos(math.pi * min(max(t, 0.0), 1.0)))


def restarts(t: int, first: int, t_mul: float, m_mul: float, alpha: float = 0.0) -> float:
    """By counting, not by logarithms."""
    start, length, height = 0.0, float(first), 1.0
    while t >= start + length:
        start, length, height = start + length, length * t_mul, height * m_mul
    return 0.1 * (alpha + (1 - alpha) * height * cosine((t - start) / length))


CASES: list[tuple[Any, Callable[[int], float]]] = [
    (s.ExponentialDecay(0.1, 10, 0.5), lambda t: 0.1 * 0.5 ** (t / 10)),
    (s.ExponentialDecay(0.1, 10, 0.5, staircase=True), lambda t: 0.1 * 0.5 ** (t // 10)),
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
    (s.CosineDecayRestarts(0.1, 10), lambda t: restarts(t, 10, 2.0, 1.0)),
    (s.CosineDecayRestarts(0.1, 7, t_mul=1.5, m_mul=0.8, alpha=0.1), lambda t: restarts(t, 7, 1.5, 0.8, 0.1)),
    (s.CosineDecayRestarts(0.1, 8, t_mul=1.0, m_mul=0.5), lambda t: restarts(t, 8, 1.0, 0.5)),
    (s.PiecewiseConstantDecay([10, 30], [3.0, 2.0, 1.0]), lambda t: 3.0 if t <= 10 else 2.0 if t <= 30 else 1.0),
]


@pytest.mark.parametrize(("schedule", "formula"), CASES, ids=lambda v: type(v).__name__)
def test_formula_eager_and_traced(schedule: Any, formula: Callable[[int], float]) -> None:
    steps = np.arange(120)
    wanted = [formula(int(t)) for t in steps]
    traced = jax.jit(jax.vmap(schedule))(jnp.asarray(steps, jnp.int32))
    np.testing.assert_allclose(traced, wanted, rtol=2e-5, atol=1e-7)
    assert float(schedule(Variable(17, trainable=False))) == pytest.approx(formula(17), rel=1e-5)
    assert float(schedule(17)) == pytest.approx(formula(17), rel=1e-5)


@pytest.mark.parametrize("schedule", [schedule for schedule, _ in CASES], ids=lambda v: type(v).__name__)
def test_config(schedule: Any) -> None:
    assert s.get(s.serialize(schedule)).get_config() == schedule.get_config()


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="CosineDecay: decay_steps"):
        s.CosineDecay(0.1, 0)
    with pytest.raises(ArgumentError, match="boundaries rise"):
        s.PiecewiseConstantDecay([30, 10], [1.0, 2.0, 3.0])
    with pytest.raises(ArgumentError, match="one value more"):
        s.PiecewiseConstantDecay([10], [1.0])
    with pytest.raises(UnknownNameError, match="CosineDecay"):
        s.get({"class_name": "CosinDecay", "config": {}})
