"""Colours changed: hue, saturation, and all at once."""

from typing import Any

from ... import ops
from ...core import Tensor
from ..layer import registry
from .brightness import RandomBrightness, RandomContrast
from .image_layer import Drawn, RandomImageLayer, per_image
from .ranges import at_least_float32, rescale
from .strength import RandomStrength

EPSILON = 1e-7


@registry.register()
class RandomHue(RandomStrength):
    """In training the hues of each image are turned around the colour circle.

    Args:
        factor: f for a number drawn from 0 ... f, or a pair in 0 ... 1; 1 is half a turn. Its sign is random.
        value_range: lowest and highest value of a pixel.
        data_format: "channels_last" or "channels_first".
        seed: sets these draws apart from those of the other layers.

    Input and output (N, H, W, 3).

    Example:
        >>> import lamina
        >>> opposite = lamina.layers.RandomHue((1.0, 1.0))
        >>> lamina.ops.round(opposite(lamina.Tensor([[[255.0, 0.0, 0.0]]]), training=True)[0, 0])
        Tensor([  0., 255., 255.], float32)
    """

    def get_random_transformation(self, images: Tensor) -> Drawn:
        sign = ops.where(self.uniform(images, 0.0, 1.0) > 0.5, -0.5, 0.5)
        return {"turn": self.uniform(images, *self.factor) * sign}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        hsv = ops.rgb_to_hsv(rescale(at_least_float32(images), self.value_range, (0.0, 1.0)))
        turned = hsv[..., :1] + per_image(transformation["turn"], hsv)
        rgb = ops.hsv_to_rgb(ops.concatenate([turned, hsv[..., 1:]], axis=-1))
        return rescale(ops.clip(rgb, 0.0, 1.0), (0.0, 1.0), self.value_range).astype(images.dtype)


@registry.register()
class RandomSaturation(RandomStrength):
    """In training the saturation of each image is multiplied by u / (1 − u), cut at 1.

    Args:
        factor: u: f for 0 ... f, or a pair in 0 ... 1; 0 is grey, 0.5 changes nothing, 1 is as pure as can be.
        value_range: lowest and highest value of a pixel.
        data_format: "channels_last" or "channels_first".
        seed: sets these draws apart from those of the other layers.

    Input and output (N, H, W, 3), of values >= 0.

    Example:
        >>> import lamina
        >>> grey = lamina.layers.RandomSaturation((0.0, 0.0))
        >>> grey(lamina.Tensor([[[200.0, 100.0, 50.0]]]), training=True)[0, 0]
        Tensor([200., 200., 200.], float32)

    Keras cuts the saturation at the value range instead, which makes colours negative.
    """

    def get_random_transformation(self, images: Tensor) -> Drawn:
        u = self.uniform(images, *self.factor)
        return {"gain": u / (1 - u + EPSILON)}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        hsv = ops.rgb_to_hsv(at_least_float32(images))
        saturation = ops.clip(hsv[..., 1:2] * per_image(transformation["gain"], hsv), 0.0, 1.0)
        rgb = ops.hsv_to_rgb(ops.concatenate([hsv[..., :1], saturation, hsv[..., 2:]], axis=-1))
        return rgb.astype(images.dtype)


@registry.register()
class RandomColorJitter(RandomImageLayer):
    """In training brightness, contrast, saturation and hue of each image are changed, in this order.

    Args:
        value_range: lowest and highest value of a pixel.
        brightness_factor: of `RandomBrightness`; None leaves the brightness alone.
        contrast_factor: of `RandomContrast`.
        saturation_factor: of `RandomSaturation`.
        hue_factor: of `RandomHue`.
        seed: sets these draws apart from those of the other layers.
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, 3).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.RandomColorJitter(brightness_factor=(0.1, 0.1), hue_factor=(1.0, 1.0))
        >>> lamina.ops.round(layer(lamina.Tensor([[[229.5, 0.0, 0.0]]]), training=True)[0, 0] * 2)
        Tensor([ 51., 510., 510.], float32)
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        wanted = {
            RandomBrightness: brightness_factor,
            RandomContrast: contrast_factor,
            RandomSaturation: saturation_factor,
            RandomHue: hue_factor,
        }
        settings: dict[str, Any] = {"value_range": value_range, "seed": seed, "dtype": self.dtype_policy}
        self.parts: list[RandomImageLayer] = [
            part(factor, **settings) for part, factor in wanted.items() if factor is not None
        ]

    def get_random_transformation(self, images: Tensor) -> Drawn:
        return {part.name: part.get_random_transformation(images) for part in self.parts}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        for part in self.parts:
            images = part.transform_images(images, transformation[part.name])
        return images
