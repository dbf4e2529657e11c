"""Images blurred or sharpened."""

from typing import Any

import jax.numpy as jnp

from ... import ops
from ...core import ArgumentError, Tensor
from ..layer import registry
from .image_layer import Drawn, RandomImageLayer, per_image
from .ranges import bounds, value_range_of
from .strength import RandomStrength


def _odd_pair(kernel_size: Any) -> tuple[int, int]:
    pair = tuple(kernel_size) if isinstance(kernel_size, (tuple, list)) else (kernel_size, kernel_size)
    if len(pair) == 2 and all(isinstance(k, int) and k > 0 and k % 2 for k in pair):
        return pair
    raise ArgumentError(
        "RandomGaussianBlur",
        "kernel_size counts the pixels that are averaged, with one in the middle",
        expected="an odd number, or a pair of odd numbers",
        received=repr(kernel_size),
        remedy="For example 3",
    )


@registry.register()
class RandomGaussianBlur(RandomImageLayer):
    """In training some images are blurred by a bell curve, cut at the value range; see `ops.gaussian_blur`.

    Args:
        factor: how probable that is for an image: p for a probability drawn from 0 ... p, or a pair.
        kernel_size: how many pixels (x, y) are averaged, odd, or one number for both.
        sigma: standard deviation of the curve in pixels, drawn for x and for y: f for 0 ... f, or a pair in 0 ... 1.
        value_range: lowest and highest value of a pixel.
        data_format: "channels_last" or "channels_first".
        seed: sets these draws apart from those of the other layers.

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.RandomGaussianBlur((1.0, 1.0), (3, 1), sigma=(1.0, 1.0))
        >>> layer(lamina.Tensor([[[0.0], [100.0], [0.0]]]), training=True)[0, :, 0]
        Tensor([27.40..., 45.18..., 27.40...], float32)

    Keras draws one pair of standard deviations for the whole batch.
    """

    def __init__(
        self,
        factor: Any = 1.0,
        kernel_size: Any = 3,
        sigma: Any = 1.0,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.factor = bounds(factor, "RandomGaussianBlur", least=0.0)
        self.kernel_size = _odd_pair(kernel_size)
        self.sigma = bounds(sigma, "RandomGaussianBlur", "sigma", least=0.0)
        self.value_range = value_range_of(value_range, "RandomGaussianBlur")

    def get_random_transformation(self, images: Tensor) -> Drawn:
        chosen = self.chosen(images, *self.factor)
        return {"chosen": chosen, "sigma": self.uniform(images, *self.sigma, 2) + 1e-6}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        blurred = ops.gaussian_blur(images, self.kernel_size, transformation["sigma"])
        changed = ops.where(per_image(transformation["chosen"], images), blurred, images)
        return ops.clip(changed, *self.value_range)


@registry.register()
class RandomSharpness(RandomStrength):
    """In training y = x + (1 − 2u) · (smooth − x), cut at the value range; smooth is a mean of 3 × 3 pixels.

    The pixel in the middle weighs 5/13 and its eight neighbours 1/13 each; outside the image is 0.

    Args:
        factor: u: f for 0 ... f, or a pair in 0 ... 1; 0 smooths, 0.5 changes nothing, 1 sharpens.
        value_range: lowest and highest value of a pixel.
        data_format: "channels_last" or "channels_first".
        seed: sets these draws apart from those of the other layers.

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> smooth = lamina.layers.RandomSharpness((0.0, 0.0))
        >>> smooth(lamina.Tensor([[[0.0], [130.0], [0.0]]]), training=True)[0, :, 0]
        Tensor([10., 50., 10.], float32)
    """

    def get_random_transformation(self, images: Tensor) -> Drawn:
        return {"amount": self.uniform(images, *self.factor)}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        weights = jnp.ones((3, 3), images.dtype).at[1, 1].set(5) / 13
        kernel = ops.tile(weights[:, :, None, None], (1, 1, images.shape[-1], 1))
        smooth = ops.depthwise_conv(images, kernel, padding="same")
        amount = per_image(1 - 2 * transformation["amount"], images)
        return ops.clip(images + amount * (smooth - images), *self.value_range)
