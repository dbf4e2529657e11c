"""Decays along half a cosine wave, once or again and again."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...core import ArgumentError, as_array, floatx
from ..checks import number
from .decay import Decay
from .schedule import LAST_STEP, LearningRateSchedule, periods, registry, share


def cosine(passed: jax.Array) -> jax.Array:
    """½ (1 + cos(π s)): half a wave, from 1 at s = 0 to 0 at s = 1.

    Example:
        >>> [float(cosine(jnp.float32(s))) for s in (0.0, 0.5, 1.0)]
        [1.0, 0.5, 0.0]
    """
    return 0.5 * (1.0 + jnp.cos(math.pi * passed))


@registry.register()
class CosineDecay(Decay):
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
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps)
        self.warmup_steps = number("CosineDecay", "warmup_steps", warmup_steps)
        self.alpha, self.warmup_target = alpha, warmup_target

    def __call__(self, step: Any) -> jax.Array:
        if self.warmup_target is None:
            return self.initial_learning_rate * self._wave(share(step, 0, self.decay_steps))
        start, top, warm = self.initial_learning_rate, self.warmup_target, self.warmup_steps
        risen = share(step, 0, warm)
        falling = top * self._wave(share(step, warm, self.decay_steps))
        return jnp.where(risen < 1, start + (top - start) * risen, falling)

    def _wave(self, passed: jax.Array) -> jax.Array:
        return self.alpha + (1.0 - self.alpha) * cosine(passed)


@registry.register()
class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decays one after another, each `t_mul` times as long and `m_mul` times as high as the one before.

    η · (α + (1 - α) · h · ½ (1 + cos(π s))), with s the share of the present decay that has passed and h its height.

    Args:
        initial_learning_rate: η, where the first decay starts.
        first_decay_steps: its length, updates.
        t_mul: factor of the lengths: 1, or at least 1.001.
        m_mul: factor of the heights.
        alpha: α, the share of η that remains at the end of each decay.
        name: kept for Keras' sake.

    Example:
        >>> rate = CosineDecayRestarts(0.1, first_decay_steps=10)
        >>> [round(float(rate(t)), 3) for t in (0, 5, 10, 20, 30)]
        [0.1, 0.05, 0.1, 0.05, 0.1]

    Reference: Loshchilov and Hutter 2017, arXiv 1608.03983. Keras restarts one update late where rounding wants it.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        who = "CosineDecayRestarts"
        self.initial_learning_rate = number(who, "initial_learning_rate", initial_learning_rate)
        self.first_decay_steps = number(who, "first_decay_steps", first_decay_steps, open_low=True)
        self.t_mul, self.m_mul, self.alpha = t_mul, m_mul, alpha
        if t_mul != 1 and not t_mul >= 1.001:
            raise ArgumentError(
                who,
                "t_mul keeps the length of the decays or makes them clearly longer",
                expected="1, or a number of at least 1.001",
                received=repr(t_mul),
                remedy="Change t_mul",
            )

    def __call__(self, step: Any) -> jax.Array:
        restarts, passed = periods(step, self.first_decay_steps) if self.t_mul == 1 else self._growing(step)
        wave = self.m_mul**restarts * cosine(passed)
        return self.initial_learning_rate * (self.alpha + (1.0 - self.alpha) * wave)

    def _growing(self, step: Any) -> tuple[jax.Array, jax.Array]:
        """How many restarts there have been, and the share of the present decay that has passed.

        Where they start is worked out in float64: a logarithm of the step would restart late or early by rounding.
        """
        growth, first = self.t_mul - 1.0, self.first_decay_steps
        count = math.ceil(math.log1p(growth * LAST_STEP / first) / math.log(self.t_mul))
        lengths = first * self.t_mul ** np.arange(count + 1.0)
        starts = (lengths - first) / growth
        begins = np.ceil(starts * (1 - 1e-12))  # the first update of each; a hair less, for starts have been rounded
        begins = begins[begins <= LAST_STEP].astype(np.int32)
        now = jnp.searchsorted(jnp.asarray(begins), as_array(step).astype(jnp.int32), side="right") - 1
        late = (begins - starts[: len(begins)]).astype(floatx())  # how far that update is into its decay
        since = (as_array(step) - jnp.asarray(begins)[now].astype(as_array(step).dtype)).astype(floatx())
        length = jnp.asarray(lengths.astype(floatx()))[now]
        return now.astype(floatx()), jnp.clip((since + jnp.asarray(late)[now]) / length, 0.0, 1.0)
