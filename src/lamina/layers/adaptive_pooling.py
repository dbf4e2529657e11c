"""Pooling to a given size, whatever the size of the input."""

from typing import Any

from .. import ops
from ..core import Tensor
from .layer import registry
from .spatial import Spatial


class AdaptivePooling(Spatial):
    """Base of the adaptive pooling layers; arguments as in `AdaptiveAveragePooling2D`."""

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.output_size = self.per_axis(output_size, "output_size")


class AdaptiveAveragePooling(AdaptivePooling):
    """The mean value of each window."""

    def transform(self, inputs: Tensor) -> Tensor:
        return ops.adaptive_average_pool(inputs, self.output_size)


class AdaptiveMaxPooling(AdaptivePooling):
    """The largest value of each window."""

    def transform(self, inputs: Tensor) -> Tensor:
        return ops.adaptive_max_pool(inputs, self.output_size)


@registry.register()
class AdaptiveAveragePooling1D(AdaptiveAveragePooling):
    """The mean of each of M windows that cover the time; as `AdaptiveAveragePooling2D`.

    Input (N, T, C), output (N, M, C).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.AdaptiveAveragePooling1D(2)
        >>> layer(lamina.Tensor([[[3.0], [1.0], [5.0]]]))[0, :, 0]
        Tensor([2., 3.], float32)
    """

    rank = 1


@registry.register()
class AdaptiveAveragePooling2D(AdaptiveAveragePooling):
    """The mean of each of MH × MW windows that cover the image, which may have any size.

    Window i of an axis of n values reaches from ⌊i·n/M⌋ to ⌈(i+1)·n/M⌉; windows overlap when M does not divide n.

    Args:
        output_size: (MH, MW), number of windows, or one number for both.
        data_format: "channels_last" or "channels_first".

    Input (N, H, W, C), output (N, MH, MW, C).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.AdaptiveAveragePooling2D((7, 7))
        >>> layer(lamina.ops.zeros((1, 30, 40, 8))).shape, layer(lamina.ops.zeros((1, 14, 9, 8))).shape
        ((1, 7, 7, 8), (1, 7, 7, 8))

    PyTorch's has the same windows; None in its output_size, which keeps the size of an axis, is not taken here.
    """

    rank = 2


@registry.register()
class AdaptiveAveragePooling3D(AdaptiveAveragePooling):
    """The mean of each of MH × MW × MD windows that cover the volume; as `AdaptiveAveragePooling2D`.

    Input (N, H, W, D, C), output (N, MH, MW, MD, C).

    Example:
        >>> import lamina
        >>> lamina.layers.AdaptiveAveragePooling3D(2)(lamina.ops.zeros((1, 4, 5, 6, 3))).shape
        (1, 2, 2, 2, 3)
    """

    rank = 3


@registry.register()
class AdaptiveMaxPooling1D(AdaptiveMaxPooling):
    """The largest value in each of M windows that cover the time; windows as in `AdaptiveAveragePooling2D`.

    Input (N, T, C), output (N, M, C).

    Example:
        >>> import lamina
        >>> lamina.layers.AdaptiveMaxPooling1D(2)(lamina.Tensor([[[3.0], [1.0], [5.0]]]))[0, :, 0]
        Tensor([3., 5.], float32)
    """

    rank = 1


@registry.register()
class AdaptiveMaxPooling2D(AdaptiveMaxPooling):
    """The largest value in each of MH × MW windows that cover the image; as `AdaptiveAveragePooling2D`.

    Input (N, H, W, C), output (N, MH, MW, C). The gradient goes to the first of several equal largest values.

    Example:
        >>> import lamina
        >>> lamina.layers.AdaptiveMaxPooling2D((2, 3))(lamina.ops.zeros((1, 5, 7, 8))).shape
        (1, 2, 3, 8)
    """

    rank = 2


@registry.register()
class AdaptiveMaxPooling3D(AdaptiveMaxPooling):
    """The largest value in each of MH × MW × MD windows that cover the volume; as `AdaptiveAveragePooling2D`.

    Input (N, H, W, D, C), output (N, MH, MW, MD, C).

    Example:
        >>> import lamina
        >>> lamina.layers.AdaptiveMaxPooling3D((2, 1, 2))(lamina.ops.zeros((1, 4, 5, 6, 3))).shape
        (1, 2, 1, 2, 3)
    """

    rank = 3
