"""Changes of one strength that are picked from a list, for each image its own."""

from typing import Any

from ... import ops
from ...core import Tensor
from .affine import RandomRotation, RandomShear, RandomTranslation
from .brightness import RandomBrightness, RandomContrast
from .grey import RandomColorDegeneration
from .image_layer import Drawn, ImageLayer, RandomImageLayer, per_image
from .ranges import Range
from .sharpness import RandomSharpness
from .tone import AutoContrast, Equalization, RandomPosterization, Solarization


def candidates(factor: Range, value_range: Range, interpolation: str, **common: Any) -> list[ImageLayer]:
    """The eleven layers to pick from, all of one strength."""
    seed = common.pop("seed")
    values, warp = {"value_range": value_range, **common}, {"interpolation": interpolation, "seed": seed, **common}
    drawn = {"seed": seed, **values}
    return [
        RandomShear(factor, factor, **warp),
        RandomTranslation(factor, factor, **warp),
        RandomRotation(factor, **warp),
        RandomBrightness(factor, **drawn),
        RandomColorDegeneration(factor, **drawn),
        RandomContrast(factor, **drawn),
        RandomSharpness(factor, **drawn),
        RandomPosterization(max(1, int(8 * factor[1])), **drawn),
        Solarization(factor, factor, **drawn),
        AutoContrast(**values),
        Equalization(**values),
    ]


class RandomChanges(RandomImageLayer):
    """Base of the layers that put each image through changes picked for it; a subclass fills `candidates`."""

    candidates: list[ImageLayer]

    def one_change(self, images: Tensor, idle: bool = False) -> Drawn:
        """Which candidate each image goes through (with `idle` maybe none), and what every candidate would do."""
        count = len(self.candidates) + idle
        picked = ops.minimum(ops.floor(self.uniform(images, 0.0, float(count))), float(count - 1))
        return {"picked": picked, "drawn": [layer.get_random_transformation(images) for layer in self.candidates]}

    def changed(self, images: Tensor, change: Drawn) -> Tensor:
        """The images after one change."""
        before = images
        for i, (layer, drawn) in enumerate(zip(self.candidates, change["drawn"], strict=True)):
            after = layer.transform_images(before, drawn)
            images = ops.where(per_image(change["picked"] == i, images), after, images)
        return images
