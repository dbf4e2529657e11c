"""Gradient descent, with momentum if asked."""

from typing import Any, Unpack

import jax

from .checks import number, one_of
from .optimizer import Optimizer, registry
from .options import Options


@registry.register("SGD", "sgd")
class SGD(Optimizer):
    """Gradient descent.

        without momentum:  w ← w - η g
        with momentum:     m ← μ m - η g,   w ← w + m
        with nesterov:     m ← μ m - η g,   w ← w + μ m - η g
        with momentum_of="gradients":  m ← μ m + g,   w ← w - η m,   with nesterov  w ← w - η (g + μ m)

    The two kinds of momentum are the same as long as η is: after a change of η, past steps keep their size
    in the first, and past gradients are weighed anew in the second.

    Args:
        learning_rate: η, a number or schedule.
        momentum: μ in [0, 1).
        nesterov: step from where the momentum leads.
        momentum_of: what m adds up, "steps" or "gradients".
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([1.0])
        >>> SGD(learning_rate=0.1).apply([[2.0]], [w]); w
        Variable([0.8], float32)

    Reference: Polyak 1964; Nesterov 1983; Sutskever et al. 2013, On the importance of initialization and momentum.
    PyTorch has momentum of gradients.
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        *,
        momentum_of: str = "steps",
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.momentum = number("SGD", "momentum", momentum, high=1.0)
        self.nesterov = nesterov
        self.momentum_of = one_of("SGD", "momentum_of", momentum_of, ("steps", "gradients"))
        self.slots = ("momentum",) if momentum else ()

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        if not slots:
            return value - learning_rate * gradient, ()
        of_steps = self.momentum_of == "steps"
        new = -learning_rate * gradient if of_steps else gradient
        m = self.momentum * slots[0] + new
        change = self.momentum * m + new if self.nesterov else m
        return value + change if of_steps else value - learning_rate * change, (m,)
