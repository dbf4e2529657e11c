"""Transposed convolution: the map by which a convolution sends gradients back, used forwards."""

from typing import Any

from .. import ops
from ..core import Tensor
from .arguments import rules, whole
from .convolution import Windowed
from .layer import registry


class ConvTranspose(Windowed):
    """Base of `Conv1DTranspose`, `Conv2DTranspose` and `Conv3DTranspose`.

    Args:
        filters: U, number of output channels.
        kernel_size: K, one number or one for each space axis; likewise strides and dilation_rate.
        strides: output positions from one input to the next.
        padding: "valid" or "same" (output = input · strides).
        output_padding: positions added at the end of each axis; None for the sizes below.
        data_format, dilation_rate, activation ...: as in `Conv2D`.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        self.filters = whole(filters, self.name, "filters")
        self.kernel_rules = rules(kernel_initializer, kernel_regularizer, kernel_constraint)
        extra = (output_padding,) * self.rank if isinstance(output_padding, int) else output_padding
        self.output_padding = extra and tuple(whole(n, self.name, "output_padding", least=0) for n in extra)

    def build(self, input_shape: tuple[int, ...]) -> None:
        shape = (*self.kernel_size, self.filters, self.channels_in(input_shape))
        self.kernel = self.add_weight(shape, name="kernel", **self.kernel_rules)
        self.add_bias(self.filters)

    def convolve(self, inputs: Tensor) -> Tensor:
        return ops.conv_transpose(
            inputs, self.kernel, self.strides, self.padding, self.output_padding, self.dilation_rate
        )


@registry.register()
class Conv1DTranspose(ConvTranspose):
    """Each input step writes a copy of the kernel, times itself, `strides` apart; as `Conv2DTranspose`.

    Input (N, T, C), output (N, T', U). Weights: kernel (K, U, C), bias (U).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.Conv1DTranspose(1, 2, strides=2, kernel_initializer="ones")
        >>> layer(lamina.Tensor([[[1.0], [2.0]]]))[0, :, 0]
        Tensor([1., 1., 2., 2.], float32)
    """

    rank = 1


@registry.register()
class Conv2DTranspose(ConvTranspose):
    """Each input pixel writes a copy of the kernel, times itself, `strides` apart; copies add up.

    Args:
        filters: U, number of output channels.
        kernel_size: (KH, KW), or one number for both; likewise strides and dilation_rate.
        strides: output positions from one input to the next.
        padding: "valid" or "same".
        output_padding: positions added at the end of each axis; None for the sizes below.
        data_format, dilation_rate, activation ...: as in `Conv2D`.

    Input (N, H, W, C), output (N, H', W', U). Weights: kernel (KH, KW, U, C), bias (U).
    H' = H · stride ("same"), (H − 1) · stride + max((KH − 1) · dilation + 1, stride) ("valid").

    Example:
        >>> import lamina
        >>> layer = lamina.layers.Conv2DTranspose(3, 3, strides=2, padding="same")
        >>> layer(lamina.ops.zeros((1, 7, 7, 8))).shape
        (1, 14, 14, 3)

    Reference: Zeiler et al. 2010, Deconvolutional networks. PyTorch stores (C, U, KH, KW).
    """

    rank = 2


@registry.register()
class Conv3DTranspose(ConvTranspose):
    """Transposed convolution over a volume; as `Conv2DTranspose` with one axis more.

    Input (N, H, W, D, C), output (N, H', W', D', U). Weights: kernel (K, K, K, U, C), bias (U).

    Example:
        >>> import lamina
        >>> lamina.layers.Conv3DTranspose(2, 2, strides=2)(lamina.ops.zeros((1, 2, 3, 4, 1))).shape
        (1, 4, 6, 8, 2)

    Keras differs: there data_format stands before output_padding, in this class only.
    """

    rank = 3
