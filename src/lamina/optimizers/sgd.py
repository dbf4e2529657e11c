"""Gradient descent, with momentum if asked."""

from typing import Any, Unpack

import jax

from .checks import number
from .optimizer import Optimizer, Options, registry


@registry.register("SGD", "sgd")
class SGD(Optimizer):
    """Gradient descent.

        without momentum:  w ← w - η g
        with momentum:     m ← μ m - η g,   w ← w + m
        with nesterov:     m ← μ m - η g,   w ← w + μ m - η g

    Args:
        learning_rate: η, a number or schedule.
        momentum: μ in [0, 1).
        nesterov: step from where the momentum leads.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([1.0])
        >>> SGD(learning_rate=0.1).apply([[2.0]], [w]); w
        Variable([0.8], float32)

    Reference: Polyak 1964; Nesterov 1983; Sutskever et al. 2013, On the importance of initialization and momentum.
    PyTorch differs: there η multiplies m when it is used, so a change of η also scales the past.
    """

    def __init__(
        self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, **options: Unpack[Options]
    ) -> None:
        super().__init__(learning_rate, **options)
        self.momentum = number("SGD", "momentum", momentum, high=1.0)
        self.nesterov = nesterov
        self.slots = ("momentum",) if momentum else ()

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        change = -learning_rate * gradient
        if not slots:
            return value + change, ()
        m = self.momentum * slots[0] + change
        return value + (self.momentum * m + change if self.nesterov else m), (m,)
