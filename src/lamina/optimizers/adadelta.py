"""Adadelta: steps in the units of the weights, with no learning rate to choose."""

from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .checks import number
from .optimizer import Optimizer, registry
from .options import Options


@registry.register("Adadelta", "adadelta")
class Adadelta(Optimizer):
    """The ratio of recent steps to recent gradients takes the place of a learning rate.

        a ← ρ a + (1 - ρ) g²
        d = -g √(b + ε) / √(a + ε),    b ← ρ b + (1 - ρ) d²
        w ← w + η d

    Args:
        learning_rate: η, a number or schedule; the paper has 1.
        rho: ρ in [0, 1).
        epsilon: ε > 0; it also sets how large the first steps are.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([1.0])
        >>> Adadelta(learning_rate=1.0, rho=0.0, epsilon=0.01).apply([[4.0]], [w]); w     # 0.1 · 4 / √16.01
        Variable([0.900031...], float32)

    Reference: Zeiler 2012, arXiv 1212.5701.
    PyTorch differs: the default learning rate is 1 and ε is 1e-6.
    """

    slots = ("accumulated_gradient", "accumulated_step")

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float = 1e-7, **options: Unpack[Options]
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = number("Adadelta", "rho", rho, high=1.0)
        self.epsilon = number("Adadelta", "epsilon", epsilon, open_low=True)

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        a = self.rho * slots[0] + (1 - self.rho) * gradient * gradient
        d = -gradient * jnp.sqrt(slots[1] + self.epsilon) / jnp.sqrt(a + self.epsilon)
        b = self.rho * slots[1] + (1 - self.rho) * d * d
        return value + learning_rate * d, (a, b)
