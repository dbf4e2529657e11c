"""Images of another size: stretched, or cut."""

from typing import Any

import jax.numpy as jnp

from ... import ops
from ...core import ArgumentError, Tensor, is_float
from ..arguments import one_of, whole
from ..layer import registry
from .image_layer import Drawn, ImageLayer, RandomImageLayer


def centred_window(images: Tensor, height: int, width: int) -> Tensor:
    """The largest window in the middle that has the proportions height : width."""
    h, w = images.shape[1:3]
    new_h, new_w = (max(min(old, new), 1) for old, new in ((h, int(w * height / width)), (w, int(h * width / height))))
    top, left = (h - new_h) // 2, (w - new_w) // 2
    return images[:, top : top + new_h, left : left + new_w]


def _with_margins(images: Tensor, height: int, width: int, fill_value: float) -> Tensor:
    """The image with margins on two sides, so that it has the proportions height : width."""
    h, w = images.shape[1:3]
    top = (max(h, int(w * height / width)) - h) // 2
    left = 0 if top else (max(w, int(h * width / height)) - w) // 2
    return ops.pad(images, [(0, 0), (top, top), (left, left), (0, 0)], constant_values=fill_value)


@registry.register()
class Resizing(ImageLayer):
    """Images stretched to a height and a width; see `ops.resize` for the formula.

    Args:
        height, width: of the output, in pixels.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3", "lanczos5" or "area".
        crop_to_aspect_ratio: cut to the output's proportions first, so that nothing is distorted.
        pad_to_aspect_ratio: add margins to the output's proportions first.
        fill_mode: of the margins: "constant".
        fill_value: of the margins.
        antialias: average over the pixels that a smaller image would leave out.
        data_format: "channels_last" or "channels_first".

    Input (N, H, W, C), output (N, height, width, C). Whole numbers stay whole: rounded, and cut at their type's ends.

    Example:
        >>> import lamina
        >>> lamina.layers.Resizing(2, 2)(lamina.Tensor([[[1.0], [2.0]], [[3.0], [4.0]]]) * 10)[:, :, 0]
        Tensor([[10., 20.],
                [30., 40.]], float32)
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        known = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5", "area")
        self.height, self.width = whole(height, "Resizing", "height"), whole(width, "Resizing", "width")
        self.interpolation = one_of(interpolation, known, "Resizing", "interpolation")
        self.fill_mode = one_of(fill_mode, ("constant",), "Resizing", "fill_mode")
        self.crop, self.margins = crop_to_aspect_ratio, pad_to_aspect_ratio
        self.fill_value, self.antialias = fill_value, antialias
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ArgumentError(
                "Resizing",
                "an image is either cut or padded to the output's proportions",
                expected="one of crop_to_aspect_ratio and pad_to_aspect_ratio",
                received="both",
                remedy="Leave one out",
            )

    def call(self, inputs: Any, training: bool = False) -> Any:
        images = inputs["images"] if isinstance(inputs, dict) else inputs
        outputs = super().call(inputs)
        if is_float(images.dtype):
            return outputs
        if isinstance(outputs, dict):
            return {**outputs, "images": _as_integers(outputs["images"], images.dtype)}
        return _as_integers(outputs, images.dtype)

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        if self.crop:
            images = centred_window(images, self.height, self.width)
        elif self.margins:
            images = _with_margins(images, self.height, self.width, self.fill_value)
        return ops.resize(images, (self.height, self.width), self.interpolation, self.antialias)


def _as_integers(images: Tensor, dtype: Any) -> Tensor:
    ends = jnp.iinfo(dtype)
    return ops.clip(ops.round(images), float(ends.min), float(ends.max)).astype(dtype)


class _Window(ImageLayer):
    """Base of the layers that cut images to a height and a width."""

    def __init__(self, height: int, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        who = type(self).__name__
        self.height, self.width = whole(height, who, "height"), whole(width, who, "width")

    def holds(self, images: Tensor) -> bool:
        """Whether the images are at least as large as the window."""
        return images.shape[1] >= self.height and images.shape[2] >= self.width

    def in_the_middle(self, images: Tensor) -> Tensor:
        """The window in the middle; of images that are too small, the largest of its proportions, enlarged."""
        if not self.holds(images):
            return ops.resize(centred_window(images, self.height, self.width), (self.height, self.width))
        top, left = (images.shape[1] - self.height) // 2, (images.shape[2] - self.width) // 2
        return images[:, top : top + self.height, left : left + self.width]


@registry.register()
class CenterCrop(_Window):
    """The middle of each image; images that are smaller are enlarged first, and cut to the same proportions.

    Args:
        height, width: of the output, in pixels.
        data_format: "channels_last" or "channels_first".

    Input (N, H, W, C), output (N, height, width, C).

    Example:
        >>> import lamina
        >>> lamina.layers.CenterCrop(1, 2)(lamina.ops.reshape(lamina.ops.arange(12.0), (3, 4, 1)))[..., 0]
        Tensor([[5., 6.]], float32)
    """

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(height, width, data_format=data_format, **kwargs)

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        return self.in_the_middle(images)


@registry.register()
class RandomCrop(_Window, RandomImageLayer):
    """In training a window somewhere in each image; otherwise, and where images are smaller, as `CenterCrop`.

    Args:
        height, width: of the output, in pixels.
        seed: sets these draws apart from those of the other layers.
        data_format: "channels_last" or "channels_first".

    Input (N, H, W, C), output (N, height, width, C).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.RandomCrop(24, 24)
        >>> layer(lamina.ops.zeros((2, 28, 28, 1)), training=True).shape
        (2, 24, 24, 1)

    Keras draws one window for the whole batch, and lets images pass uncut outside training.
    """

    def __init__(
        self, height: int, width: int, seed: int | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(height, width, seed=seed, data_format=data_format, **kwargs)

    def get_random_transformation(self, images: Tensor) -> Drawn:
        if not self.holds(images):
            return {}
        tops, lefts = images.shape[1] - self.height + 1, images.shape[2] - self.width + 1
        return {"top": self._whole_below(tops, images), "left": self._whole_below(lefts, images)}

    def _whole_below(self, n: int, images: Tensor) -> Tensor:
        return ops.minimum(ops.floor(self.uniform(images, 0.0, float(n))), float(n - 1)).astype("int32")

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        if not transformation:
            return self.in_the_middle(images)
        rows = transformation["top"].array[:, None] + jnp.arange(self.height, dtype=jnp.int32)
        columns = transformation["left"].array[:, None] + jnp.arange(self.width, dtype=jnp.int32)
        sample = jnp.arange(images.shape[0], dtype=jnp.int32)
        return images[sample[:, None, None], rows[:, :, None], columns[:, None, :]]

    def rest(self, images: Tensor) -> Tensor:
        return self.in_the_middle(images)
