"""Images mirrored."""

from typing import Any

from ... import ops
from ...core import Tensor
from ..arguments import one_of
from ..layer import registry
from .image_layer import Drawn, RandomImageLayer, per_image


@registry.register()
class RandomFlip(RandomImageLayer):
    """In training each image is mirrored or not, with probability ½ along each axis of `mode`.

    Args:
        mode: "horizontal" (left and right), "vertical" (top and bottom) or "horizontal_and_vertical".
        seed: sets these draws apart from those of the other layers.
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, C).

    Example:
        >>> import lamina
        >>> layer, images = lamina.layers.RandomFlip("horizontal"), lamina.Tensor([[[[1.0], [2.0]]]] * 20)
        >>> sorted(set(map(tuple, layer(images, training=True)[:, 0, :, 0].tolist())))
        [(1.0, 2.0), (2.0, 1.0)]

    Keras tosses one coin for both axes; here each axis has its own, so that all four pictures occur.
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.mode = one_of(mode, ("horizontal", "vertical", "horizontal_and_vertical"), "RandomFlip", "mode")

    def get_random_transformation(self, images: Tensor) -> Drawn:
        axes = [axis for axis in ("horizontal", "vertical") if axis in self.mode]
        return {axis: self.uniform(images, 0.0, 1.0) < 0.5 for axis in axes}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        for name, axis in (("horizontal", 2), ("vertical", 1)):
            if name in transformation:
                images = ops.where(per_image(transformation[name], images), ops.flip(images, axis), images)
        return images
