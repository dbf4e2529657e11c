"""Learning rates that change with the step: functions of the number of updates made so far."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..core import ArgumentError, Configurable, Registry, as_array, floatx, lookup, serialize
from .checks import number

__all__ = [
    "CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay", "LearningRateSchedule",
    "PiecewiseConstantDecay", "PolynomialDecay", "get", "serialize",
]  # fmt: skip

registry: Registry[Any] = Registry("learning rate schedule")


class LearningRateSchedule(Configurable):
    """Base of all schedules: a subclass defines `__call__(step)`, made of ops or jax.numpy.

    Example:
        >>> class Halving(LearningRateSchedule):
        ...     def __call__(self, step):
        ...         return 0.1 * 0.5**step
        >>> Halving()(2)
        0.025
    """

    def __call__(self, step: Any) -> Any:
        """The learning rate of update number `step`, counted from 0."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(step)")


def get(identifier: Any) -> Any:
    """The schedule that `identifier` means: a name, config, class or callable; None stays None.

    Raises:
        UnknownNameError: no schedule has this name.

    Example:
        >>> config = {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}
        >>> float(get({"class_name": "ExponentialDecay", "config": config})(20))
        0.025
    """
    return lookup(registry, identifier)


def _float(step: Any) -> jax.Array:
    return as_array(step).astype(floatx())


class _Decay(LearningRateSchedule):
    """A decay from `initial_learning_rate` measured in periods of `decay_steps`."""

    def __init__(self, initial_learning_rate: float, decay_steps: int) -> None:
        who = type(self).__name__
        self.initial_learning_rate = number(who, "initial_learning_rate", initial_learning_rate)
        self.decay_steps = number(who, "decay_steps", decay_steps, open_low=True)

    def periods(self, step: Any, staircase: bool = False) -> jax.Array:
        """step / decay_steps, rounded down if `staircase`."""
        passed = _float(step) / self.decay_steps
        return jnp.floor(passed) if staircase else passed


@registry.register()
class ExponentialDecay(_Decay):
    """η₀ · r^(t / T).

    Args:
        initial_learning_rate: η₀.
        decay_steps: T, updates.
        decay_rate: r.
        staircase: round t / T down, so that the rate falls in steps.
        name: kept for Keras' sake.

    Example:
        >>> float(ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)(10))
        0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps)
        self.decay_rate, self.staircase = decay_rate, staircase

    def __call__(self, step: Any) -> jax.Array:
        return self.initial_learning_rate * self.decay_rate ** self.periods(step, self.staircase)


@registry.register()
class InverseTimeDecay(_Decay):
    """η₀ / (1 + r · t / T).

    Args:
        initial_learning_rate: η₀.
        decay_steps: T, updates.
        decay_rate: r.
        staircase: round t / T down, so that the rate falls in steps.
        name: kept for Keras' sake.

    Example:
        >>> float(InverseTimeDecay(0.1, decay_steps=10, decay_rate=1.0)(10))
        0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps)
        self.decay_rate, self.staircase = decay_rate, staircase

    def __call__(self, step: Any) -> jax.Array:
        return self.initial_learning_rate / (1.0 + self.decay_rate * self.periods(step, self.staircase))


@registry.register()
class PolynomialDecay(_Decay):
    """(η₀ - η₁) · (1 - t / T)^p + η₁ up to update T, then η₁.

    Args:
        initial_learning_rate: η₀.
        decay_steps: T, updates.
        end_learning_rate: η₁.
        power: p; 1 is a straight line.
        cycle: after T, stretch T to the next multiple that is not yet passed instead of staying at η₁.
        name: kept for Keras' sake.

    Example:
        >>> float(PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.0)(5))
        0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps)
        self.end_learning_rate = number("PolynomialDecay", "end_learning_rate", end_learning_rate)
        self.power, self.cycle = power, cycle

    def __call__(self, step: Any) -> jax.Array:
        passed = self.periods(step)
        passed = passed / jnp.maximum(1.0, jnp.ceil(passed)) if self.cycle else jnp.minimum(passed, 1.0)
        span = self.initial_learning_rate - self.end_learning_rate
        return span * (1.0 - passed) ** self.power + self.end_learning_rate


def _cosine(passed: jax.Array, alpha: float, height: Any = 1.0) -> jax.Array:
    """Half a cosine wave from near `height` at `passed` = 0 (exactly it, if that is 1) to `alpha` at 1."""
    wave = 0.5 * (1.0 + jnp.cos(math.pi * jnp.clip(passed, 0.0, 1.0)))
    return alpha + (1.0 - alpha) * height * wave


@registry.register()
class CosineDecay(_Decay):
    """η · (α + (1 - α) · ½ (1 + cos(π t / T))) up to update T, then η · α; before it, a linear warm-up if asked.

    Args:
        initial_learning_rate: η without warm-up; with it, where the warm-up starts.
        decay_steps: T, updates, counted from the end of the warm-up.
        alpha: α, the share of η that remains.
        name: kept for Keras' sake.
        warmup_target: η with warm-up: where it ends; None for none.
        warmup_steps: updates of warm-up.

    Example:
        >>> rate = CosineDecay(0.0, decay_steps=10, warmup_target=0.1, warmup_steps=5)
        >>> [round(float(rate(t)), 3) for t in (0, 4, 5, 10, 15)]
        [0.0, 0.08, 0.1, 0.05, 0.0]

    Reference: Loshchilov and Hutter 2017, arXiv 1608.03983; warm-up: Goyal et al. 2017, arXiv 1706.02677.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps)
        self.alpha, self.warmup_target, self.warmup_steps = alpha, warmup_target, warmup_steps

    def __call__(self, step: Any) -> jax.Array:
        start = self.initial_learning_rate
        if self.warmup_target is None:
            return start * _cosine(self.periods(step), self.alpha)
        t = _float(step)
        rising = start + (self.warmup_target - start) * t / max(1, self.warmup_steps)
        falling = self.warmup_target * _cosine(self.periods(t - self.warmup_steps), self.alpha)
        return jnp.where(t < self.warmup_steps, rising, falling)


@registry.register()
class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decays one after another, each `t_mul` times as long and `m_mul` times as high as the one before.

    η · (α + (1 - α) · h · ½ (1 + cos(π s))), with s the share of the present decay that has passed and h its height.

    Args:
        initial_learning_rate: η, where the first decay starts.
        first_decay_steps: its length, updates.
        t_mul: factor of the lengths, at least 1.
        m_mul: factor of the heights.
        alpha: α, the share of η that remains at the end of each decay.
        name: kept for Keras' sake.

    Example:
        >>> rate = CosineDecayRestarts(0.1, first_decay_steps=10)
        >>> [round(float(rate(t)), 3) for t in (0, 5, 10, 20, 30)]
        [0.1, 0.05, 0.1, 0.05, 0.1]

    Reference: Loshchilov and Hutter 2017, arXiv 1608.03983.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        who = "CosineDecayRestarts"
        self.initial_learning_rate = number(who, "initial_learning_rate", initial_learning_rate)
        self.first_decay_steps = number(who, "first_decay_steps", first_decay_steps, open_low=True)
        self.t_mul = number(who, "t_mul", t_mul, low=1.0)
        self.m_mul, self.alpha = m_mul, alpha

    def __call__(self, step: Any) -> jax.Array:
        passed = _float(step) / self.first_decay_steps
        if self.t_mul == 1.0:
            restarts = jnp.floor(passed)
            passed = passed - restarts
        else:  # restart i is at (t_mul^i - 1) / (t_mul - 1); a hair is added so that rounding does not miss it
            growth = self.t_mul - 1.0
            restarts = jnp.floor(jnp.log(1.0 + passed * growth) / math.log(self.t_mul) + 1e-6)
            length = self.t_mul**restarts
            passed = (passed - (length - 1.0) / growth) / length
        return self.initial_learning_rate * _cosine(passed, self.alpha, self.m_mul**restarts)


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
        if len(values) != len(boundaries) + 1 or list(boundaries) != sorted(set(boundaries)):
            raise ArgumentError(
                "PiecewiseConstantDecay",
                "boundaries rise, and each parts two values",
                expected="rising boundaries and one value more than boundaries",
                received=f"boundaries {list(boundaries)} and values {list(values)}",
                remedy="Add or remove a value, or sort the boundaries",
            )
        self.boundaries, self.values = list(boundaries), list(values)

    def __call__(self, step: Any) -> jax.Array:
        passed = jnp.sum(as_array(step).astype(jnp.int32) > jnp.asarray(self.boundaries, jnp.int32))
        return jnp.asarray(self.values, floatx())[passed]
