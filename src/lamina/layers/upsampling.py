"""Space axes made longer by a whole factor."""

from typing import Any

from .. import ops
from ..core import Tensor
from .arguments import one_of
from .layer import registry
from .spatial import Spatial

INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


class UpSampling(Spatial):
    """Base of `UpSampling1D`, `UpSampling2D` and `UpSampling3D`."""

    interpolation = "nearest"

    def __init__(self, size: Any = 2, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.size = self.per_axis(size, "size")

    def transform(self, inputs: Tensor) -> Tensor:
        return ops.upsample(inputs, self.size, self.interpolation)


@registry.register()
class UpSampling1D(UpSampling):
    """Each time step repeated `size` times.

    Input (N, T, C), output (N, T · size, C).

    Example:
        >>> import lamina
        >>> lamina.layers.UpSampling1D(2)(lamina.Tensor([[[1.0], [3.0]]]))[0, :, 0]
        Tensor([1., 1., 3., 3.], float32)
    """

    rank = 1


@registry.register()
class UpSampling2D(UpSampling):
    """A larger image.

    Args:
        size: factors (H, W), or one number for both.
        data_format: "channels_last" or "channels_first".
        interpolation: "nearest" repeats pixels; "bilinear", "bicubic", "lanczos3" and "lanczos5" blend neighbours.

    Input (N, H, W, C), output (N, H · size[0], W · size[1], C).

    Example:
        >>> import lamina
        >>> lamina.layers.UpSampling2D(2)(lamina.ops.zeros((1, 7, 7, 3))).shape
        (1, 14, 14, 3)
    """

    rank = 2

    def __init__(
        self, size: Any = 2, data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any
    ) -> None:
        super().__init__(size, data_format, **kwargs)
        self.interpolation = one_of(interpolation, INTERPOLATIONS, "UpSampling2D", "interpolation")


@registry.register()
class UpSampling3D(UpSampling):
    """Each value of a volume repeated along the three space axes; as `UpSampling2D`.

    Input (N, H, W, D, C), output (N, H · size[0], W · size[1], D · size[2], C).

    Example:
        >>> import lamina
        >>> lamina.layers.UpSampling3D((1, 2, 2))(lamina.ops.zeros((1, 4, 4, 4, 3))).shape
        (1, 4, 8, 8, 3)
    """

    rank = 3
