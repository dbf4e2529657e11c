"""Adamax: Adam with the largest recent gradient in the place of the root of their mean square."""

from typing import Any

import jax
import jax.numpy as jnp

from .adam import AdaptiveMoments, one_minus_power
from .optimizer import registry


@registry.register("Adamax", "adamax")
class Adamax(AdaptiveMoments):
    """Adam by the infinity norm.

        m ← β₁ m + (1 - β₁) g,    u ← max(β₂ u, |g|)
        w ← w - η / (1 - β₁^t) · m / (u + ε)         (t = 1, 2, ...)

    Args:
        learning_rate: η, a number or schedule.
        beta_1: β₁ in [0, 1).
        beta_2: β₂ in [0, 1).
        epsilon: ε > 0.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([1.0, 2.0])
        >>> Adamax(learning_rate=0.1).apply([[5.0, -0.01]], [w]); w      # the first step has the size η
        Variable([0.9     , 2.099999], float32)

    Reference: Kingma and Ba 2015, arXiv 1412.6980, algorithm 2, which has no ε.
    """

    slots = ("momentum", "norm")

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        m = self.beta_1 * slots[0] + (1 - self.beta_1) * gradient
        u = jnp.maximum(self.beta_2 * slots[1], jnp.abs(gradient))
        return value - learning_rate / one_minus_power(self.beta_1, step) * m / (u + self.epsilon), (m, u)
