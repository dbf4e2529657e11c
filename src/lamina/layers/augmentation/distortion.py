"""Images seen at an angle, or through rippled glass."""

from typing import Any

import jax.numpy as jnp

from ... import ops
from ...core import ArgumentError, Tensor
from ..arguments import one_of
from ..layer import registry
from .image_layer import Drawn, RandomImageLayer, per_image
from .ranges import bounds, value_range_of


@registry.register()
class RandomPerspective(RandomImageLayer):
    """In training some images are seen at an angle: each corner (x, y) moves to (x + u x, y + v y).

    Args:
        factor: how probable that is for an image: p for a probability drawn from 0 ... p, or a pair.
        scale: s in 0 ... 1: u and v are drawn from −s/2 ... s/2, for each corner. The upper left one stays.
        interpolation: "bilinear" or "nearest".
        fill_value: of what lies outside the image.
        seed: sets these draws apart from those of the other layers.
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> lamina.layers.RandomPerspective(scale=0.3)(lamina.ops.ones((2, 8, 8, 3)), training=True).shape
        (2, 8, 8, 3)
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = bounds(factor, "RandomPerspective", least=0.0)
        self.interpolation = one_of(interpolation, ("nearest", "bilinear"), "RandomPerspective", "interpolation")
        self.scale, self.fill_value = scale, fill_value
        if not 0 <= scale <= 1:
            raise ArgumentError(
                "RandomPerspective",
                "scale says how far corners move",
                expected="a number in 0 ... 1",
                received=repr(scale),
                remedy="For example 0.3",
            )

    def get_random_transformation(self, images: Tensor) -> Drawn:
        x, y = images.shape[2] - 1, images.shape[1] - 1
        start = jnp.asarray([[[0, 0], [x, 0], [0, y], [x, y]]], jnp.float32)
        moved = self.uniform(images, -self.scale / 2, self.scale / 2, 4, 2) * start + start
        return {"chosen": self.chosen(images, *self.factor), "start": ops.zeros_like(moved) + start, "end": moved}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        start, end = transformation["start"], transformation["end"]
        seen = ops.perspective_transform(images, start, end, self.interpolation, self.fill_value)
        return ops.where(per_image(transformation["chosen"], images), seen, images)


@registry.register()
class RandomElasticTransform(RandomImageLayer):
    """In training some images are rippled: (x, y) is read at (x + α d_x, y + α d_y), cut at the value range.

    d is normal noise with standard deviation σ, blurred by a bell curve of width σ; α = 0.1 s · max(H, W) and
    σ = 0.05 s · min(H, W).

    Args:
        factor: how probable that is for an image: p for a probability drawn from 0 ... p, or a pair.
        scale: s: f for 0 ... f, or a pair in 0 ... 1.
        interpolation: "bilinear" or "nearest".
        fill_mode: what lies outside: "reflect", "wrap", "constant", "nearest" or "mirror"; see `ops.resample`.
        fill_value: with "constant".
        value_range: lowest and highest value of a pixel.
        seed: sets these draws apart from those of the other layers.
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> lamina.layers.RandomElasticTransform()(lamina.ops.ones((2, 8, 8, 3)), training=True).shape
        (2, 8, 8, 3)

    Reference: Simard et al. 2003, Best practices for convolutional neural networks applied to visual document
    analysis. Keras draws one s for the whole batch, and blurs with a kernel whose size follows it.
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        who, modes = "RandomElasticTransform", ("reflect", "wrap", "constant", "nearest", "mirror")
        self.factor = bounds(factor, who, least=0.0)
        self.scale = bounds(scale, who, "scale", least=0.0)
        self.interpolation = one_of(interpolation, ("nearest", "bilinear"), who, "interpolation")
        self.fill_mode, self.fill_value = one_of(fill_mode, modes, who, "fill_mode"), fill_value
        self.value_range = value_range_of(value_range, who)

    def get_random_transformation(self, images: Tensor) -> Drawn:
        height, width = images.shape[1:3]
        strength = self.uniform(images, *self.scale)
        sigma = strength * (0.05 * min(height, width)) + 1e-6
        taps = int(0.3 * min(height, width) * self.scale[1]) | 1  # three standard deviations to each side
        noise = self.normal(images, height, width, 2) * sigma[:, None, None, None]
        ripple = ops.gaussian_blur(noise, taps, ops.stack([sigma, sigma], axis=1))
        return {
            "chosen": self.chosen(images, *self.factor),
            "shift": ripple * (strength * (0.1 * max(height, width)))[:, None, None, None],  # (N, H, W, 2), x and y
        }

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        shift = transformation["shift"]
        rows = jnp.arange(images.shape[1], dtype=shift.dtype)[None, :, None] + shift[..., 1]
        columns = jnp.arange(images.shape[2], dtype=shift.dtype)[None, None, :] + shift[..., 0]
        rippled = ops.resample(images, rows, columns, self.interpolation, self.fill_mode, self.fill_value)
        changed = ops.where(per_image(transformation["chosen"], images), rippled, images)
        return ops.clip(changed, *self.value_range)
