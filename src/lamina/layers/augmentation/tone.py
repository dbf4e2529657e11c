"""The scale of grey values changed: stretched, evened out, folded or made coarse."""

from typing import Any

from ... import ops
from ...core import ArgumentError, Tensor
from ..arguments import whole
from ..layer import registry
from .image_layer import Drawn, ImageLayer, RandomImageLayer, per_image
from .ranges import at_least_float32, bounds, rescale, value_range_of

BYTES = (0.0, 255.0)


@registry.register()
class AutoContrast(ImageLayer):
    """Each channel of each image stretched to the whole value range: y = (x − min) / (max − min) · range + lowest.

    Args:
        value_range: lowest and highest value of a pixel.

    Input and output (N, H, W, C); a channel with one value only stays as it is.

    Example:
        >>> import lamina
        >>> lamina.layers.AutoContrast()(lamina.Tensor([[[10.0], [15.0], [20.0]]]))[0, :, 0]
        Tensor([  0. , 127.5, 255. ], float32)
    """

    def __init__(self, value_range: Any = (0, 255), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value_range = value_range_of(value_range, "AutoContrast")

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        low, high = images.min(axis=(1, 2), keepdims=True), images.max(axis=(1, 2), keepdims=True)
        flat = high == low
        stretched = rescale((images - low) / ops.where(flat, 1.0, high - low), (0.0, 1.0), self.value_range)
        return ops.where(flat, images, ops.clip(stretched, *self.value_range))


@registry.register()
class Equalization(ImageLayer):
    """In training each channel of each image gets all its values about equally often.

    A value v becomes (F(v) − F₀) / (M − F₀) · range, F the number of pixels up to v, F₀ that of the smallest value
    and M that of all; see `ops.equalize`.

    Args:
        value_range: lowest and highest value of a pixel.
        bins: how many values are told apart.
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, C). No gradient passes.

    Example:
        >>> import lamina
        >>> lamina.layers.Equalization()(lamina.Tensor([[[7.0], [8.0], [9.0], [9.0]]]), training=True)[0, :, 0]
        Tensor([  0.,  85., 255., 255.], float32)

    Keras counts over the whole batch, so that an image depends on its neighbours.
    """

    acts_at_rest = False

    def __init__(
        self, value_range: Any = (0, 255), bins: int = 256, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = value_range_of(value_range, "Equalization")
        self.bins = whole(bins, "Equalization", "bins", 2)

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        evened = ops.equalize(rescale(at_least_float32(images), self.value_range, BYTES), self.bins)
        return rescale(evened, BYTES, self.value_range).astype(images.dtype)


@registry.register()
class ContrastLimitedAdaptiveHistogramEqualization(ImageLayer):
    """Each channel of each image with its values evened out around each pixel (CLAHE); see `ops.equalize_tiles`.

    Args:
        value_range: lowest and highest value of a pixel.
        clip_limit: how often a value may occur in a tile, against all values alike; 0 does not limit.
        tile_grid_size: rows and columns of tiles.
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, C). No gradient passes.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.ContrastLimitedAdaptiveHistogramEqualization((0, 255), 0.0, (1, 1))
        >>> layer(lamina.Tensor([[[0.0], [1.0]], [[1.0], [2.0]]]))[:, :, 0]
        Tensor([[  0., 170.],
                [170., 255.]], float32)

    Reference: Zuiderveld 1994, Contrast limited adaptive histogram equalization, Graphics Gems IV.
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Any = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = value_range_of(value_range, type(self).__name__)
        self.clip_limit = clip_limit
        self.tile_grid_size = tuple(whole(count, type(self).__name__, "tile_grid_size") for count in tile_grid_size)

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        values = rescale(at_least_float32(images), self.value_range, BYTES)
        evened = ops.equalize_tiles(values, self.tile_grid_size, self.clip_limit)
        return rescale(evened, BYTES, self.value_range).astype(images.dtype)


@registry.register()
class Solarization(RandomImageLayer):
    """In training y = x + a, cut at 0 and 255, and turned into 255 − y from a threshold on; a and it are drawn.

    Args:
        addition_factor: a as a share of 255: f for 0 ... f, or a pair in 0 ... 1.
        threshold_factor: the threshold, likewise.
        value_range: lowest and highest value of a pixel, which 0 and 255 stand for.
        seed: sets these draws apart from those of the other layers.

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.Solarization(threshold_factor=(0.5, 0.5))
        >>> layer(lamina.Tensor([[[100.0], [200.0]]]), training=True)[0, :, 0]
        Tensor([100.,  55.], float32)

    Keras forgets to multiply the lower end of a pair by 255.
    """

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.addition_factor = bounds(addition_factor, "Solarization", "addition_factor", least=0.0)
        self.threshold_factor = bounds(threshold_factor, "Solarization", "threshold_factor", least=0.0)
        self.value_range = value_range_of(value_range, "Solarization")

    def get_random_transformation(self, images: Tensor) -> Drawn:
        return {
            "addition": self.uniform(images, *self.addition_factor) * 255,
            "threshold": self.uniform(images, *self.threshold_factor) * 255,
        }

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        addition, threshold = (per_image(transformation[name], images) for name in ("addition", "threshold"))
        lighter = ops.clip(rescale(images, self.value_range, BYTES) + addition, *BYTES)
        return rescale(ops.where(lighter < threshold, lighter, 255 - lighter), BYTES, self.value_range)


@registry.register()
class RandomPosterization(RandomImageLayer):
    """In training only the upper b of the eight bits of each value are kept.

    Args:
        factor: b: f for 1 ... f, or a pair in 1 ... 8; the upper end is left out unless both are the same.
        value_range: lowest and highest value of a pixel, which 0 and 255 stand for.
        data_format: "channels_last" or "channels_first".
        seed: sets these draws apart from those of the other layers.

    Input and output (N, H, W, C). No gradient passes.

    Example:
        >>> import lamina
        >>> two_bits = lamina.layers.RandomPosterization((2, 2))
        >>> two_bits(lamina.Tensor([[[60.0], [70.0], [255.0]]]), training=True)[0, :, 0]
        Tensor([  0.,  64., 192.], float32)
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        pair = factor if isinstance(factor, (tuple, list)) else (1, factor)
        if len(pair) != 2 or not all(isinstance(b, int) and 1 <= b <= 8 for b in pair):
            raise ArgumentError(
                "RandomPosterization",
                "factor is a number of bits",
                expected="an integer or a pair of integers in 1 ... 8",
                received=repr(factor),
                remedy="For example 4",
            )
        self.factor = (min(pair), max(pair))
        self.value_range = value_range_of(value_range, "RandomPosterization")

    def get_random_transformation(self, images: Tensor) -> Drawn:
        return {"bits": ops.floor(self.uniform(images, *self.factor))}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        step = per_image(2 ** (8 - transformation["bits"]), images)
        values = ops.clip(ops.floor(rescale(images, self.value_range, BYTES)), *BYTES)
        return rescale(ops.floor(values / step) * step, BYTES, self.value_range)
