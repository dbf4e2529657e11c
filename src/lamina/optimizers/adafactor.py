"""Adafactor: Adam's division by √v, where v of a matrix is kept as its row and column means only."""

from typing import Any, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from ..core import Variable
from .checks import number
from .optimizer import Optimizer, registry
from .options import Options


def root_mean_square(x: jax.Array) -> jax.Array:
    """√mean(x²).

    Example:
        >>> root_mean_square(jnp.array([3.0, -3.0])).item()
        3.0
    """
    return jnp.sqrt(jnp.mean(x * x))


@registry.register("Adafactor", "adafactor")
class Adafactor(Optimizer):
    """Adaptive steps whose state is as small as the rows and columns of the weights.

        β = 1 - t^`beta_2_decay`,   s = g² + ε₁         (t = 1, 2, ...)
        matrices:      r ← β r + (1 - β) mean of s over the last axis,   c likewise over the axis before it,
                       v = r / mean(r) · c
        all others:    v ← β v + (1 - β) s
        u = g / √v,    u ← u / max(1, RMS(u) / d)
        ρ = min(η, 1 / √t),    w ← w - max(ε₂, RMS(w)) ρ u

    Args:
        learning_rate: η, a number or schedule.
        beta_2_decay: < 0.
        epsilon_1: ε₁ > 0.
        epsilon_2: ε₂ > 0: the least size that weights are taken to have.
        clip_threshold: d > 0.
        relative_step: with False, ρ = η.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([[1.0, 1.0], [1.0, 1.0]])
        >>> optimizer = Adafactor(learning_rate=0.1)
        >>> optimizer.apply([[[2.0, 2.0], [2.0, 2.0]]], [w]); w
        Variable([[0.9, 0.9],
                  [0.9, 0.9]], float32)
        >>> [v.shape for v in optimizer.variables[-2:]]
        [(2,), (2,)]

    Reference: Shazeer and Stern 2018, arXiv 1804.04235.
    Keras differs: it limits the rate by 1 / √t also where `relative_step` is False.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_2_decay = -number("Adafactor", "-beta_2_decay", -beta_2_decay, open_low=True)
        self.epsilon_1 = number("Adafactor", "epsilon_1", epsilon_1, open_low=True)
        self.epsilon_2 = number("Adafactor", "epsilon_2", epsilon_2, open_low=True)
        self.clip_threshold = number("Adafactor", "clip_threshold", clip_threshold, open_low=True)
        self.relative_step = relative_step

    def slots_of(self, variable: Variable) -> tuple[str, ...]:
        return ("rows", "columns") if len(variable.shape) >= 2 else ("velocity",)

    def initial_slot(self, slot: str, value: jax.Array) -> jax.Array | np.ndarray:
        like = super().initial_slot(slot, value)
        means = {"rows": lambda: like.mean(axis=-1), "columns": lambda: like.mean(axis=-2), "velocity": lambda: like}
        return means[slot]()

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        v, slots = self._second_moment(gradient * gradient + self.epsilon_1, slots, 1 - step**self.beta_2_decay)
        u = gradient / jnp.sqrt(v)
        u = u / jnp.maximum(1.0, root_mean_square(u) / self.clip_threshold)
        rho = jnp.minimum(learning_rate, 1 / jnp.sqrt(step)) if self.relative_step else learning_rate
        return value - jnp.maximum(self.epsilon_2, root_mean_square(value)) * rho * u, slots

    def _second_moment(self, squares: jax.Array, slots: Any, beta: jax.Array) -> tuple[jax.Array, Any]:
        """v and the new slots; v of a matrix is the outer product of its rows and columns."""
        if len(slots) == 1:
            v = beta * slots[0] + (1 - beta) * squares
            return v, (v,)
        rows = beta * slots[0] + (1 - beta) * squares.mean(axis=-1)
        columns = beta * slots[1] + (1 - beta) * squares.mean(axis=-2)
        share = rows / rows.mean(axis=-1, keepdims=True)
        return share[..., :, None] * columns[..., None, :], (rows, columns)
