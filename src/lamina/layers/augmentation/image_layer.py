"""The common base: what goes in and out, and one draw for each sample."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ... import ops
from ...core import ShapeError, Tensor
from ...core.random import Key, next_key, normal, uniform
from ..arguments import one_of
from ..layer import Layer

Drawn = dict[str, Any]


class ImageLayer(Layer):
    """Base of the layers that change images; a subclass computes on a batch with channels last, always.

    It takes a batch of images, one image, or {"images": ..., "labels": ...}, in whole or floating numbers, and
    returns the same in the layer's float type.

    Args:
        data_format: "channels_last" (also None), images (N, H, W, C), or "channels_first", (N, C, H, W).
    """

    acts_at_rest: ClassVar[bool] = True  # whether it does the same in training and outside

    def __init__(self, *, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        formats = ("channels_last", "channels_first")
        self.data_format = one_of(data_format or formats[0], formats, type(self).__name__, "data_format")

    # -- what subclasses write ------------------------------------------------------------------
    def get_random_transformation(self, images: Tensor) -> Drawn:
        """What is drawn for each image of a batch (N, H, W, C); the first axis of each entry is N."""
        return {}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        """The batch (N, H, W, C) changed by what was drawn."""
        raise NotImplementedError(f"{type(self).__name__} must define transform_images(images, transformation)")

    def transform_labels(self, labels: Tensor, transformation: Drawn) -> Tensor:
        """The labels (N, ...) of the changed images."""
        return labels

    def rest(self, images: Tensor) -> Tensor:
        """The batch as it is outside training."""
        return images

    # -- calling ----------------------------------------------------------------------------------
    def call(self, inputs: Any, training: bool = False) -> Any:
        given = inputs if isinstance(inputs, Mapping) else {"images": inputs}
        images = given["images"]
        self._check(tuple(images.shape))
        single = images.ndim == 3
        batch = self._enter(images[None] if single else images)
        labels = {key: given[key][None] if single else given[key] for key in given if key == "labels"}
        if training or self.acts_at_rest:
            drawn = self.get_random_transformation(batch)
            batch = self.transform_images(batch, drawn)
            labels = {key: self.transform_labels(value, drawn) for key, value in labels.items()}
        else:
            batch = self.rest(batch)
        changed = {"images": self._leave(batch), **labels}
        changed = {key: value[0] if single else value for key, value in changed.items()}
        return {**given, **changed} if isinstance(inputs, Mapping) else changed["images"]

    def _check(self, shape: tuple[int, ...]) -> None:
        if len(shape) not in (3, 4):
            raise ShapeError(
                f"{type(self).__name__} {self.name!r}",
                "images have three axes, a batch of them four",
                expected="(N, H, W, C) or (H, W, C)",
                received=shape,
                remedy="Add the axis that is missing, for one grey channel with images[..., None]",
            )

    def _enter(self, images: Tensor) -> Tensor:
        images = images.astype(self.compute_dtype)
        return ops.moveaxis(images, 1, -1) if self.data_format == "channels_first" else images

    def _leave(self, images: Tensor) -> Tensor:
        return ops.moveaxis(images, -1, 1) if self.data_format == "channels_first" else images


class RandomImageLayer(ImageLayer):
    """Base of the layers that change each image of a batch in its own random way in training, and nothing at rest.

    What sample i gets is a function of the model's seed, the step, the number of the draw in the step, and i.

    Args:
        seed: sets these draws apart from those of the other layers.
    """

    acts_at_rest = False

    def __init__(self, *, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed

    @property
    def place(self) -> str:
        """Where random numbers are drawn: in one row, in the order of the calls; a seed opens a row of its own."""
        return "augmentation" if self.seed is None else f"augmentation/{self.seed}"

    def next_key(self) -> Key:
        """The key of this layer's next draw."""
        return next_key(self.place)

    def uniform(self, images: Tensor, low: float, high: float, *shape: int) -> Tensor:
        """(N, *shape) numbers in [low, high), float32 whatever the policy."""
        return uniform((images.shape[0], *shape), low, high, "float32", self.place)

    def normal(self, images: Tensor, *shape: int) -> Tensor:
        """(N, *shape) standard normal numbers."""
        return normal((images.shape[0], *shape), dtype="float32", place=self.place)

    def chosen(self, images: Tensor, low: float, high: float) -> Tensor:
        """(N,) booleans, true with a probability that is itself drawn from [low, high)."""
        return self.uniform(images, 0.0, 1.0) < self.uniform(images, low, high)


def per_image(values: Tensor, images: Tensor) -> Tensor:
    """One value a sample, (N,), as (N, 1, 1, 1) in the number type of `images`; booleans stay booleans."""
    spread = values.reshape(values.shape[0], 1, 1, 1)
    return spread if spread.dtype == bool else spread.astype(images.dtype)
