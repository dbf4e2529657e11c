"""The base of all metrics, and the table that finds them by name."""

from collections.abc import Callable, Sequence
from typing import Any

import jax

from .. import initializers
from ..core import Configurable, Registry, Tensor, Variable, floatx, snake_case, stop_gradient
from ..core.budget import spend
from ..ops import cast

registry: Registry[Any] = Registry("metric")
functions: Registry[Callable[..., Tensor]] = Registry("metric function")


class Metric(Configurable):
    """Base of all metrics: numbers gathered batch by batch in Variables.

    A subclass makes its Variables in the constructor, and defines `update_state` and `result` without
    Python branches on values, so that both can be part of a compiled program.

    Args:
        name: by default the class' name in snake_case.
        dtype: type of the state; by default the default float type.

    Attributes:
        variables: the state, in the order in which it was made.

    Example:
        >>> from lamina import ops
        >>> class Largest(Metric):
        ...     def __init__(self, name=None, dtype=None):
        ...         super().__init__(name, dtype)
        ...         self.largest = self.add_variable(name="largest")
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.largest.assign(ops.maximum(self.largest, ops.max(y_pred)))
        ...     def result(self):
        ...         return self.largest
        >>> largest = Largest()
        >>> largest.update_state(None, [1.0, 3.0]); largest.update_state(None, [2.0])
        >>> largest.result().item()
        3.0
    """

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.dtype = dtype or floatx()
        self._state: list[tuple[Variable, Callable[[], jax.Array]]] = []

    def add_variable(
        self, shape: Sequence[int] = (), initializer: Any = "zeros", dtype: Any = None, name: str = "state"
    ) -> Variable:
        """A piece of state, set to what `initializer` makes now and at each `reset_state`."""
        spend(shape, type(self).__name__)
        draw = initializers.get(initializer)

        def first() -> jax.Array:
            return draw(tuple(shape), dtype or self.dtype)

        made = Variable(first, name=name, trainable=False)
        made.path = f"{self.name}/{name}"
        self._state.append((made, first))
        return made

    add_weight = add_variable  # its older name

    @property
    def variables(self) -> list[Variable]:
        """The state."""
        return [variable for variable, _ in self._state]

    def build(self, output_shape: Sequence[int | None]) -> None:
        """Make the state that depends on the number of outputs; most metrics have none."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account.

        Args:
            y_true: labels, (N, ...).
            y_pred: predictions, (N, ...).
            sample_weight: (N,), or of more of the first axes; None for 1.
        """
        raise NotImplementedError(f"{type(self).__name__} must define update_state(y_true, y_pred, sample_weight)")

    def result(self) -> Any:
        """The value over all batches since the last `reset_state`: a Tensor, or a dict of them."""
        raise NotImplementedError(f"{type(self).__name__} must define result()")

    def reset_state(self) -> None:
        """Forget all batches. In `fit` and `evaluate` it is compiled, as `update_state` and `result` are."""
        for variable, first in self._state:
            variable.assign(first())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`update_state`, then `result`."""
        self.update_state(*args, **kwargs)
        return self.result()

    def _number(self, value: Any) -> Tensor:
        """Values without their history, in the metric's type."""
        return cast(stop_gradient(value), self.dtype)
