"""Adagrad: steps divided by the root of the sum of all squared gradients."""

from typing import Any, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from .checks import number
from .optimizer import Optimizer, registry
from .options import Options


@registry.register("Adagrad", "adagrad")
class Adagrad(Optimizer):
    """Weights that rarely get a gradient, such as those of rare words, take larger steps.

        a ← a + g²,    w ← w - η g / √(a + ε)         (a starts at `initial_accumulator_value`)

    Args:
        learning_rate: η, a number or schedule.
        initial_accumulator_value: a before the first step, >= 0.
        epsilon: ε > 0.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([1.0])
        >>> Adagrad(learning_rate=0.1, initial_accumulator_value=0.0).apply([[4.0]], [w]); w
        Variable([0.9], float32)

    Reference: Duchi, Hazan and Singer 2011, Journal of Machine Learning Research 12.
    PyTorch differs: there ε stands outside the root, and a starts at 0.
    """

    slots = ("accumulator",)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = number("Adagrad", "initial_accumulator_value", initial_accumulator_value)
        self.epsilon = number("Adagrad", "epsilon", epsilon, open_low=True)

    def initial_slot(self, slot: str, value: jax.Array) -> jax.Array | np.ndarray:
        return np.full_like(super().initial_slot(slot, value), self.initial_accumulator_value)

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        total = slots[0] + gradient * gradient
        return value - learning_rate * gradient / jnp.sqrt(total + self.epsilon), (total,)
