"""Warm up, stay, decay: a plan whose length need not be known at the start."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ..checks import number, one_of
from .cosine import cosine
from .schedule import LearningRateSchedule, registry, share

FALLS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "linear": lambda s: 1.0 - s,
    "cosine": cosine,
    "sqrt": lambda s: 1.0 - jnp.sqrt(s),
}


@registry.register("WSD", "wsd")
class WSD(LearningRateSchedule):
    """Warmup-stable-decay: η₀ rises to η in W updates, η holds for S, then falls to η₁ in D and stays there.

    The fall is η₁ + (η - η₁) · f(s), s = (t - W - S) / D, with f = 1 - s, ½ (1 + cos(π s)) or 1 - √s. Since nothing
    before the fall depends on the length of training, S can be made longer when training goes on.

    Args:
        learning_rate: η.
        warmup_steps: W, updates; 0 for none.
        stable_steps: S, updates.
        decay_steps: D, updates.
        end_learning_rate: η₁.
        shape: f: "linear", "cosine" or "sqrt".
        initial_learning_rate: η₀, the rate of the first update.

    Raises:
        ArgumentError: an argument is out of its range.

    Example:
        >>> rate = WSD(0.1, warmup_steps=10, stable_steps=80, decay_steps=10)
        >>> [round(float(rate(t)), 3) for t in (0, 5, 10, 90, 95, 100)]
        [0.0, 0.05, 0.1, 0.1, 0.05, 0.0]

    Reference: Hu et al. 2024, arXiv 2404.06395; 1 - √s: Hägele et al. 2024, arXiv 2405.18392.
    """

    def __init__(
        self,
        learning_rate: float,
        warmup_steps: int,
        stable_steps: int,
        decay_steps: int,
        end_learning_rate: float = 0.0,
        shape: str = "linear",
        initial_learning_rate: float = 0.0,
    ) -> None:
        self.learning_rate = number("WSD", "learning_rate", learning_rate)
        self.warmup_steps = number("WSD", "warmup_steps", warmup_steps)
        self.stable_steps = number("WSD", "stable_steps", stable_steps)
        self.decay_steps = number("WSD", "decay_steps", decay_steps, open_low=True)
        self.end_learning_rate = number("WSD", "end_learning_rate", end_learning_rate)
        self.initial_learning_rate = number("WSD", "initial_learning_rate", initial_learning_rate)
        self.shape = one_of("WSD", "shape", shape, tuple(FALLS))

    def __call__(self, step: Any) -> jax.Array:
        top, start, end, warm = (
            self.learning_rate,
            self.initial_learning_rate,
            self.end_learning_rate,
            self.warmup_steps,
        )
        risen = share(step, 0, warm)
        fallen = share(step, warm + self.stable_steps, self.decay_steps)
        rising = jnp.where(risen < 1, start + (top - start) * risen, top)
        return jnp.where(fallen > 0, end + (top - end) * FALLS[self.shape](fallen), rising)
