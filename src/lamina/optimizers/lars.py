"""LARS: momentum whose step is as large, compared with the weights, in each tensor."""

from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .checks import number
from .optimizer import Optimizer, registry
from .options import CommonOptions


def trust_ratio(weights: jax.Array, step: jax.Array) -> jax.Array:
    """|w| / |step|, and 1 where one of them is 0: tensors that start at zero must be able to leave it.

    Example:
        >>> trust_ratio(jnp.array(5.0), jnp.array(2.0)).item(), trust_ratio(jnp.array(0.0), jnp.array(2.0)).item()
        (2.5, 1.0)
    """
    usable = (weights > 0) & (step > 0)
    return jnp.where(usable, weights / jnp.where(usable, step, 1.0), 1.0)


@registry.register("LARS", "lars")
class LARS(Optimizer):
    """Layer-wise adaptive rate scaling, for very large batches.

        r = c |w| / (|g| + λ |w|)         (for each tensor; 1 where |w| or |g| is 0)
        m ← μ m + η r (g + λ w),    w ← w - m

    Args:
        learning_rate: η, a number or schedule.
        momentum: μ in [0, 1).
        trust_coefficient: c > 0: how far a tensor may move in one step, compared with its norm.
        weight_decay: λ. Biases and scales are usually left out, see `exclude_from_weight_decay`.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([3.0, 4.0])
        >>> LARS(learning_rate=1.0, trust_coefficient=0.1, weight_decay=0.0).apply([[7.0, 0.0]], [w]); w
        Variable([2.5, 4. ], float32)

    Reference: You, Gitman and Ginsburg 2017, arXiv 1708.03888, algorithm 1. Keras has no LARS.
    """

    slots = ("momentum",)

    def __init__(
        self,
        learning_rate: Any = 0.1,
        momentum: float = 0.9,
        trust_coefficient: float = 0.001,
        weight_decay: float = 0.0005,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(learning_rate, weight_decay, **options)
        self.momentum = number("LARS", "momentum", momentum, high=1.0)
        self.trust_coefficient = number("LARS", "trust_coefficient", trust_coefficient, open_low=True)

    def update_and_decay(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array, decay: float
    ) -> tuple[jax.Array, Any]:
        weights, pull = jnp.linalg.norm(value.ravel()), jnp.linalg.norm(gradient.ravel())
        scaled = self.trust_coefficient * weights / (pull + decay * weights)
        ratio = jnp.where((weights > 0) & (pull > 0), scaled, 1.0)
        m = self.momentum * slots[0] + learning_rate * ratio * (gradient + decay * value)
        return value - m, (m,)
