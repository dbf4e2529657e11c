"""Nadam: Adam that steps from where the momentum leads."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .adam import AdaptiveMoments, one_minus_power
from .optimizer import registry


@registry.register("Nadam", "nadam")
class Nadam(AdaptiveMoments):
    """Adam with Nesterov's momentum, whose weight μ_t rises from about β₁/2 to β₁.

        μ_t = β₁ (1 - 0.96^t / 2),                p_t = μ_1 μ_2 ... μ_t          (t = 1, 2, ...)
        m ← β₁ m + (1 - β₁) g,                    v ← β₂ v + (1 - β₂) g²
        m̂ = μ_{t+1} m / (1 - p_{t+1}) + (1 - μ_t) g / (1 - p_t),    v̂ = v / (1 - β₂^t)
        w ← w - η m̂ / (√v̂ + ε)

    Args:
        learning_rate: η, a number or schedule.
        beta_1: β₁ in [0, 1).
        beta_2: β₂ in [0, 1).
        epsilon: ε > 0.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([1.0])
        >>> Nadam(learning_rate=0.1, beta_1=0.0).apply([[5.0]], [w]); w      # without momentum the first step is η
        Variable([0.9], float32)

    Reference: Dozat 2016, Incorporating Nesterov momentum into Adam.
    PyTorch differs: it raises 0.96 to 0.004 t.
    """

    slots = ("momentum", "velocity", "product")

    def initial_slot(self, slot: str, value: jax.Array) -> jax.Array | np.ndarray:
        return np.ones(()) if slot == "product" else super().initial_slot(slot, value)

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        mu, mu_next = (self.beta_1 * (1 - 0.5 * jnp.power(0.96, t)) for t in (step, step + 1))
        product = slots[2] * mu
        m = self.beta_1 * slots[0] + (1 - self.beta_1) * gradient
        v = self.beta_2 * slots[1] + (1 - self.beta_2) * gradient * gradient
        m_hat = mu_next * m / (1 - product * mu_next) + (1 - mu) * gradient / (1 - product)
        v_hat = v / one_minus_power(self.beta_2, step)
        return value - learning_rate * m_hat / (jnp.sqrt(v_hat) + self.epsilon), (m, v, product)
