"""Convolutions that treat every channel by itself: depthwise, and separable with a mix after it."""

from typing import Any

from .. import ops
from ..core import Tensor
from .arguments import rules, whole
from .convolution import Windowed
from .layer import registry


class DepthwiseConv(Windowed):
    """Base of `DepthwiseConv1D` and `DepthwiseConv2D`, where the arguments are explained."""

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        bias_rules = rules(bias_initializer, bias_regularizer, bias_constraint) if use_bias else None
        kwargs |= {"data_format": data_format, "activity_regularizer": activity_regularizer}
        super().__init__(kernel_size, strides, padding, dilation_rate, activation, bias_rules, **kwargs)
        self.depth_multiplier = whole(depth_multiplier, self.name, "depth_multiplier")
        self.kernel_rules = rules(depthwise_initializer, depthwise_regularizer, depthwise_constraint)

    def build(self, input_shape: tuple[int, ...]) -> None:
        shape = (*self.kernel_size, self.channels_in(input_shape), self.depth_multiplier)
        self.kernel = self.add_weight(shape, name="kernel", **self.kernel_rules)
        self.add_bias(shape[-2] * shape[-1])

    def convolve(self, inputs: Tensor) -> Tensor:
        return ops.depthwise_conv(inputs, self.kernel, self.strides, self.padding, self.dilation_rate)


@registry.register()
class DepthwiseConv1D(DepthwiseConv):
    """Convolution over time of each channel by itself; as `DepthwiseConv2D`.

    Input (N, T, C), output (N, T', C·M). Weights: kernel (K, C, M), bias (C·M).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.DepthwiseConv1D(2, depthwise_initializer="ones")
        >>> layer(lamina.Tensor([[[1.0, 10.0], [2.0, 20.0]]]))
        Tensor([[[ 3., 30.]]], float32)
    """

    rank = 1


@registry.register()
class DepthwiseConv2D(DepthwiseConv):
    """Convolution of each channel by itself: y[..., c·M + m] = Σ_i,j x[n,h+i,w+j,c] · kernel[i,j,c,m] + bias.

    Args:
        kernel_size: (KH, KW), or one number for both.
        depth_multiplier: M, filters for each channel.
        strides, padding, data_format, dilation_rate, activation ...: as in `Conv2D`.

    Input (N, H, W, C), output (N, H', W', C·M). Weights: kernel (KH, KW, C, M), bias (C·M).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.DepthwiseConv2D(3, depth_multiplier=2)
        >>> layer(lamina.ops.zeros((1, 8, 8, 4))).shape, layer.count_params()
        ((1, 6, 6, 8), 80)

    Reference: Howard et al. 2017, MobileNets, arXiv 1704.04861. PyTorch has it as groups = C.
    """

    rank = 2


class SeparableConv(Windowed):
    """Base of `SeparableConv1D` and `SeparableConv2D`, where the arguments are explained."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        bias_rules = rules(bias_initializer, bias_regularizer, bias_constraint) if use_bias else None
        kwargs |= {"data_format": data_format, "activity_regularizer": activity_regularizer}
        super().__init__(kernel_size, strides, padding, dilation_rate, activation, bias_rules, **kwargs)
        self.filters = whole(filters, self.name, "filters")
        self.depth_multiplier = whole(depth_multiplier, self.name, "depth_multiplier")
        self.depthwise_rules = rules(depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self.pointwise_rules = rules(pointwise_initializer, pointwise_regularizer, pointwise_constraint)

    def build(self, input_shape: tuple[int, ...]) -> None:
        shape = (*self.kernel_size, self.channels_in(input_shape), self.depth_multiplier)
        self.depthwise_kernel = self.add_weight(shape, name="depthwise_kernel", **self.depthwise_rules)
        mix = ((1,) * self.rank) + (shape[-2] * shape[-1], self.filters)
        self.pointwise_kernel = self.add_weight(mix, name="pointwise_kernel", **self.pointwise_rules)
        self.add_bias(self.filters)

    def convolve(self, inputs: Tensor) -> Tensor:
        kernels = self.depthwise_kernel, self.pointwise_kernel
        return ops.separable_conv(inputs, *kernels, self.strides, self.padding, self.dilation_rate)


@registry.register()
class SeparableConv1D(SeparableConv):
    """A depthwise convolution over time, then a mix of the channels; as `SeparableConv2D`.

    Input (N, T, C), output (N, T', U). Weights: depthwise_kernel (K, C, M), pointwise_kernel (1, C·M, U), bias (U).

    Example:
        >>> import lamina
        >>> lamina.layers.SeparableConv1D(5, 3)(lamina.ops.zeros((1, 8, 4))).shape
        (1, 6, 5)
    """

    rank = 1


@registry.register()
class SeparableConv2D(SeparableConv):
    """A depthwise convolution, then one of size 1 that mixes the channels: fewer weights than `Conv2D`.

    Args:
        filters: U, number of output channels.
        kernel_size: (KH, KW) of the depthwise part, or one number for both.
        depth_multiplier: M, depthwise filters for each channel.
        strides, padding, data_format, dilation_rate, activation ...: as in `Conv2D`.

    Input (N, H, W, C), output (N, H', W', U).
    Weights: depthwise_kernel (KH, KW, C, M), pointwise_kernel (1, 1, C·M, U), bias (U).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.SeparableConv2D(16, 3)
        >>> layer(lamina.ops.zeros((1, 8, 8, 4))).shape, layer.count_params()
        ((1, 6, 6, 16), 116)

    Reference: Chollet 2017, Xception, arXiv 1610.02357.
    """

    rank = 2
