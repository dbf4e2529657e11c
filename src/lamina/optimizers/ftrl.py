"""FTRL: follow the regularised leader; an L1 penalty gives weights that are exactly zero."""

from typing import Any, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from .checks import number
from .optimizer import Optimizer, registry
from .options import Options


@registry.register("Ftrl", "ftrl")
class Ftrl(Optimizer):
    """Online learning of sparse linear models.

        n' = n + g²,     σ = (n'^-p - n^-p) / η         (p is `learning_rate_power`, -1/2 in the paper)
        z ← z + g + 2 s w - σ w,     n ← n'
        w ← 0 where |z| <= λ₁, elsewhere  (sign(z) λ₁ - z) / ((β + n^-p) / η + 2 λ₂)

    Args:
        learning_rate: η > 0, a number or schedule.
        learning_rate_power: p <= 0; with 0 the rate stays the same.
        initial_accumulator_value: n before the first step, >= 0.
        l1_regularization_strength: λ₁ >= 0.
        l2_regularization_strength: λ₂ >= 0, keeps steps small.
        l2_shrinkage_regularization_strength: s >= 0, keeps weights small.
        beta: β >= 0.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([0.0, 0.0])
        >>> Ftrl(0.1, initial_accumulator_value=0.0, l1_regularization_strength=0.5).apply([[2.0, 0.4]], [w]); w
        Variable([-0.075,  0.   ], float32)

    Reference: McMahan et al. 2013, Ad click prediction: a view from the trenches, algorithm 1, whose λ₂ is 2 λ₂ here.
    """

    slots = ("accumulator", "linear")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.learning_rate_power = -number("Ftrl", "-learning_rate_power", -learning_rate_power)
        self.initial_accumulator_value = number("Ftrl", "initial_accumulator_value", initial_accumulator_value)
        self.l1 = number("Ftrl", "l1_regularization_strength", l1_regularization_strength)
        self.l2 = number("Ftrl", "l2_regularization_strength", l2_regularization_strength)
        self.shrinkage = number("Ftrl", "l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength)
        self.beta = number("Ftrl", "beta", beta)

    def initial_slot(self, slot: str, value: jax.Array) -> jax.Array | np.ndarray:
        first = self.initial_accumulator_value if slot == "accumulator" else 0.0
        return np.full_like(super().initial_slot(slot, value), first)

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        n, z = slots
        grown = n + gradient * gradient
        power = jnp.power(grown, -self.learning_rate_power)
        sigma = (power - jnp.power(n, -self.learning_rate_power)) / learning_rate
        z = z + gradient + 2 * self.shrinkage * value - sigma * value
        curvature = (self.beta + power) / learning_rate + 2 * self.l2
        return (jnp.clip(z, -self.l1, self.l1) - z) / curvature, (grown, z)
