"""Stochastic weight averaging: the mean of the weights along the end of training."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core import Variable
from .checks import number
from .optimizer import registry
from .wrapper import Wrapper


@registry.register("SWA", "swa")
class SWA(Wrapper):
    """The plain mean of the weights after every `frequency`-th update from `start` on.

        a ← a + (w - a) / n         (n = 1, 2, ... counts the weights that went into a)

    `use_ema` is the average that forgets: it follows the weights all the way, and its length is fixed beforehand.
    SWA wants a learning rate that stays rather high, constant or cyclic, so that the weights walk around in the
    valley whose middle their mean is. `evaluation_values` puts the mean in for a while, `finalize_variable_values`
    for good, as `fit` does at its end. Running statistics of BatchNormalization belong to the single weights: call
    `lamina.models.update_batch_normalization(model, x)` after `fit`; until then validation judges with the old ones.

    Args:
        inner_optimizer: an optimizer, its name or config.
        start: number of the update, from 1, whose weights are the first to be averaged.
        frequency: average every so-maniest update.
        name: by default "swa".

    Example:
        >>> from lamina import Variable
        >>> from lamina.optimizers import SGD
        >>> w, optimizer = Variable([0.0]), SWA(SGD(1.0), start=2)
        >>> for _ in range(4): optimizer.apply([[-4.0]], [w])           # w is 4, 8, 12, 16
        >>> optimizer.finalize_variable_values([w]); w
        Variable([12.], float32)

    Reference: Izmailov et al. 2018, arXiv 1803.05407.
    """

    slots = ("average",)

    def __init__(self, inner_optimizer: Any, start: int, frequency: int = 1, name: str | None = None) -> None:
        super().__init__(inner_optimizer, name)
        self.start = number("SWA", "start", start, low=1)
        self.frequency = number("SWA", "frequency", frequency, low=1)
        self.averaged = self._variable("averaged", np.int32(0))

    def own_variables(self) -> list[Variable]:
        """How many weights went into the averages."""
        return [self.averaged]

    def apply(
        self,
        gradients: Sequence[Any],
        variables: Sequence[Variable] | None = None,
        again: Callable[[], tuple[Any, Sequence[Any]]] | None = None,
    ) -> None:
        """Let the inner optimizer update, and take the mean; see `Optimizer.apply`."""
        targets = self._built if variables is None else list(variables)
        self.build(targets)
        before = self.iterations.array
        self.inner_optimizer.apply(gradients, targets, again)
        step = self.iterations.array
        due = (step != before) & (step >= self.start) & ((step - self.start) % self.frequency == 0)
        self.averaged.assign(self.averaged.array + due.astype(jnp.int32))
        for variable in targets:
            cell = self._state[id(variable)]["average"]
            average = cell.array
            n = self.averaged.array.astype(average.dtype)
            cell.assign(jnp.where(due, average + (variable.array.astype(average.dtype) - average) / n, average))

    def evaluation_value(self, variable: Variable) -> jax.Array:
        """The mean; before `start`, what the inner optimizer says."""
        other = self.inner_optimizer.evaluation_value(variable)
        if id(variable) not in self._state:
            return other
        average = self._state[id(variable)]["average"].array
        return jnp.where(self.averaged.array > 0, average, other.astype(average.dtype))

    def finalize_variable_values(self, variables: Sequence[Variable]) -> None:
        """Let the variables hold the mean for good."""
        means = [self.evaluation_value(v) for v in variables]
        self.inner_optimizer.finalize_variable_values(variables)
        for variable, mean in zip(variables, means, strict=True):
            variable.assign(mean)
