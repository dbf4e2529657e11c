"""A few changes in a row, each picked from a list for each image."""

from typing import Any

from ...core import Tensor
from ..arguments import one_of, whole
from ..layer import registry
from .changes import RandomChanges, candidates
from .image_layer import Drawn
from .ranges import bounds, value_range_of


@registry.register()
class RandAugment(RandomChanges):
    """In training each image goes through `num_ops` changes, each picked for it from eleven with equal probability.

    They are shear, translation, rotation, brightness, colour degeneration, contrast, sharpness, posterization,
    solarization, auto-contrast and equalization.

    Args:
        value_range: lowest and highest value of a pixel.
        num_ops: how many changes an image goes through.
        factor: strength, given to each change: f for 0 ... f, or a pair in 0 ... 1.
        interpolation: "bilinear" or "nearest".
        seed: sets these draws apart from those of the other layers.
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, 3).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.RandAugment(num_ops=1, factor=0.3)
        >>> layer(lamina.ops.ones((2, 8, 8, 3)), training=True).shape
        (2, 8, 8, 3)

    Reference: Cubuk et al. 2019, RandAugment, arXiv 1909.13719. Keras picks one row of changes for the whole batch.
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.value_range = value_range_of(value_range, "RandAugment")
        self.num_ops = whole(num_ops, "RandAugment", "num_ops")
        self.factor = bounds(factor, "RandAugment", least=0.0)
        self.interpolation = one_of(interpolation, ("nearest", "bilinear"), "RandAugment", "interpolation")
        self.candidates = candidates(
            self.factor, self.value_range, self.interpolation, seed=seed, dtype=self.dtype_policy
        )

    def get_random_transformation(self, images: Tensor) -> Drawn:
        return {f"change_{i}": self.one_change(images) for i in range(self.num_ops)}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        for change in transformation.values():
            images = self.changed(images, change)
        return images
