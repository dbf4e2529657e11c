"""Schedules one after another: constants, any others, and a warm-up before any other."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ...core import ArgumentError, as_array, floatx
from ..checks import number
from .schedule import LearningRateSchedule, get, rate_at, registry, share


def _boundaries(who: str, boundaries: Sequence[int], parts: Sequence[Any], called: str) -> list[int]:
    """`boundaries` as integers, if they rise and are one less than `parts`."""
    whole = [int(b) for b in boundaries]
    if len(parts) != len(whole) + 1 or whole != sorted(set(boundaries)):
        raise ArgumentError(
            who,
            f"boundaries rise, and each parts two {called}",
            expected=f"rising whole numbers as boundaries and one more {called} than boundaries",
            received=f"boundaries {list(boundaries)} and {len(parts)} {called}",
            remedy=f"Add or remove {called}, or sort the boundaries",
        )
    return whole


@registry.register()
class PiecewiseConstantDecay(LearningRateSchedule):
    """values[i] up to update boundaries[i], the last value after the last boundary.

    Args:
        boundaries: update numbers in rising order; at the boundary itself the earlier value still holds.
        values: learning rates, one more than boundaries.
        name: kept for Keras' sake.

    Example:
        >>> rate = PiecewiseConstantDecay([100, 200], [0.1, 0.01, 0.001])
        >>> [round(float(rate(t)), 4) for t in (0, 100, 101, 500)]
        [0.1, 0.1, 0.01, 0.001]
    """

    def __init__(self, boundaries: Sequence[int], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        self.boundaries = _boundaries("PiecewiseConstantDecay", boundaries, values, "values")
        self.values = list(values)

    def __call__(self, step: Any) -> jax.Array:
        boundaries = jnp.asarray(self.boundaries, jnp.int32)
        passed = jnp.searchsorted(boundaries, as_array(step).astype(jnp.int32), side="left")
        return jnp.asarray(self.values, floatx())[passed]


@registry.register()
class Join(LearningRateSchedule):
    """One schedule after another: from each boundary on the next one holds, and counts its updates from there.

    η(t) = sᵢ(t - bᵢ) for bᵢ ≤ t < bᵢ₊₁, with b₀ = 0: the value at a boundary is the first of the next schedule.

    Args:
        schedules: schedules, functions of the step, or numbers for constant rates.
        boundaries: update numbers b₁, b₂, ... in rising order, one less than schedules.

    Raises:
        ArgumentError: not one boundary between each two schedules, or boundaries that do not rise.

    Example:
        >>> from lamina.optimizers.schedules import PolynomialDecay
        >>> rate = Join([0.1, PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.0)], boundaries=[100])
        >>> [round(float(rate(t)), 3) for t in (0, 99, 100, 105, 110)]
        [0.1, 0.1, 0.1, 0.05, 0.0]

    PiecewiseConstantDecay differs, for Keras' sake: at a boundary its earlier value still holds.
    """

    def __init__(self, schedules: Sequence[Any], boundaries: Sequence[int]) -> None:
        self.boundaries = _boundaries("Join", boundaries, schedules, "schedules")
        self.schedules = [_rate("Join", "schedules", s) for s in schedules]

    def __call__(self, step: Any) -> jax.Array:
        step = as_array(step)
        rate = rate_at(self.schedules[0], step)
        for start, schedule in zip(self.boundaries, self.schedules[1:], strict=True):
            rate = jnp.where(step < start, rate, rate_at(schedule, jnp.maximum(step - start, 0)))
        return rate


@registry.register()
class WarmUp(LearningRateSchedule):
    """A linear rise before a schedule: η₀ + (s(0) - η₀) · t / W up to update W, then s(t - W).

    Args:
        schedule: s, a schedule, a function of the step, or a number for a constant rate.
        warmup_steps: W, updates; 0 for none.
        initial_learning_rate: η₀, the rate of the first update.

    Example:
        >>> rate = WarmUp(0.1, warmup_steps=5)
        >>> [round(float(rate(t)), 2) for t in (0, 1, 5, 6)]
        [0.0, 0.02, 0.1, 0.1]

    Reference: Goyal et al. 2017, arXiv 1706.02677.
    """

    def __init__(self, schedule: Any, warmup_steps: int, initial_learning_rate: float = 0.0) -> None:
        self.schedule = _rate("WarmUp", "schedule", schedule)
        self.warmup_steps = int(number("WarmUp", "warmup_steps", warmup_steps))
        self.initial_learning_rate = number("WarmUp", "initial_learning_rate", initial_learning_rate)

    def __call__(self, step: Any) -> jax.Array:
        step, start = as_array(step), self.initial_learning_rate
        risen = share(step, 0, self.warmup_steps)
        after = rate_at(self.schedule, jnp.maximum(step - self.warmup_steps, 0))  # before W: s(0)
        return jnp.where(risen < 1, start + (after - start) * risen, after)


def _rate(who: str, name: str, given: Any) -> Any:
    """A number as it is, anything else as the schedule that it means."""
    return get(given) if callable(given) or isinstance(given, (str, dict)) else number(who, name, given)
