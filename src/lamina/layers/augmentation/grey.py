"""Colours taken out, wholly or in part."""

from typing import Any

from ... import ops
from ...core import ArgumentError, Tensor
from ..layer import registry
from .image_layer import Drawn, RandomImageLayer, per_image
from .strength import RandomStrength


@registry.register()
class RandomGrayscale(RandomImageLayer):
    """In training some images become grey: all channels 0.2989 R + 0.587 G + 0.114 B.

    Args:
        factor: the probability of that for each image.
        data_format: "channels_last" or "channels_first".
        seed: sets these draws apart from those of the other layers.

    Input and output (N, H, W, 3).

    Example:
        >>> import lamina
        >>> lamina.layers.RandomGrayscale(1.0)(lamina.Tensor([[[100.0, 0.0, 0.0]]]), training=True)[0, 0]
        Tensor([29.89, 29.89, 29.89], float32)
    """

    def __init__(
        self, factor: float = 0.5, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.factor = factor
        if not 0 <= factor <= 1:
            raise ArgumentError(
                "RandomGrayscale",
                "factor is a probability",
                expected="a number in 0 ... 1",
                received=repr(factor),
                remedy="For example 0.5",
            )

    def get_random_transformation(self, images: Tensor) -> Drawn:
        return {"chosen": self.uniform(images, 0.0, 1.0) < self.factor}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        return ops.where(per_image(transformation["chosen"], images), ops.rgb_to_grayscale(images), images)


@registry.register()
class RandomColorDegeneration(RandomStrength):
    """In training y = x + u · (grey − x), cut at the value range, with one u for each image.

    Args:
        factor: u: f for −f ... f, or a pair in −1 ... 1; 1 is grey, negative numbers make colours stronger.
        value_range: lowest and highest value of a pixel.
        data_format: "channels_last" or "channels_first".
        seed: sets these draws apart from those of the other layers.

    Input and output (N, H, W, 3).

    Example:
        >>> import lamina
        >>> half = lamina.layers.RandomColorDegeneration((0.5, 0.5))
        >>> lamina.ops.round(half(lamina.Tensor([[[100.0, 0.0, 0.0]]]), training=True)[0, 0])
        Tensor([65., 15., 15.], float32)
    """

    least = -1.0

    def get_random_transformation(self, images: Tensor) -> Drawn:
        return {"amount": self.uniform(images, *self.factor)}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        towards = ops.rgb_to_grayscale(images) - images
        return ops.clip(images + per_image(transformation["amount"], images) * towards, *self.value_range)
