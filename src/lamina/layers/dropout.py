"""Dropout: units switched off at random in training."""

from collections.abc import Sequence
from typing import Any, ClassVar

from .. import ops
from ..core import Tensor
from ..core.random import next_key
from .arguments import one_of, share
from .input_spec import InputSpec
from .layer import Layer, registry


def place_of(seed: int | None) -> str:
    """Where random numbers are drawn: all layers in one row, in the order of their calls, so that they
    do not depend on names; a seed opens a row of its own."""
    return "dropout" if seed is None else f"dropout/{seed}"


@registry.register()
class Dropout(Layer):
    """In training y = x · m / (1 − rate), m = 0 with probability `rate`, else 1; otherwise y = x.

    Args:
        rate: share of the values that are set to 0, in [0, 1).
        noise_shape: shape of m, which is repeated to the shape of x; None for its own size on an axis.
        seed: sets these masks apart from those of the other layers.

    Input and output of the same shape.

    Example:
        >>> import lamina
        >>> layer, x = lamina.layers.Dropout(0.5), lamina.ops.ones(1000)
        >>> layer(x).mean(), sorted(set(layer(x, training=True).tolist()))
        (Tensor(1., float32), [0.0, 2.0])

    Reference: Srivastava et al. 2014, Dropout. Masks are a function of the model's seed, the step and the
    number of the draw in it; Keras keeps a hidden generator instead.
    """

    supports_masking = True

    def __init__(
        self, rate: float, noise_shape: Sequence[int | None] | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate, self.seed = share(rate, type(self).__name__), seed
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        return ops.dropout(inputs, self.rate, next_key(place_of(self.seed)), self.noise_shape)


class SpatialDropout(Dropout):
    """Base of `SpatialDropout1D`, `SpatialDropout2D` and `SpatialDropout3D`."""

    rank: ClassVar[int]

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, **kwargs: Any) -> None:
        formats = ("channels_last", "channels_first")
        self.data_format = one_of(data_format or formats[0], formats, type(self).__name__, "data_format")
        space = (1,) * self.rank
        noise_shape = (None, *space, None) if self.data_format == "channels_last" else (None, None, *space)
        super().__init__(rate, noise_shape, seed, **kwargs)
        self.input_spec = InputSpec(ndim=self.rank + 2)


@registry.register()
class SpatialDropout1D(SpatialDropout):
    """Dropout of whole channels of a sequence; as `SpatialDropout2D`.

    Input and output (N, T, C).

    Example:
        >>> import lamina
        >>> y = lamina.layers.SpatialDropout1D(0.5)(lamina.ops.ones((1, 9, 100)), training=True)
        >>> bool((y.max(axis=1) == y.min(axis=1)).all())
        True
    """

    rank = 1

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate, None, seed, **kwargs)


@registry.register()
class SpatialDropout2D(SpatialDropout):
    """Dropout of whole feature maps: neighbours in a map are too alike to be dropped one by one.

    Args:
        rate: share of the maps that are set to 0, in [0, 1).
        data_format: "channels_last" or "channels_first".
        seed: sets these masks apart from those of the other layers.

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> y = lamina.layers.SpatialDropout2D(0.5)(lamina.ops.ones((1, 4, 4, 100)), training=True)
        >>> bool((y.max(axis=(1, 2)) == y.min(axis=(1, 2))).all())
        True

    Reference: Tompson et al. 2015, arXiv 1411.4280.
    """

    rank = 2


@registry.register()
class SpatialDropout3D(SpatialDropout):
    """Dropout of whole channels of a volume; as `SpatialDropout2D`.

    Input and output (N, H, W, D, C).

    Example:
        >>> import lamina
        >>> lamina.layers.SpatialDropout3D(0.5)(lamina.ops.ones((1, 2, 2, 2, 3))).shape
        (1, 2, 2, 2, 3)
    """

    rank = 3
