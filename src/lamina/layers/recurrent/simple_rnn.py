"""The simple recurrent layer."""

from typing import Any

from ... import ops
from ...core import Tensor
from ..layer import registry
from .cell import Cell, cell_rules, times
from .rnn import RNN, each_step, of_cell


@registry.register()
class SimpleRNNCell(Cell):
    """One step of `SimpleRNN`: h' = activation(x · kernel + h · recurrent_kernel + bias).

    Args: as `SimpleRNN`.

    Input (N, F) and states [h], h (N, U); output h' and the states [h'].
    Weights: kernel (F, U), recurrent_kernel (U, U), bias (U).

    Example:
        >>> import lamina
        >>> cell = lamina.layers.SimpleRNNCell(1, None, kernel_initializer="ones", recurrent_initializer="ones")
        >>> cell(lamina.Tensor([[1.0, 2.0]]), [lamina.Tensor([[0.5]])])
        (Tensor([[3.5]], float32), [Tensor([[3.5]], float32)])
    """

    gates = 1

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
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
        weight_rules = cell_rules(
            (kernel_initializer, recurrent_initializer, bias_initializer),
            (kernel_regularizer, recurrent_regularizer, bias_regularizer),
            (kernel_constraint, recurrent_constraint, bias_constraint),
            use_bias,
        )
        super().__init__(units, activation, weight_rules, dropout, recurrent_dropout, seed, **kwargs)

    def advance(self, gates: Tensor, states: list[Tensor], noise: Tensor | None) -> list[Tensor]:
        return [self.activation(gates + times(states[0], noise) @ self.recurrent_kernel)]


@registry.register()
class SimpleRNN(RNN):
    """A recurrent layer: h_t = activation(x_t · kernel + h_{t−1} · recurrent_kernel + bias), t = 1, ..., T.

    Args:
        units: U.
        activation: name or function.
        use_bias, *_initializer, *_regularizer, *_constraint: as in `Dense`, for the kernel, the recurrent kernel and
            the bias.
        dropout, recurrent_dropout: share of x, of h, that is set to 0 in training; the same places in all steps.
        return_sequences, return_state, go_backwards, stateful, unroll: as in `RNN`.
        seed: of the dropout.

    Input (N, T, F); output h_T (N, U), or all h_t (N, T, U) with `return_sequences`.
    Weights: kernel (F, U), recurrent_kernel (U, U), bias (U).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.SimpleRNN(1, "linear", kernel_initializer="ones", recurrent_initializer="ones")
        >>> layer(lamina.Tensor([[[1.0], [2.0], [3.0]]]))
        Tensor([[6.]], float32)

    Reference: Elman 1990, Finding structure in time. It forgets quickly: Bengio et al. 1994.
    """

    cell: SimpleRNNCell

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        cell = SimpleRNNCell(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, **of_cell(kwargs),
        )  # fmt: skip
        kwargs |= {"activity_regularizer": activity_regularizer}
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, unroll, **kwargs)

    def run(self, sequences: Tensor, states: list[Any], mask: Any, training: bool) -> tuple[Tensor, Tensor, list[Any]]:
        cell = self.cell
        of_inputs, of_states = noise = cell.noise(sequences[:, 0], states, training)
        if cell.activation is not ops.tanh or of_states is not None:
            return self.by_steps(sequences, states, mask, training, noise)
        x = each_step(sequences, of_inputs)
        hs, h = ops.simple_rnn(x, cell.kernel, cell.recurrent_kernel, cell.bias, *states, mask, self.go_backwards)
        return hs, h, [h]
