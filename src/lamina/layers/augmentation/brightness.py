"""Images brighter, darker, with more or less contrast, or as a negative."""

from typing import Any

from ... import ops
from ...core import Tensor
from ..layer import registry
from .image_layer import Drawn, RandomImageLayer, per_image
from .ranges import bounds, value_range_of


@registry.register()
class RandomBrightness(RandomImageLayer):
    """In training y = x + δ · (highest − lowest value), cut at the value range, with one δ for each image.

    Args:
        factor: δ: f for −f ... f, or a pair in −1 ... 1.
        value_range: lowest and highest value of a pixel.
        seed: sets these draws apart from those of the other layers.

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> brighter = lamina.layers.RandomBrightness((0.2, 0.2), value_range=(0, 1))
        >>> brighter(lamina.Tensor([[[0.1], [0.9]]]), training=True)[0, :, 0]
        Tensor([0.3, 1. ], float32)
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self.factor = bounds(factor, "RandomBrightness")
        self.value_range = value_range_of(value_range, "RandomBrightness")

    def get_random_transformation(self, images: Tensor) -> Drawn:
        low, high = self.value_range
        return {"shift": self.uniform(images, *self.factor) * (high - low)}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        return ops.clip(images + per_image(transformation["shift"], images), *self.value_range)


@registry.register()
class RandomContrast(RandomImageLayer):
    """In training y = (x − m) · c + m, cut at the value range: m the mean of each channel, one c for each image.

    Args:
        factor: f for c in 1 − f ... 1 + f, or a pair (a, b) for 1 − a ... 1 + b; in 0 ... 1.
        value_range: lowest and highest value of a pixel.
        seed: sets these draws apart from those of the other layers.

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.RandomContrast(0.5)
        >>> y = layer(lamina.Tensor([[[90.0], [110.0]]]), training=True)
        >>> y.mean(), bool(abs(y - 100.0).max() <= 15.0)
        (Tensor(100., float32), True)

    Keras draws from 1 ... 1 + f for a single number, against its own description.
    """

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        low, high = bounds(factor, "RandomContrast", least=0.0)
        self.factor = (low, high) if isinstance(factor, (tuple, list)) else (high, high)
        self.value_range = value_range_of(value_range, "RandomContrast")

    def get_random_transformation(self, images: Tensor) -> Drawn:
        return {"contrast": self.uniform(images, 1.0 - self.factor[0], 1.0 + self.factor[1])}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        mean = images.mean(axis=(1, 2), keepdims=True)
        changed = (images - mean) * per_image(transformation["contrast"], images) + mean
        return ops.clip(changed, *self.value_range)


@registry.register()
class RandomInvert(RandomImageLayer):
    """In training some images become their negatives: y = highest value − x.

    Args:
        factor: how probable that is for an image: p for a probability drawn from 0 ... p, or a pair.
        value_range: lowest and highest value of a pixel.
        seed: sets these draws apart from those of the other layers.
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> always = lamina.layers.RandomInvert((1.0, 1.0))
        >>> always(lamina.Tensor([[[55.0], [255.0]]]), training=True)[0, :, 0]
        Tensor([200.,   0.], float32)
    """

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = bounds(factor, "RandomInvert", least=0.0)
        self.value_range = value_range_of(value_range, "RandomInvert")

    def get_random_transformation(self, images: Tensor) -> Drawn:
        return {"chosen": self.chosen(images, *self.factor)}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        return ops.where(per_image(transformation["chosen"], images), self.value_range[1] - images, images)
