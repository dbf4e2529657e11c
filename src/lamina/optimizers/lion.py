"""Lion: every weight moves by the learning rate, in the direction that momentum and gradient agree on."""

from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .checks import number
from .optimizer import Optimizer, registry
from .options import Options


@registry.register("Lion", "lion")
class Lion(Optimizer):
    """Sign descent with momentum; half of Adam's memory.

        w ← w - η sign(β₁ m + (1 - β₁) g),    then    m ← β₂ m + (1 - β₂) g

    All steps have the same size, so η should be 3 to 10 times smaller than Adam's, and `weight_decay` as much larger.

    Args:
        learning_rate: η, a number or schedule.
        beta_1: β₁ in (0, 1).
        beta_2: β₂ in [0, 1).
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([1.0, 2.0])
        >>> Lion(learning_rate=0.1).apply([[5.0, -0.01]], [w]); w
        Variable([0.9, 2.1], float32)

    Reference: Chen et al. 2023, arXiv 2302.06675.
    """

    slots = ("momentum",)

    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.99, **options: Unpack[Options]
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = number("Lion", "beta_1", beta_1, high=1.0, open_low=True)
        self.beta_2 = number("Lion", "beta_2", beta_2, high=1.0)

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        direction = jnp.sign(self.beta_1 * slots[0] + (1 - self.beta_1) * gradient)
        return value - learning_rate * direction, (self.beta_2 * slots[0] + (1 - self.beta_2) * gradient,)
