"""RMSprop: steps divided by the root of the mean square of recent gradients."""

from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .checks import number
from .optimizer import Optimizer, registry
from .options import Options


@registry.register("RMSprop", "rmsprop", "rms_prop")
class RMSprop(Optimizer):
    """Gradient descent with a step size of its own for each weight.

        v ← ρ v + (1 - ρ) g²,    d = η g / √(v + ε)
        with `centered`:  a ← ρ a + (1 - ρ) g,  and v - a² in the place of v
        w ← w - d,  or with momentum  m ← μ m + d,  w ← w - m

    Args:
        learning_rate: η, a number or schedule.
        rho: ρ in [0, 1).
        momentum: μ in [0, 1).
        epsilon: ε > 0.
        centered: divide by the spread of the gradients instead of their size.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([1.0])
        >>> RMSprop(learning_rate=0.1, rho=0.0).apply([[4.0]], [w]); w     # g / √g² is the sign
        Variable([0.9], float32)

    Reference: Hinton, Neural networks for machine learning, lecture 6e, 2012; Graves 2013, arXiv 1308.0850.
    PyTorch differs: there ε stands outside the root.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = number("RMSprop", "rho", rho, high=1.0)
        self.momentum = number("RMSprop", "momentum", momentum, high=1.0)
        self.epsilon = number("RMSprop", "epsilon", epsilon, open_low=True)
        self.centered = centered
        self.slots = ("velocity", *(["average_gradient"] if centered else []), *(["momentum"] if momentum else []))

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        kept = dict(zip(self.slots, slots, strict=True))
        kept["velocity"] = spread = self.rho * kept["velocity"] + (1 - self.rho) * gradient * gradient
        if self.centered:
            kept["average_gradient"] = mean = self.rho * kept["average_gradient"] + (1 - self.rho) * gradient
            spread = spread - mean * mean
        change = learning_rate * gradient / jnp.sqrt(spread + self.epsilon)
        if self.momentum:
            kept["momentum"] = change = self.momentum * kept["momentum"] + change
        return value - change, tuple(kept.values())
