"""Adam: steps of a size that the recent gradients' mean and spread agree on."""

import math
from collections.abc import Sequence
from typing import Any, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from ..native import has_kernels, run_kernel
from .checks import number
from .optimizer import Change, Optimizer, registry
from .options import Options

_LARGE = 2**16  # numbers in a tensor; with fewer they stay in the cache from one pass to the next


def one_minus_power(beta: float, step: jax.Array) -> jax.Array:
    """1 - β^t, exact to rounding also where β^t is close to 1.

    Example:
        >>> float(one_minus_power(0.999, jnp.float32(1.0)))
        0.001
    """
    return -jnp.expm1(step * math.log(beta)) if beta > 0 else jnp.ones_like(step)


class AdaptiveMoments(Optimizer):
    """Base of `Adam`, `Adamax` and `Nadam`, which keep a mean m of gradients and a measure of their size.

    Args:
        learning_rate: η, a number or schedule.
        beta_1: β₁ in [0, 1), of m.
        beta_2: β₂ in [0, 1), of the size.
        epsilon: ε > 0.
        options: those of `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        who = type(self).__name__
        self.beta_1, self.beta_2 = number(who, "beta_1", beta_1, high=1.0), number(who, "beta_2", beta_2, high=1.0)
        self.epsilon = number(who, "epsilon", epsilon, open_low=True)


@registry.register("Adam", "adam")
class Adam(AdaptiveMoments):
    """Adaptive moments.

        m ← β₁ m + (1 - β₁) g,    v ← β₂ v + (1 - β₂) g²      (v is the second moment)
        m̂ = m / (1 - β₁^t),       v̂ = v / (1 - β₂^t)          (t = 1, 2, ...)
        w ← w - η m̂ / (√v̂ + ε)

    With `amsgrad`, the largest v so far takes the place of v in v̂.

    Args:
        learning_rate: η, a number or schedule.
        beta_1: β₁ in [0, 1).
        beta_2: β₂ in [0, 1).
        epsilon: ε > 0.
        amsgrad: never let the step grow again because v has fallen.
        options: those of `Optimizer`.

    Example:
        >>> from lamina import Variable
        >>> w = Variable([1.0, 2.0])
        >>> Adam(learning_rate=0.1).apply([[5.0, -0.01]], [w]); w      # the first step has the size η
        Variable([0.9, 2.1], float32)

    Reference: Kingma and Ba 2015, arXiv 1412.6980; AMSGrad: Reddi et al. 2018, arXiv 1904.09237.
    Keras differs: it adds ε = 1e-7 to √v before the correction by 1 - β₂^t, which makes ε larger in the first steps.
    PyTorch computes as here.
    """

    slots: tuple[str, ...] = ("momentum", "velocity")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        amsgrad: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self.amsgrad = amsgrad
        if amsgrad:
            self.slots = ("momentum", "velocity", "velocity_max")

    def update(
        self, value: jax.Array, gradient: jax.Array, slots: Any, learning_rate: jax.Array, step: jax.Array
    ) -> tuple[jax.Array, Any]:
        change = Change(value, gradient, slots, learning_rate, step)
        if value.size >= _LARGE and self._is_native(change):
            return self._by_kernel([change])[0]
        m_hat, scale, slots = self.moments(gradient, slots, step)
        return value - learning_rate * m_hat / scale, slots

    def updates(self, changes: Sequence[Change]) -> list[tuple[jax.Array, Any]]:
        own = type(self).update is Adam.update and type(self).update_and_decay is Optimizer.update_and_decay
        some = [i for i, c in enumerate(changes) if own and c.value.size < _LARGE and self._is_native(c)]
        together = dict(zip(some, self._by_kernel([changes[i].decayed() for i in some]), strict=True))
        return [together[i] if i in together else self.update_and_decay(*c) for i, c in enumerate(changes)]

    @staticmethod
    def _is_native(change: Change) -> bool:
        return len(change.slots) == 2 and has_kernels(change.value, change.gradient, *change.slots, many=True)

    def _by_kernel(self, changes: Sequence[Change]) -> list[tuple[jax.Array, Any]]:
        """The same in one pass over the memory, for all tensors in one call."""
        if not changes:
            return []
        now = {id(c.learning_rate): self._now(c) for c in changes}
        inputs = [x for c in changes for x in (c.value, c.gradient, *c.slots, now[id(c.learning_rate)])]
        numbers = {name: np.float32(getattr(self, name)) for name in ("beta_1", "beta_2", "epsilon")}
        places = {5 * i + k: 3 * i + j for i in range(len(changes)) for j, k in enumerate((0, 2, 3))}
        shapes = [c.value.shape for c in changes for _ in range(3)]
        results = run_kernel("adam", shapes, *inputs, replaces=places, **numbers)
        return [(results[i], tuple(results[i + 1 : i + 3])) for i in range(0, len(results), 3)]

    def _now(self, change: Change) -> jax.Array:
        """What differs from step to step: η, 1/(1 − β₁^t), 1/(1 − β₂^t)."""
        corrections = (1 / one_minus_power(beta, change.step) for beta in (self.beta_1, self.beta_2))
        return jnp.stack([jnp.asarray(number, jnp.float32) for number in (change.learning_rate, *corrections)])

    def moments(self, gradient: jax.Array, slots: Any, step: jax.Array) -> tuple[jax.Array, jax.Array, Any]:
        """m̂, √v̂ + ε and the new slots."""
        m = self.beta_1 * slots[0] + (1 - self.beta_1) * gradient
        v = self.beta_2 * slots[1] + (1 - self.beta_2) * gradient * gradient
        v_max = [jnp.maximum(largest, v) for largest in slots[2:]]  # empty without amsgrad
        m_hat = m / one_minus_power(self.beta_1, step)
        v_hat = (v_max[0] if v_max else v) / one_minus_power(self.beta_2, step)
        return m_hat, jnp.sqrt(v_hat) + self.epsilon, (m, v, *v_max)
