"""The constructor of the layers that draw one strength for each image."""

from typing import Any, ClassVar

from .image_layer import RandomImageLayer
from .ranges import bounds, value_range_of


class RandomStrength(RandomImageLayer):
    """Base of the layers that change each image by a strength drawn for it.

    Args:
        factor: the range it is drawn from: f for −f ... f, or 0 ... f where negative ones mean nothing; or a pair.
        value_range: lowest and highest value of a pixel.
        data_format: "channels_last" or "channels_first".
        seed: sets these draws apart from those of the other layers.
    """

    least: ClassVar[float] = 0.0  # the lowest strength that means something

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.factor = bounds(factor, type(self).__name__, least=self.least)
        self.value_range = value_range_of(value_range, type(self).__name__)
