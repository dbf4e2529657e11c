"""Gated recurrent units."""

from typing import Any

from ... import activations, ops
from ...core import Tensor
from ..layer import registry
from .cell import Cell, cell_rules, times
from .rnn import RNN, each_step, of_cell


@registry.register()
class GRUCell(Cell):
    """One step of `GRU`: from x and the states [h] to the output h' and the states [h'].

    Args: as `GRU`.

    Input (N, F), states of (N, U); output (N, U).
    Weights: kernel (F, 3U), recurrent_kernel (U, 3U), bias (2, 3U), or (3U) without `reset_after`.

    Example:
        >>> import lamina
        >>> output, states = lamina.layers.GRUCell(3)(lamina.ops.zeros((2, 4)), [lamina.ops.zeros((2, 3))])
        >>> output.shape, len(states)
        ((2, 3), 1)
    """

    gates = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
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
        reset_after: bool = True,
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
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def bias_shape(self, width: int) -> tuple[int, ...]:
        return (2, width) if self.reset_after else (width,)

    def project(self, inputs: Tensor) -> Tensor:
        gates = inputs @ self.kernel
        if self.bias is None:
            return gates
        return gates + (self.bias[0] if self.reset_after else self.bias)

    def advance(self, gates: Tensor, states: list[Tensor], noise: Tensor | None) -> list[Tensor]:
        (h,) = states
        seen, cut = times(h, noise), [2 * self.units]
        x_gates, x_candidate = ops.split(gates, cut, axis=-1)
        kernel, last = ops.split(self.recurrent_kernel, cut, axis=-1)
        two = self.bias is not None and self.reset_after
        bias_gates, bias_candidate = ops.split(self.bias[1], cut) if two else (0.0, 0.0)  # type: ignore[index]
        z, r = ops.split(self.recurrent_activation(x_gates + seen @ kernel + bias_gates), 2, axis=-1)
        reached = r * (seen @ last + bias_candidate) if self.reset_after else (r * seen) @ last
        return [z * h + (1.0 - z) * self.activation(x_candidate + reached)]


@registry.register()
class GRU(RNN):
    """Gated recurrent units: h_t = z_t · h_{t−1} + (1 − z_t) · tanh(x^h + r_t · s^h), t = 1, ..., T, with

    z_t = σ(x^z + s^z) and r_t = σ(x^r + s^r). The x are the parts of x_t · kernel + bias[0], and the s those of
    h_{t−1} · recurrent_kernel + bias[1].

    Args:
        units: U.
        activation: in place of tanh.
        recurrent_activation: in place of σ.
        use_bias, *_initializer, *_regularizer, *_constraint: as in `Dense`, for the kernel, the recurrent kernel and
            the bias.
        dropout, recurrent_dropout: share of x, of h, that is set to 0 in training; the same places in all steps.
        seed: of the dropout.
        return_sequences, return_state, go_backwards, stateful, unroll: as in `RNN`; the state is h_T.
        reset_after: without it, r_t · s^h becomes (r_t · h_{t−1}) · recurrent_kernel^h, and there is one bias.
        use_cudnn: has no effect: the loop is Lamina's own on every device.

    Input (N, T, F); output h_T (N, U), or all h_t (N, T, U) with `return_sequences`.
    Weights: kernel (F, 3U), recurrent_kernel (U, 3U), bias (2, 3U) or (3U), the gates in the order z r h.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.GRU(4)
        >>> layer(lamina.ops.ones((2, 10, 3))).shape, layer.count_params()
        ((2, 4), 108)

    Reference: Cho et al., arXiv 1406.1078. Keras draws a dropout mask for each gate where `recurrent_dropout` is set.
    PyTorch's order is r z n, and it always resets after.
    """

    cell: GRUCell

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
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
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        cell = GRUCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint,
            recurrent_constraint, bias_constraint, dropout, recurrent_dropout, reset_after, seed, **of_cell(kwargs),
        )  # fmt: skip
        kwargs |= {"activity_regularizer": activity_regularizer}
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, unroll, **kwargs)

    def run(self, sequences: Tensor, states: list[Any], mask: Any, training: bool) -> tuple[Tensor, Tensor, list[Any]]:
        cell = self.cell
        of_inputs, of_states = noise = cell.noise(sequences[:, 0], states, training)
        usual = cell.activation is ops.tanh and cell.recurrent_activation is ops.sigmoid
        if not usual or of_states is not None:
            return self.by_steps(sequences, states, mask, training, noise)
        x, weights = each_step(sequences, of_inputs), (cell.kernel, cell.recurrent_kernel, cell.bias)
        hs, h = ops.gru(x, *weights, *states, mask, cell.reset_after, self.go_backwards)
        return hs, h, [h]
