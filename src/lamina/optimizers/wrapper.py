"""What optimizers share that work through another one."""

from collections.abc import Iterable, Sequence
from typing import Any

import jax

from ..core import Variable
from .find import get
from .optimizer import Optimizer


class Wrapper(Optimizer):
    """Base of optimizers that change what another one is given, or what comes of it.

    Learning rate, number of updates, decay and clipping are the inner optimizer's; a subclass writes `apply`.

    Args:
        inner_optimizer: an optimizer, its name or config.
        name: by default the class' name in snake_case.
    """

    def __init__(self, inner_optimizer: Any, name: str | None = None) -> None:
        super().__init__(0.0, name=name)
        self.inner_optimizer: Optimizer = get(inner_optimizer)
        self.iterations = self.inner_optimizer.iterations

    def own_variables(self) -> list[Variable]:
        """State beside the slots and the inner optimizer's."""
        return []

    @property
    def variables(self) -> list[Variable]:
        """Everything that it and the inner optimizer remember."""
        slots = [s for v in self._built for s in self._state[id(v)].values()]
        return [*self.own_variables(), *slots, *self.inner_optimizer.variables]

    def build(self, variables: Iterable[Variable]) -> None:
        """Make the state, the inner optimizer's too."""
        targets = list(variables)
        super().build(targets)
        self.inner_optimizer.build(targets)

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    def scale_learning_rate(
        self, factor: float, var_list: Sequence[Variable] = (), var_names: Sequence[str] = ()
    ) -> None:
        """See `Optimizer.scale_learning_rate`."""
        self.inner_optimizer.scale_learning_rate(factor, var_list, var_names)

    def exclude_from_weight_decay(self, var_list: Sequence[Variable] = (), var_names: Sequence[str] = ()) -> None:
        """See `Optimizer.exclude_from_weight_decay`."""
        self.inner_optimizer.exclude_from_weight_decay(var_list, var_names)

    def scale_loss(self, loss: Any) -> Any:
        """See `Optimizer.scale_loss`."""
        return self.inner_optimizer.scale_loss(loss)

    def evaluation_value(self, variable: Variable) -> jax.Array:
        """See `Optimizer.evaluation_value`."""
        return self.inner_optimizer.evaluation_value(variable)

    def finalize_variable_values(self, variables: Sequence[Variable]) -> None:
        """See `Optimizer.finalize_variable_values`."""
        self.inner_optimizer.finalize_variable_values(variables)
