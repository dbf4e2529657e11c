"""Images rotated, zoomed, shifted and sheared: four matrices for one warp."""

import math
from typing import Any

from ... import ops
from ...core import Tensor
from ..arguments import one_of
from ..layer import registry
from .image_layer import Drawn, RandomImageLayer
from .ranges import Range, bounds


def matrix(
    images: Tensor, a0: Any = 1.0, a1: Any = 0.0, a2: Any = 0.0, b0: Any = 0.0, b1: Any = 1.0, b2: Any = 0.0
) -> Tensor:
    """(N, 8) of `ops.affine_transform`, from numbers and tensors (N,)."""
    none = ops.zeros((images.shape[0],), "float32")
    return ops.stack([none + value for value in (a0, a1, a2, b0, b1, b2, 0.0, 0.0)], axis=1)


class RandomAffine(RandomImageLayer):
    """Base of the layers that read each output pixel (x, y) at a linear map of its place.

    Args:
        fill_mode: what lies outside the image: "reflect", "wrap", "constant" or "nearest"; see `ops.resample`.
        interpolation: "bilinear" or "nearest".
        fill_value: with "constant".
    """

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        seed: int | None,
        fill_value: float,
        data_format: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        who = type(self).__name__
        self.fill_mode = one_of(fill_mode, ("reflect", "wrap", "constant", "nearest"), who, "fill_mode")
        self.interpolation = one_of(interpolation, ("nearest", "bilinear"), who, "interpolation")
        self.fill_value = fill_value

    def matrix(self, images: Tensor, transformation: Drawn) -> Tensor:
        """(N, 8), as `ops.affine_transform` takes it."""
        raise NotImplementedError(f"{type(self).__name__} must define matrix(images, transformation)")

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        return ops.affine_transform(
            images, self.matrix(images, transformation), self.interpolation, self.fill_mode, self.fill_value
        )


@registry.register()
class RandomRotation(RandomAffine):
    """In training each image is turned about its middle by an angle of its own.

    Args:
        factor: the angle as a share of a full turn: f for −f ... f, or a pair; 0.1 is 36°. Positive is
            anticlockwise.
        fill_mode: what lies outside the image: "reflect", "wrap", "constant" or "nearest"; see `ops.resample`.
        interpolation: "bilinear" or "nearest".
        seed: sets these draws apart from those of the other layers.
        fill_value: with "constant".
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> quarter = lamina.layers.RandomRotation((0.25, 0.25))
        >>> lamina.ops.round(quarter(lamina.Tensor([[[1.0], [2.0]], [[3.0], [4.0]]]), training=True)[..., 0])
        Tensor([[2., 4.],
                [1., 3.]], float32)
    """

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.factor = bounds(factor, "RandomRotation")

    def get_random_transformation(self, images: Tensor) -> Drawn:
        low, high = self.factor
        return {"angle": self.uniform(images, 2 * math.pi * low, 2 * math.pi * high)}  # radians

    def matrix(self, images: Tensor, transformation: Drawn) -> Tensor:
        cos, sin = ops.cos(transformation["angle"]), ops.sin(transformation["angle"])
        x, y = (images.shape[2] - 1) / 2, (images.shape[1] - 1) / 2  # the middle, which stays
        return matrix(images, cos, -sin, x - x * cos + y * sin, sin, cos, y - x * sin - y * cos)


@registry.register()
class RandomZoom(RandomAffine):
    """In training each image is made smaller or larger about its middle.

    Args:
        height_factor: f for −f ... f, or a pair: 0.2 shows 20 % more of the image's height, smaller; −0.2 shows
            20 % less, larger.
        width_factor: the same along the width; None draws one number for both, which keeps the proportions.
        fill_mode: what lies outside the image: "reflect", "wrap", "constant" or "nearest"; see `ops.resample`.
        interpolation: "bilinear" or "nearest".
        seed: sets these draws apart from those of the other layers.
        fill_value: with "constant".
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> smaller = lamina.layers.RandomZoom((1.0, 1.0), fill_mode="constant")
        >>> smaller(lamina.ops.ones((4, 4, 1)), training=True)[..., 0]
        Tensor([[0., 0., 0., 0.],
                [0., 1., 1., 0.],
                [0., 1., 1., 0.],
                [0., 0., 0., 0.]], float32)
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor = bounds(height_factor, "RandomZoom", "height_factor")
        self.width_factor = None if width_factor is None else bounds(width_factor, "RandomZoom", "width_factor")

    def get_random_transformation(self, images: Tensor) -> Drawn:
        height = self.uniform(images, *self.height_factor)
        width = height if self.width_factor is None else self.uniform(images, *self.width_factor)
        return {"height": height, "width": width}

    def matrix(self, images: Tensor, transformation: Drawn) -> Tensor:
        height, width = transformation["height"], transformation["width"]
        x, y = (images.shape[2] - 1) / 2, (images.shape[1] - 1) / 2
        return matrix(images, a0=1 + width, a2=-x * width, b1=1 + height, b2=-y * height)


@registry.register()
class RandomTranslation(RandomAffine):
    """In training each image is shifted.

    Args:
        height_factor: the shift downwards as a share of the height: f for −f ... f, or a pair.
        width_factor: the shift to the right as a share of the width.
        fill_mode: what lies outside the image: "reflect", "wrap", "constant" or "nearest"; see `ops.resample`.
        interpolation: "bilinear" or "nearest".
        seed: sets these draws apart from those of the other layers.
        fill_value: with "constant".
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> down = lamina.layers.RandomTranslation((0.5, 0.5), 0.0, fill_mode="constant")
        >>> down(lamina.Tensor([[[1.0], [2.0]], [[3.0], [4.0]]]), training=True)[..., 0]
        Tensor([[0., 0.],
                [1., 2.]], float32)
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor = bounds(height_factor, "RandomTranslation", "height_factor")
        self.width_factor = bounds(width_factor, "RandomTranslation", "width_factor")

    def get_random_transformation(self, images: Tensor) -> Drawn:
        return {
            "down": self.uniform(images, *self.height_factor) * images.shape[1],  # pixels
            "right": self.uniform(images, *self.width_factor) * images.shape[2],
        }

    def matrix(self, images: Tensor, transformation: Drawn) -> Tensor:
        return matrix(images, a2=-transformation["right"], b2=-transformation["down"])


@registry.register()
class RandomShear(RandomAffine):
    """In training each image is slanted: (x, y) is read at (x + s_x y, y + s_y x), with one random sign for both.

    Args:
        x_factor: s_x: f for −f ... f, or a pair in 0 ... 1.
        y_factor: s_y, likewise.
        interpolation: "bilinear" or "nearest".
        fill_mode: what lies outside the image: "reflect", "wrap", "constant" or "nearest"; see `ops.resample`.
        fill_value: with "constant".
        data_format: "channels_last" or "channels_first".
        seed: sets these draws apart from those of the other layers.

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.RandomShear(0.3, fill_mode="constant")
        >>> layer(lamina.ops.ones((2, 8, 8, 3)), training=True).shape
        (2, 8, 8, 3)
    """

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.x_factor = self._both_ways(x_factor, "x_factor")
        self.y_factor = self._both_ways(y_factor, "y_factor")

    @staticmethod
    def _both_ways(factor: Any, argument: str) -> Range:
        low, high = bounds(factor, "RandomShear", argument, least=0.0)
        return (low, high) if isinstance(factor, (tuple, list)) else (-high, high)

    def get_random_transformation(self, images: Tensor) -> Drawn:
        sign = ops.where(self.uniform(images, 0.0, 1.0) < 0.5, 1.0, -1.0)
        slant_x, slant_y = self.uniform(images, *self.x_factor), self.uniform(images, *self.y_factor)
        return {"slant_x": slant_x * sign, "slant_y": slant_y * sign}

    def matrix(self, images: Tensor, transformation: Drawn) -> Tensor:
        return matrix(images, a1=transformation["slant_x"], b0=transformation["slant_y"])
