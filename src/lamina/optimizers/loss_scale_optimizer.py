"""Dynamic loss scaling: gradients of 16-bit numbers are kept in the range that these can show."""

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import ArgumentError, Variable, as_array
from .accumulation import conditionally
from .checks import number
from .optimizer import registry
from .wrapper import Wrapper


@registry.register("LossScaleOptimizer", "loss_scale_optimizer", "lossscaleoptimizer")
class LossScaleOptimizer(Wrapper):
    """Multiplies the loss by a factor s that is as large as it can be without overflow.

    The gradients, s times too large, are divided by s in float32 and handed to the inner optimizer. If one of
    them is not finite, nothing is updated and s is halved; after `dynamic_growth_steps` finite steps in a row
    s is doubled.

    Args:
        inner_optimizer: an optimizer, its name or config.
        initial_scale: the first s > 0. High is right: a scale that is too high falls faster than one too low rises.
        dynamic_growth_steps: see above.
        name: by default "loss_scale_optimizer".

    Attributes:
        dynamic_scale: s, a Variable.

    Example:
        >>> from lamina import Variable
        >>> w, optimizer = Variable([1.0]), LossScaleOptimizer("sgd", initial_scale=8.0)
        >>> optimizer.scale_loss(2.0)
        Tensor(16., float32)
        >>> optimizer.apply([[float("inf")]], [w]); w, optimizer.dynamic_scale
        (Variable([1.], float32), Variable(4., float32))
        >>> optimizer.apply([[40.0]], [w]); w                    # w - 0.01 · 40 / 4
        Variable([0.9], float32)

    Reference: Micikevicius et al. 2018, arXiv 1710.03740.
    Keras differs: it silently takes away a `loss_scale_factor` of the inner optimizer, which is an error here.
    """

    def __init__(
        self,
        inner_optimizer: Any,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
    ) -> None:
        super().__init__(inner_optimizer, name)
        if self.inner_optimizer.loss_scale_factor:
            raise ArgumentError(
                "LossScaleOptimizer",
                "the loss is scaled once",
                expected="an inner optimizer without loss_scale_factor",
                received=f"loss_scale_factor={self.inner_optimizer.loss_scale_factor}",
                remedy="Remove it, or use the inner optimizer alone",
            )
        initial_scale = number("LossScaleOptimizer", "initial_scale", initial_scale, open_low=True)
        self.dynamic_growth_steps = number("LossScaleOptimizer", "dynamic_growth_steps", dynamic_growth_steps, low=1)
        self.step_counter = self._variable("step_counter", np.int32(0))
        self.dynamic_scale = self._variable("dynamic_scale", np.float32(initial_scale))

    def own_variables(self) -> list[Variable]:
        """The scale, and the number of finite steps since it changed."""
        return [self.step_counter, self.dynamic_scale]

    def scale_loss(self, loss: Any) -> Any:
        """loss · s."""
        return self.dynamic_scale * loss

    def apply(
        self,
        gradients: Sequence[Any],
        variables: Sequence[Variable] | None = None,
        again: Callable[[], tuple[Any, Sequence[Any]]] | None = None,
    ) -> None:
        """Let the inner optimizer update if all gradients are finite; see `Optimizer.apply`."""
        given = self._built if variables is None else list(variables)
        targets = [v for _, v in self._pairs(list(gradients), given)]
        self.build(targets)
        unscaled = self._unscaled(gradients)
        finite = jnp.stack([jnp.isfinite(g).all() for g in unscaled if g is not None]).all()

        def look() -> tuple[Any, list[Any]]:
            loss, found = again()  # type: ignore[misc]
            return loss, self._unscaled(found)

        update = lambda: self.inner_optimizer.apply(unscaled, given, look if again else None)  # noqa: E731
        conditionally(finite, update, [*targets, *self.inner_optimizer.variables])
        self._adapt(finite)

    def _unscaled(self, gradients: Sequence[Any]) -> list[Any]:
        """In float32, where the quotient has room."""
        scale = self.dynamic_scale.array
        return [None if g is None else as_array(g).astype(jnp.float32) / scale for g in gradients]

    def _adapt(self, finite: Any) -> None:
        scale, steps = self.dynamic_scale.array, self.step_counter.array + 1
        full = steps == self.dynamic_growth_steps
        self.dynamic_scale.assign(jnp.where(finite, jnp.where(full, scale * 2, scale), scale / 2))
        self.step_counter.assign(jnp.where(finite & ~full, steps, 0))
