"""Muon: momentum whose matrices are made orthogonal, so that every direction of a matrix learns at one speed."""

from collections.abc import Sequence
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from ..core import Variable
from .adam import Adam
from .checks import number
from .optimizer import Optimizer, registry
from .options import CommonOptions
from .selection import chosen


def orthogonalize(x: jax.Array, steps: int, a: float, b: float, c: float) -> jax.Array:
    """Nearly U Vᵀ of the singular value decomposition U S Vᵀ of a matrix, by Newton and Schulz' iteration.

        x ← x / |x|,   then `steps` times   y = x xᵀ,   x ← a x + (b y + c y²) x

    With Muon's a, b, c the singular values end between about 0.7 and 1.2, not at 1: five steps are enough for that.

    Args:
        x: (rows, columns).

    Example:
        >>> x = jnp.array([[3.0, 0.0], [0.0, 1.0]])
        >>> orthogonalize(x, 12, 1.5, -0.5, 0.0).round(3).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (jnp.linalg.norm(x) + 1e-7)  # no singular value is above 1 now; a matrix of zeros stays one
    for _ in range(steps):
        y = x @ x.T
        x = a * x + (b * y + c * y @ y) @ x
    return x.T if tall else x


@registry.register("Muon", "muon")
class Muon(Optimizer):
    """Momentum, orthogonalised; for the matrices inside a network, with AdamW for all other variables.

        m ← μ m + g,    u = g + μ m  (nesterov)  or  m
        w ← w - η · 0.2 √max(rows, columns) · orthogonalize(u)         (0.2 is `rms_rate`)

    Vectors, tensors with more than two axes, embeddings, and what `exclude_layers` finds get AdamW's step. The
    output layer should be named there.

    Args:
        learning_rate: η, a number or schedule.
        adam_beta_1, adam_beta_2, epsilon: β₁, β₂ and ε of AdamW.
        adam_weight_decay: λ of AdamW; None: no decay.
        weight_decay: λ of Muon's matrices; None: no decay.
        exclude_layers: regular expressions; variables in whose path one is found get AdamW.
        exclude_embeddings: give AdamW to variables with "embedding" in their path.
        muon_a, muon_b, muon_c: coefficients of `orthogonalize`.
        adam_lr_ratio: η of AdamW is η · this.
        momentum: μ in [0, 1).
        ns_steps: steps of `orthogonalize`.
        nesterov: step from where the momentum leads.
        rms_rate: makes steps as large as AdamW's, so that η and λ can be the same; None: factor 1.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([[1.0, 0.0], [0.0, 1.0]])
        >>> Muon(learning_rate=0.1, muon_a=1.5, muon_b=-0.5, muon_c=0.0, ns_steps=12, rms_rate=None,
        ...      weight_decay=None).apply([[[3.0, 0.0], [0.0, 1.0]]], [w])
        >>> w                                              # both directions moved by η, whatever their gradients
        Variable([[0.9, 0. ],
                  [0. , 0.9]], float32)

    Reference: Jordan et al. 2024, Muon: an optimizer for hidden layers; Liu et al. 2025, arXiv 2502.16982.
    Keras differs: in AdamW's step it adds ε to √v before the correction by 1 - β₂^t.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        *,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.775,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1.0,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(learning_rate, weight_decay, **options)
        self._adam = Adam(learning_rate, adam_beta_1, adam_beta_2, epsilon)
        self.adam_weight_decay = self._optional("adam_weight_decay", adam_weight_decay)
        self.exclude_layers, self.exclude_embeddings = list(exclude_layers or ()), exclude_embeddings
        self.coefficients = (muon_a, muon_b, muon_c)
        self.adam_lr_ratio = number("Muon", "adam_lr_ratio", adam_lr_ratio)
        self.momentum = number("Muon", "momentum", momentum, high=1.0)
        self.ns_steps, self.nesterov = ns_steps, nesterov
        self.rms_rate = self._optional("rms_rate", rms_rate)

    def slots_of(self, variable: Variable) -> tuple[str, ...]:
        return self._adam.slots if self._is_for_adam(variable) else ("momentum",)

    def decay_of(self, variable: Variable) -> float:
        if not self._is_for_adam(variable) or chosen(variable, self._without_decay):
            return super().decay_of(variable)
        return self.adam_weight_decay or 0.0

    def _is_for_adam(self, variable: Variable) -> bool:
        embedding = self.exclude_embeddings and "embedding" in variable.path.lower()
        return len(variable.shape) != 2 or embedding or chosen(variable, self.exclude_layers)

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        if len(slots) > 1:
            return self._adam.update(value, gradient, slots, learning_rate * self.adam_lr_ratio, step)
        m = self.momentum * slots[0] + gradient
        direction = orthogonalize(
            gradient + self.momentum * m if self.nesterov else m, self.ns_steps, *self.coefficients
        )
        size = self.rms_rate * max(value.shape) ** 0.5 if self.rms_rate else 1.0
        return value - learning_rate * size * direction, (m,)
