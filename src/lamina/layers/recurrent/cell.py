"""What the cells share: weights, states and dropout. A cell is one step of a recurrent layer."""

from typing import Any, ClassVar

import numpy as np

from ... import activations, ops
from ...core import Tensor
from ...core.random import next_key
from ..arguments import known_axis, rules, share, whole
from ..dropout import place_of
from ..layer import Layer

Noise = tuple[Tensor | None, Tensor | None]


class Cell(Layer):
    """Base of `SimpleRNNCell`, `LSTMCell`, `GRUCell` and the cells of the `ConvLSTM` layers.

    A step is cut in two, so that a layer can do the first half for all steps at once: `project` takes the inputs to
    the gates, `advance` does the rest.

    Args:
        units: U.
        weight_rules: of the kernel, the recurrent kernel and the bias; that of the bias is None where there is none.
        dropout, recurrent_dropout: share of the inputs, of the states, that is set to 0 in training.
        seed: sets their masks apart from those of other layers.
    """

    gates: ClassVar[int]
    state_count: ClassVar[int] = 1

    def __init__(
        self,
        units: int,
        activation: Any,
        weight_rules: tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None],
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        who = type(self).__name__
        self.units = whole(units, who, "units")
        self.activation = activations.get(activation)
        self.kernel_rules, self.recurrent_rules, self.bias_rules = weight_rules
        self.dropout, self.recurrent_dropout = share(dropout, who, "dropout"), share(recurrent_dropout, who)
        self.seed = seed

    @property
    def state_size(self) -> Any:
        """U, or [U, U] for two states."""
        return self.units if self.state_count == 1 else [self.units] * self.state_count

    @property
    def output_size(self) -> int:
        """U."""
        return self.units

    def build(self, input_shape: tuple[int, ...]) -> None:
        width = self.gates * self.units
        self.kernel = self.add_weight((known_axis(input_shape, -1, self), width), name="kernel", **self.kernel_rules)
        self.recurrent_kernel = self.add_weight((self.units, width), name="recurrent_kernel", **self.recurrent_rules)
        self.add_bias(width)

    def add_bias(self, width: int) -> None:
        """Make the bias, if there is one: the last variable."""
        self.bias = None
        if self.bias_rules is not None:
            self.bias = self.add_weight(self.bias_shape(width), name="bias", **self.bias_rules)

    def bias_shape(self, width: int) -> tuple[int, ...]:
        """The bias' shape for `width` gate values."""
        return (width,)

    def get_initial_state(self, batch_size: int) -> list[Tensor]:
        """Zeros, one tensor for each state."""
        return [ops.zeros((batch_size, self.units), self.compute_dtype) for _ in range(self.state_count)]

    def noise(self, inputs: Tensor, states: Any, training: bool) -> Noise:
        """What inputs and states are multiplied by in training; the same in all steps of a sequence."""
        state = states[0] if isinstance(states, (list, tuple)) else states
        rates = (self.dropout, self.recurrent_dropout) if training else (0.0, 0.0)
        return self._mask(inputs, rates[0]), self._mask(state, rates[1])

    def _mask(self, like: Tensor, rate: float) -> Tensor | None:
        return None if rate == 0 else ops.dropout(ops.ones_like(like), rate, next_key(place_of(self.seed)))

    def project(self, inputs: Tensor) -> Tensor:
        """What the inputs add to the gates: (..., F) -> (..., gates · U)."""
        gates = inputs @ self.kernel
        return gates if self.bias is None else gates + self.bias

    def advance(self, gates: Tensor, states: list[Tensor], noise: Tensor | None) -> list[Tensor]:
        """The new states, of which the first is the output."""
        raise NotImplementedError(f"{type(self).__name__} must define advance(gates, states, noise)")

    def call(  # type: ignore[override]
        self, inputs: Tensor, states: Any, training: bool = False, noise: Noise | None = None
    ) -> Any:
        of_inputs, of_states = self.noise(inputs, states, training) if noise is None else noise
        several = isinstance(states, (list, tuple))
        new = self.advance(self.project(times(inputs, of_inputs)), list(states) if several else [states], of_states)
        return new[0], new if several else new[0]


def times(value: Tensor, mask: Tensor | None) -> Tensor:
    """The value, with dropout if there is some."""
    return value if mask is None else value * mask


def cell_rules(
    initializers: tuple[Any, Any, Any],
    regularizers: tuple[Any, Any, Any],
    constraints: tuple[Any, Any, Any],
    bias: bool,
) -> Any:
    """The rules of a cell's kernel, recurrent kernel and bias, from arguments in this order."""
    kernel, recurrent, of_bias = (rules(*each) for each in zip(initializers, regularizers, constraints, strict=True))
    return kernel, recurrent, of_bias if bias else None


def with_open_forget_gate(bias_rules: dict[str, Any] | None, units: int) -> dict[str, Any] | None:
    """The rules of an LSTM's bias whose forget gate starts at 1, so that at first nothing is forgotten."""
    if bias_rules is None:
        return None
    draw = bias_rules["initializer"]

    def initializer(shape: Any, dtype: Any) -> Any:
        parts = [draw((units,), dtype), np.ones(units), draw((2 * units,), dtype)]
        return np.concatenate([np.asarray(part) for part in parts]).astype(dtype)

    return {**bias_rules, "initializer": initializer}
