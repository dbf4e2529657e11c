"""Decays by a formula of t / T: exponential, in steps, inverse, polynomial."""

from typing import Any

import jax
import jax.numpy as jnp

from ...core import as_array, floatx
from ..checks import number
from .schedule import LearningRateSchedule, periods, registry, share


class Decay(LearningRateSchedule):
    """A decay from `initial_learning_rate` measured in periods of `decay_steps`.

    Example:
        >>> decay = Decay(0.1, decay_steps=10)
        >>> float(decay.passed(25)), float(decay.passed(25, staircase=True))
        (2.5, 2.0)
    """

    def __init__(self, initial_learning_rate: float, decay_steps: float) -> None:
        who = type(self).__name__
        self.initial_learning_rate = number(who, "initial_learning_rate", initial_learning_rate)
        self.decay_steps = number(who, "decay_steps", decay_steps, open_low=True)

    def passed(self, step: Any, staircase: bool = False) -> jax.Array:
        """step / decay_steps, rounded down if `staircase`."""
        if staircase:
            return periods(step, self.decay_steps)[0]
        return as_array(step).astype(floatx()) / self.decay_steps


class RateDecay(Decay):
    """A decay with a rate besides.

    Args:
        initial_learning_rate: η₀.
        decay_steps: T, updates.
        decay_rate: r.
        staircase: round t / T down, so that the learning rate falls in steps.
        name: kept for Keras' sake.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps)
        self.decay_rate, self.staircase = decay_rate, staircase


@registry.register()
class ExponentialDecay(RateDecay):
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

    def __call__(self, step: Any) -> jax.Array:
        return self.initial_learning_rate * self.decay_rate ** self.passed(step, self.staircase)


@registry.register()
class StepDecay(ExponentialDecay):
    """η₀ · r^⌊t / T⌋: the rate is multiplied by r after every T updates, by default halved.

    Args:
        initial_learning_rate: η₀.
        decay_steps: T, updates; for "every n epochs", n times the updates of an epoch.
        decay_rate: r.

    Example:
        >>> halving = StepDecay(0.1, decay_steps=10)
        >>> [float(halving(t)) for t in (0, 9, 10, 20)]
        [0.1, 0.1, 0.05, 0.025]

    Reference: Goodfellow, Bengio and Courville 2016, Deep Learning, section 8.3.1.
    """

    def __init__(self, initial_learning_rate: float, decay_steps: float, decay_rate: float = 0.5) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase=True)


@registry.register()
class InverseTimeDecay(RateDecay):
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

    def __call__(self, step: Any) -> jax.Array:
        return self.initial_learning_rate / (1.0 + self.decay_rate * self.passed(step, self.staircase))


@registry.register()
class PolynomialDecay(Decay):
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
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps)
        self.end_learning_rate = number("PolynomialDecay", "end_learning_rate", end_learning_rate)
        self.power, self.cycle = power, cycle

    def __call__(self, step: Any) -> jax.Array:
        span = self.initial_learning_rate - self.end_learning_rate
        return span * self._left(step) ** self.power + self.end_learning_rate

    def _left(self, step: Any) -> jax.Array:
        """The share of the present stretch that is still to come."""
        if not self.cycle:
            return 1.0 - share(step, 0, self.decay_steps)
        whole, part = periods(step, self.decay_steps)
        stretch = jnp.maximum(1.0, whole + jnp.ceil(part))
        return (stretch - whole - part) / stretch
