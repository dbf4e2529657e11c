"""Schedule-free AdamW: averaging takes the place of a decaying learning rate."""

from typing import Any, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from ..core import Variable
from .adam import one_minus_power
from .checks import number
from .optimizer import Optimizer, registry
from .options import Options


@registry.register("ScheduleFreeAdamW", "schedule_free_adamw", "schedulefreeadamw")
class ScheduleFreeAdamW(Optimizer):
    """AdamW that needs not know when training will end.

    Three points: z takes the steps, x is the weighted mean of all z, and the variables hold y between the two,
    where gradients are taken. The model is to be judged at x.

        η_t = η min(1, t / `warmup_steps`)         (t = 1, 2, ...)
        v ← β₂ v + (1 - β₂) g²,    z ← z - η_t g / (√(v / (1 - β₂^t)) + ε) - η_t λ y
        x ← (1 - c) x + c z,       c = η_t² / (η_1² + ... + η_t²)
        y = (1 - β₁) z + β₁ x

    x is not kept: y and z determine it. `evaluation_values` puts it in for a while, `finalize_variable_values`
    for good; training that goes on after that starts again from z = x.

    Args:
        learning_rate: η, a number; a schedule is not needed.
        beta_1: β₁ in (0, 1).
        beta_2: β₂ in [0, 1).
        epsilon: ε > 0.
        warmup_steps: steps until η is reached.
        options: those of `Optimizer`; `weight_decay` is λ.

    Example:
        >>> from lamina import Variable
        >>> w, optimizer = Variable([1.0]), ScheduleFreeAdamW(learning_rate=0.1)
        >>> for _ in range(2): optimizer.apply([[4.0]], [w])
        >>> w                                               # y, with z = 0.8 and x = (0.9 + 0.8) / 2
        Variable([0.845], float32)
        >>> optimizer.finalize_variable_values([w]); w
        Variable([0.85], float32)

    Reference: Defazio et al. 2024, arXiv 2405.15682.
    Keras differs: c = 1 / t also with warm-up, weights decay in y before the step, and nothing ever puts x in.
    """

    slots = ("z", "velocity", "weight")

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        who = "ScheduleFreeAdamW"
        self.beta_1 = number(who, "beta_1", beta_1, high=1.0, open_low=True)
        self.beta_2 = number(who, "beta_2", beta_2, high=1.0)
        self.epsilon = number(who, "epsilon", epsilon, open_low=True)
        self.warmup_steps = number(who, "warmup_steps", warmup_steps)

    def initial_slot(self, slot: str, value: jax.Array) -> jax.Array | np.ndarray:
        zeros = super().initial_slot(slot, value)
        return {"z": jnp.asarray(value, zeros.dtype), "velocity": zeros, "weight": np.zeros(())}[slot]

    def update_and_decay(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array, decay: float
    ) -> tuple[jax.Array, Any]:
        z, v, weight = slots
        rate = learning_rate * jnp.minimum(1.0, step / self.warmup_steps) if self.warmup_steps else learning_rate
        x = self._mean(value, z)
        v = self.beta_2 * v + (1 - self.beta_2) * gradient * gradient
        scale = jnp.sqrt(v / one_minus_power(self.beta_2, step)) + self.epsilon
        z = z - rate * (gradient / scale + decay * value)
        weight = weight + rate * rate
        x = x + jnp.where(weight > 0, rate * rate / weight, 0.0) * (z - x)
        return (1 - self.beta_1) * z + self.beta_1 * x, (z, v, weight)

    def _mean(self, y: jax.Array, z: jax.Array) -> jax.Array:
        """x, of which y = (1 - β₁) z + β₁ x was made."""
        return (y - (1 - self.beta_1) * z) / self.beta_1

    def evaluation_value(self, variable: Variable) -> jax.Array:
        """x, the mean."""
        if id(variable) not in self._state:
            return variable.array
        z = self._state[id(variable)]["z"].array
        return self._mean(variable.array.astype(z.dtype), z)

    def finalize_variable_values(self, variables: Any) -> None:
        """Let the variables hold x for good; z starts again from there."""
        super().finalize_variable_values(variables)
        for variable in variables:
            if id(variable) in self._state:
                self._state[id(variable)]["z"].assign(variable)
