"""Long short-term memory over images: all its matmuls are convolutions."""

from typing import Any, ClassVar

from ... import ops
from ...core import Tensor
from ...ops.windows import per_axis
from ..arguments import known_axis, one_of
from ..input_spec import InputSpec
from ..layer import registry
from .lstm import LSTMCell
from .rnn import RNN, of_cell

FORMATS = ("channels_last", "channels_first")


class ConvLSTMCell(LSTMCell):
    """One step of a `ConvLSTM` layer, channels last.

    Args:
        window: kernel_size, strides, padding and dilation_rate of the convolution of the inputs.
        rank: number of space axes.
        filters, lstm: the arguments of `LSTMCell`, in order.
    """

    def __init__(self, window: tuple[Any, ...], rank: int, filters: int, *lstm: Any, **kwargs: Any) -> None:
        super().__init__(filters, *lstm, **kwargs)
        kernel_size, strides, padding, dilation_rate = window
        self.kernel_size = per_axis(kernel_size, rank, "ConvLSTM", "kernel_size")
        self.strides = per_axis(strides, rank, "ConvLSTM", "strides")
        self.dilation_rate = per_axis(dilation_rate, rank, "ConvLSTM", "dilation_rate")
        self.padding = one_of(padding.lower(), ("valid", "same"), "ConvLSTM", "padding")

    def build(self, input_shape: tuple[int, ...]) -> None:
        width = self.gates * self.units
        kernel, recurrent = (*self.kernel_size, known_axis(input_shape, -1, self), width), (self.units, width)
        self.kernel = self.add_weight(kernel, name="kernel", **self.kernel_rules)
        shape = (*self.kernel_size, *recurrent)
        self.recurrent_kernel = self.add_weight(shape, name="recurrent_kernel", **self.recurrent_rules)
        self.add_bias(width)
        sizes = [known_axis(input_shape, axis, self) for axis in range(1, len(input_shape) - 1)]
        self.space = [self._outputs(n, axis) for axis, n in enumerate(sizes)]

    def _outputs(self, size: int, axis: int) -> int:
        reach = 0 if self.padding == "same" else (self.kernel_size[axis] - 1) * self.dilation_rate[axis]
        return (size - reach - 1) // self.strides[axis] + 1

    def get_initial_state(self, batch_size: int) -> list[Tensor]:
        """Two images of zeros."""
        return [ops.zeros((batch_size, *self.space, self.units), self.compute_dtype) for _ in range(2)]

    def project(self, inputs: Tensor) -> Tensor:
        image = len(self.kernel_size) + 1
        joined = ops.reshape(inputs, (-1, *inputs.shape[-image:]))  # all steps are one batch
        gates = ops.conv(joined, self.kernel, self.strides, self.padding, self.dilation_rate)
        gates = gates if self.bias is None else gates + self.bias
        return ops.reshape(gates, (*inputs.shape[:-image], *gates.shape[1:]))

    def recur(self, h: Tensor) -> Tensor:
        return ops.conv(h, self.recurrent_kernel, 1, "same")


class ConvLSTM(RNN):
    """Base of `ConvLSTM1D`, `ConvLSTM2D` and `ConvLSTM3D`, which differ in the number of space axes."""

    rank: ClassVar[int]

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        **kwargs: Any,
    ) -> None:
        cell = ConvLSTMCell(
            (kernel_size, strides, padding, dilation_rate), self.rank, filters, activation, recurrent_activation,
            use_bias, kernel_initializer, recurrent_initializer, bias_initializer, unit_forget_bias,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, **of_cell(kwargs),
        )  # fmt: skip
        kwargs |= {"activity_regularizer": activity_regularizer}
        super().__init__(cell, return_sequences, return_state, go_backwards, stateful, **kwargs)
        self.data_format = one_of(data_format or FORMATS[0], FORMATS, type(self).__name__, "data_format")
        self.input_spec = InputSpec(ndim=self.rank + 3)

    def build(self, input_shape: tuple[int, ...]) -> None:
        if self.data_format == "channels_first":
            input_shape = (*input_shape[:2], *input_shape[3:], input_shape[2])
        super().build(input_shape)

    def call(self, sequences: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        if self.data_format == "channels_last":
            return super().call(sequences, initial_state, mask, training)
        if initial_state is not None:
            initial_state = [ops.moveaxis(state, 1, -1) for state in initial_state]
        found = super().call(ops.moveaxis(sequences, 2, -1), initial_state, mask, training)
        output, *states = found if self.return_state else (found,)
        output = ops.moveaxis(output, -1, 2 if self.return_sequences else 1)
        return (output, *(ops.moveaxis(state, -1, 1) for state in states)) if states else output


@registry.register()
class ConvLSTM1D(ConvLSTM):
    """As `ConvLSTM2D` with one space axis: input (N, T, H, C).

    Example:
        >>> import lamina
        >>> lamina.layers.ConvLSTM1D(4, 3, padding="same")(lamina.ops.zeros((2, 5, 8, 1))).shape
        (2, 8, 4)
    """

    rank = 1


@registry.register()
class ConvLSTM2D(ConvLSTM):
    """Long short-term memory over images: `LSTM`, with convolutions in place of the matmuls.

    Args:
        filters: U, number of channels of the states.
        kernel_size, strides, padding, dilation_rate: of the convolution of the inputs, as in `Conv2D`; that of the
            states has the same kernel size, strides 1 and padding "same".
        data_format: "channels_last" or "channels_first".
        The others as in `LSTM`.

    Input (N, T, H, W, C), H and W known; output (N, H', W', U), or (N, T, H', W', U) with `return_sequences`.
    Weights: kernel (K, K, C, 4U), recurrent_kernel (K, K, U, 4U), bias (4U).

    Raises:
        ShapeError: H, W or C is unknown.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.ConvLSTM2D(4, 3, return_sequences=True)
        >>> layer(lamina.ops.zeros((2, 5, 8, 8, 1))).shape, layer.count_params()
        ((2, 5, 6, 6, 4), 736)

    Reference: Shi et al., arXiv 1506.04214. Keras draws a dropout mask for each gate.
    """

    rank = 2


@registry.register()
class ConvLSTM3D(ConvLSTM):
    """As `ConvLSTM2D` with three space axes: input (N, T, H, W, D, C).

    Example:
        >>> import lamina
        >>> lamina.layers.ConvLSTM3D(2, 2)(lamina.ops.zeros((1, 2, 3, 3, 3, 1))).shape
        (1, 2, 2, 2, 2)
    """

    rank = 3
