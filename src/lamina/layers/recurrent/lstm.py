"""Long short-term memory."""

from typing import Any

from ... import activations, ops
from ...core import Tensor
from ..layer import registry
from .cell import Cell, cell_rules, times, with_open_forget_gate
from .rnn import RNN, each_step, of_cell


@registry.register()
class LSTMCell(Cell):
    """One step of `LSTM`: from x and the states [h, c] to the output h' and the states [h', c'].

    Args: as `LSTM`.

    Input (N, F), states of (N, U); output (N, U).
    Weights: kernel (F, 4U), recurrent_kernel (U, 4U), bias (4U).

    Example:
        >>> import lamina
        >>> output, (h, c) = lamina.layers.LSTMCell(3)(lamina.ops.zeros((2, 4)), [lamina.ops.zeros((2, 3))] * 2)
        >>> output.shape, h.shape, c.shape
        ((2, 3), (2, 3), (2, 3))
    """

    gates, state_count = 4, 2

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        kernel, recurrent, bias = cell_rules(
            (kernel_initializer, recurrent_initializer, bias_initializer),
            (kernel_regularizer, recurrent_regularizer, bias_regularizer),
            (kernel_constraint, recurrent_constraint, bias_constraint),
            use_bias,
        )
        bias = with_open_forget_gate(bias, units) if unit_forget_bias else bias
        super().__init__(units, activation, (kernel, recurrent, bias), dropout, recurrent_dropout, seed, **kwargs)
        self.recurrent_activation = activations.get(recurrent_activation)

    def recur(self, h: Tensor) -> Tensor:
        """What the state adds to the gates."""
        return h @ self.recurrent_kernel

    def advance(self, gates: Tensor, states: list[Tensor], noise: Tensor | None) -> list[Tensor]:
        h, c = states
        i, f, candidate, o = ops.split(gates + self.recur(times(h, noise)), 4, axis=-1)
        gate = self.recurrent_activation
        c = gate(f) * c + gate(i) * self.activation(candidate)
        return [gate(o) * self.activation(c), c]


@registry.register()
class LSTM(RNN):
    """Long short-term memory: with z = x_t · kernel + h_{t−1} · recurrent_kernel + bias, cut into z_i, z_f, z_c, z_o,

    c_t = σ(z_f) · c_{t−1} + σ(z_i) · tanh(z_c) and h_t = σ(z_o) · tanh(c_t), for t = 1, ..., T.

    Args:
        units: U.
        activation: in place of tanh, both times.
        recurrent_activation: in place of σ, three times.
        use_bias, *_initializer, *_regularizer, *_constraint: as in `Dense`, for the kernel, the recurrent kernel and
            the bias.
        unit_forget_bias: the bias of the forget gate starts at 1, so that at first nothing is forgotten.
        dropout, recurrent_dropout: share of x, of h, that is set to 0 in training; the same places in all steps.
        seed: of the dropout.
        return_sequences, return_state, go_backwards, stateful, unroll: as in `RNN`; the states are h_T and c_T.
        use_cudnn: has no effect: the loop is Lamina's own on every device.

    Input (N, T, F); output h_T (N, U), or all h_t (N, T, U) with `return_sequences`.
    Weights: kernel (F, 4U), recurrent_kernel (U, 4U), bias (4U), the gates in the order i f c o.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.LSTM(4, return_sequences=True, return_state=True)
        >>> outputs, h, c = layer(lamina.ops.ones((2, 10, 3)))
        >>> outputs.shape, h.shape, c.shape, layer.count_params()
        ((2, 10, 4), (2, 4), (2, 4), 128)

    Reference: Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000; the bias: Jozefowicz et al. 2015.
    Keras draws a dropout mask for each gate where `recurrent_dropout` is set. PyTorch's order is i f g o.
    """

    cell: LSTMCell

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        cell = LSTMCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed,
            **of_cell(kwargs),
        )  # fmt: skip
        kwargs |= {"activity_regularizer": activity_regularizer}
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, unroll, **kwargs)

    def run(self, sequences: Tensor, states: list[Any], mask: Any, training: bool) -> tuple[Tensor, Tensor, list[Any]]:
        cell = self.cell
        of_inputs, of_states = noise = cell.noise(sequences[:, 0], states, training)
        usual = cell.activation is ops.tanh and cell.recurrent_activation is ops.sigmoid
        if not usual or of_states is not None:
            return self.by_steps(sequences, states, mask, training, noise)
        x = each_step(sequences, of_inputs)
        hs, h, c = ops.lstm(x, cell.kernel, cell.recurrent_kernel, cell.bias, *states, mask, self.go_backwards)
        return hs, h, [h, c]
