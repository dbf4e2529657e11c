"""LAMB: Adam whose step is as large, compared with the weights, in each tensor."""

from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .adam import Adam
from .lars import trust_ratio
from .optimizer import registry
from .options import Options


@registry.register("Lamb", "lamb")
class Lamb(Adam):
    """Layer-wise adaptive moments, for very large batches.

        r = m̂ / (√v̂ + ε)         (Adam's direction)
        w ← w - η |w| / |r| · r         (the ratio is 1 where a norm is 0)

    Args:
        learning_rate: η, a number or schedule.
        beta_1, beta_2: see `Adam`.
        epsilon: ε > 0.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([3.0, 4.0])
        >>> Lamb(learning_rate=0.1).apply([[1.0, 0.0]], [w]); w      # one tenth of |w| = 5
        Variable([2.5, 4. ], float32)

    Reference: You et al. 2020, arXiv 1904.00962.
    The paper adds λ w to r before the norms are taken; here, as in Keras, `weight_decay` stands apart from the step.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        m_hat, scale, slots = self.moments(gradient, slots, step)
        direction = m_hat / scale
        ratio = trust_ratio(jnp.linalg.norm(value.ravel()), jnp.linalg.norm(direction.ravel()))
        return value - ratio * learning_rate * direction, slots
