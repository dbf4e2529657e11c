"""Convolution over one to three space axes."""

from typing import Any

from .. import activations, ops
from ..core import ArgumentError, Tensor
from .arguments import known_axis, one_of, rules, whole
from .input_spec import InputSpec
from .layer import registry
from .spatial import Spatial


class Windowed(Spatial):
    """Base of the convolution layers: a window that moves over space, a bias, an activation.

    A subclass makes its kernels in `build`, ends it with `add_bias`, and defines `convolve`.
    """

    paddings: tuple[str, ...] = ("valid", "same")

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: str,
        dilation_rate: Any,
        activation: Any,
        bias_rules: dict[str, Any] | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size = self.per_axis(kernel_size, "kernel_size")
        self.strides = self.per_axis(strides, "strides")
        self.padding = one_of(padding.lower(), self.paddings, type(self).__name__, "padding")
        self.dilation_rate = self.per_axis(dilation_rate, "dilation_rate")
        self.activation = activations.get(activation)
        self.bias_rules = bias_rules

    def channels_in(self, input_shape: tuple[int, ...]) -> int:
        """C, which from now on every input must have."""
        channels = known_axis(input_shape, self.channel_axis, self)
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self.channel_axis: channels})
        return channels

    def add_bias(self, size: int) -> None:
        """Make the bias, if there is one: the last variable, as in Keras."""
        self.bias = None if self.bias_rules is None else self.add_weight((size,), name="bias", **self.bias_rules)

    def convolve(self, inputs: Tensor) -> Tensor:
        """The linear part, channels last."""
        raise NotImplementedError(f"{type(self).__name__} must define convolve(inputs)")

    def transform(self, inputs: Tensor) -> Tensor:
        outputs = self.convolve(inputs)
        return outputs if self.bias is None else outputs + self.bias

    def call(self, inputs: Tensor) -> Tensor:
        return self.activation(super().call(inputs))


class Conv(Windowed):
    """Base of `Conv1D`, `Conv2D` and `Conv3D`, which differ in the number of space axes.

    Args:
        filters: U, number of output channels.
        kernel_size: K, one number or one for each space axis; likewise strides and dilation_rate.
        strides: input positions from one output to the next.
        padding: "valid" (none), "same" (as many outputs as inputs, at strides 1), or, for Conv1D,
            "causal" (no output sees a later input).
        data_format: "channels_last" or "channels_first".
        dilation_rate: input positions from one tap of the kernel to the next.
        groups: channels and filters are cut into this many groups that do not see each other.
        activation, use_bias, *_initializer, *_regularizer, *_constraint: as in `Dense`.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        bias_rules = rules(bias_initializer, bias_regularizer, bias_constraint) if use_bias else None
        kwargs |= {"data_format": data_format, "activity_regularizer": activity_regularizer}
        super().__init__(kernel_size, strides, padding, dilation_rate, activation, bias_rules, **kwargs)
        self.filters, self.groups = whole(filters, self.name, "filters"), whole(groups, self.name, "groups")
        self.kernel_rules = rules(kernel_initializer, kernel_regularizer, kernel_constraint)
        if self.filters % self.groups:
            raise self._groups_error("filters", self.filters)

    def _groups_error(self, what: str, number: int) -> ArgumentError:
        return ArgumentError(
            f"{type(self).__name__} {self.name!r}",
            f"groups must divide the number of {what}",
            expected=f"a multiple of {self.groups}",
            received=number,
            remedy="Choose groups that divides both channels and filters",
        )

    def build(self, input_shape: tuple[int, ...]) -> None:
        channels = self.channels_in(input_shape)
        if channels % self.groups:
            raise self._groups_error("channels", channels)
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self.add_weight(shape, name="kernel", **self.kernel_rules)
        self.add_bias(self.filters)

    def convolve(self, inputs: Tensor) -> Tensor:
        return ops.conv(inputs, self.kernel, self.strides, self.padding, self.dilation_rate, self.groups)


@registry.register()
class Conv1D(Conv):
    """Convolution over time: y[n,t,u] = Σ_k,c x[n, t·strides + k·dilation_rate, c] · kernel[k,c,u] + bias[u].

    Args: as `Conv2D`; padding="causal" keeps every output from seeing later inputs.

    Input (N, T, C), output (N, T', U). Weights: kernel (K, C / groups, U), bias (U).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.Conv1D(1, 2, padding="causal", kernel_initializer="ones")
        >>> layer(lamina.Tensor([[[1.0], [2.0], [3.0]]]))[0, :, 0]
        Tensor([1., 3., 5.], float32)

    Reference: Waibel et al. 1989, Phoneme recognition using time-delay neural networks.
    PyTorch stores (U, C, K) and puts channels first.
    """

    rank = 1
    paddings = ("valid", "same", "causal")


@registry.register()
class Conv2D(Conv):
    """Convolution over an image: y[n,h,w,u] = Σ_i,j,c x[n,h+i,w+j,c] · kernel[i,j,c,u] + bias[u] at strides 1.

    Args:
        filters: U, number of output channels.
        kernel_size: (KH, KW), or one number for both; likewise strides and dilation_rate.
        strides: input positions from one output to the next.
        padding: "valid" (none), or "same" (as many outputs as inputs, at strides 1).
        data_format: "channels_last" or "channels_first".
        dilation_rate: input positions from one tap of the kernel to the next.
        groups: channels and filters are cut into this many groups that do not see each other.
        activation, use_bias, *_initializer, *_regularizer, *_constraint: as in `Dense`.

    Input (N, H, W, C), output (N, H', W', U). Weights: kernel (KH, KW, C / groups, U), bias (U).
    H' = (H − (KH − 1)·dilation − 1) // stride + 1 ("valid"), ceil(H / stride) ("same").

    Raises:
        ShapeError: the kernel is larger than the padded image, or the input is not (N, H, W, C).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.Conv2D(8, (3, 3), activation="relu")
        >>> layer(lamina.ops.zeros((1, 28, 28, 1))).shape, layer.count_params()
        ((1, 26, 26, 8), 80)

    Reference: LeCun et al. 1989, Backpropagation applied to handwritten zip code recognition.
    PyTorch stores (U, C, KH, KW), puts channels first and pads alike on both sides.
    """

    rank = 2


@registry.register()
class Conv3D(Conv):
    """Convolution over a volume or a video; as `Conv2D` with one axis more.

    Input (N, H, W, D, C), output (N, H', W', D', U). Weights: kernel (K, K, K, C / groups, U), bias (U).

    Example:
        >>> import lamina
        >>> lamina.layers.Conv3D(2, 3, padding="same")(lamina.ops.zeros((1, 4, 5, 6, 1))).shape
        (1, 4, 5, 6, 2)

    Reference: Ji et al. 2013, 3D convolutional neural networks for human action recognition.
    """

    rank = 3
