"""Rectangles: wiped out, or taken from another image."""

from typing import Any

import jax.numpy as jnp

from ... import ops
from ...core import Tensor
from ..layer import registry
from .image_layer import Drawn, RandomImageLayer, per_image
from .ranges import bounds, value_range_of


def box_start(layer: RandomImageLayer, images: Tensor, size: Tensor, axis: int) -> Tensor:
    """(N,) where boxes of `size` pixels begin along an axis, anywhere inside the image."""
    return layer.uniform(images, 0.0, 1.0) * (images.shape[axis] - size)


def box_mask(images: Tensor, top: Tensor, left: Tensor, height: Tensor, width: Tensor) -> Tensor:
    """(N, H, W, 1) true inside one box an image; start and size (N,) in pixels."""

    def along(axis: int, start: Tensor, size: Tensor) -> Tensor:
        places = jnp.arange(images.shape[axis], dtype=start.dtype)[None, :]
        return (places >= start[:, None]) & (places < (start + size)[:, None])

    return along(1, top, height)[:, :, None, None] & along(2, left, width)[:, None, :, None]


@registry.register()
class RandomErasing(RandomImageLayer):
    """In training a rectangle of some images is filled with a value, or with noise.

    Args:
        factor: how probable that is for an image: p for a probability drawn from 0 ... p, or a pair.
        scale: share of the image that a square of the image's proportions would have: the rectangle's height is
            √u · H and its width √v · W, u and v drawn from this range.
        fill_value: a number, or one for each channel; None for normal noise times the highest value.
        value_range: lowest and highest value of a pixel.
        seed: sets these draws apart from those of the other layers.
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.RandomErasing((1.0, 1.0), (0.25, 0.25), fill_value=0.0)
        >>> round(1 - layer(lamina.ops.ones((8, 100, 100, 1)), training=True).mean().item(), 2)
        0.25

    Reference: Zhong et al. 2017, Random erasing data augmentation, arXiv 1708.04896.
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = bounds(factor, "RandomErasing", least=0.0)
        self.scale = bounds(scale, "RandomErasing", "scale", least=0.0)
        self.fill_value = fill_value
        self.value_range = value_range_of(value_range, "RandomErasing")

    def get_random_transformation(self, images: Tensor) -> Drawn:
        height, width = (ops.sqrt(self.uniform(images, *self.scale)) * images.shape[axis] for axis in (1, 2))
        box = {
            "top": box_start(self, images, height, 1),
            "left": box_start(self, images, width, 2),
            "height": height,
            "width": width,
        }
        noise = {"noise": self.normal(images, *images.shape[1:])} if self.fill_value is None else {}
        return {"chosen": self.chosen(images, *self.factor), **box, **noise}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        sides = (transformation[side] for side in ("top", "left", "height", "width"))
        erased = box_mask(images, *sides) & per_image(transformation["chosen"], images)
        if self.fill_value is None:
            fill = (transformation["noise"] * self.value_range[1]).astype(images.dtype)
        else:
            fill = Tensor(self.fill_value, images.dtype)
        return ops.where(erased, ops.clip(fill, *self.value_range), images)
