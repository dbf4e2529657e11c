"""Images mixed with other images of the batch, and their labels in the same proportion."""

from typing import Any

import jax
import jax.numpy as jnp

from ... import ops
from ...core import ArgumentError, ShapeError, Tensor
from ...core.random import random_bits
from ..layer import registry
from .erasing import box_mask, box_start
from .image_layer import Drawn, RandomImageLayer, per_image
from .ranges import bounds


class Mixing(RandomImageLayer):
    """Base of `MixUp` and `CutMix`: a partner for each image, and labels λ · own + (1 − λ) · partner's."""

    def partners(self, images: Tensor) -> Tensor:
        """(N,) a random order of the batch."""
        return Tensor._of(jnp.argsort(random_bits(self.next_key(), images.shape[:1])).astype(jnp.int32))

    def shares(self, images: Tensor, alpha: Any) -> Tensor:
        """(N,) numbers λ with the distribution Beta(alpha, alpha)."""
        key = jax.random.wrap_key_data(self.next_key())
        return Tensor._of(jax.random.beta(key, alpha, alpha, images.shape[:1], jnp.float32))

    def transform_labels(self, labels: Tensor, transformation: Drawn) -> Tensor:
        if labels.ndim < 2:
            raise ShapeError(
                type(self).__name__,
                "labels that are mixed are vectors of shares",
                expected="(N, U), for example one-hot",
                received=labels.shape,
                remedy="Use lamina.ops.one_hot(labels, number of classes)",
            )
        labels = labels.astype(self.compute_dtype)
        own = transformation["share"].reshape(labels.shape[0], *(1,) * (labels.ndim - 1)).astype(labels.dtype)
        return labels * own + ops.take(labels, transformation["partner"], axis=0) * (1 - own)


@registry.register()
class MixUp(Mixing):
    """In training each image is blended with another of its batch: λ · x + (1 − λ) · partner, λ from Beta(α, α).

    Args:
        alpha: α > 0; small values leave most images almost alone.
        data_format: "channels_last" or "channels_first".
        seed: sets these draws apart from those of the other layers.

    Input (N, H, W, C), or {"images": ..., "labels": (N, U)}, whose labels are blended alike; output of the same form.

    Example:
        >>> import lamina
        >>> data = {"images": lamina.ops.reshape([0.0, 1.0], (2, 1, 1, 1)), "labels": lamina.Tensor([[0.0], [1.0]])}
        >>> mixed = lamina.layers.MixUp(1.0)(data, training=True)
        >>> bool((mixed["images"][:, 0, 0] == mixed["labels"]).all())
        True

    Reference: Zhang et al. 2017, mixup: beyond empirical risk minimization, arXiv 1710.09412.
    """

    def __init__(
        self, alpha: float = 0.2, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.alpha = alpha
        if not alpha > 0:
            raise ArgumentError(
                "MixUp",
                "alpha is the parameter of a Beta distribution",
                expected="a number > 0",
                received=alpha,
                remedy="For example 0.2",
            )

    def get_random_transformation(self, images: Tensor) -> Drawn:
        return {"partner": self.partners(images), "share": self.shares(images, self.alpha)}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        own = per_image(transformation["share"], images)
        return images * own + ops.take(images, transformation["partner"], axis=0) * (1 - own)


@registry.register()
class CutMix(Mixing):
    """In training a rectangle of each image is replaced by the same rectangle of another image of its batch.

    The rectangle has √(1 − β) of the height and of the width, β from Beta(α, α). λ, the share of an image's own
    pixels that are left, mixes the labels.

    Args:
        factor: α: f for a number drawn from 0 ... f, or a pair.
        seed: sets these draws apart from those of the other layers.
        data_format: "channels_last" or "channels_first".

    Input (N, H, W, C), or {"images": ..., "labels": (N, U)}, whose labels are mixed alike; output of the same form.

    Example:
        >>> import lamina
        >>> images = lamina.ops.reshape([0.0, 1.0], (2, 1, 1, 1)) + lamina.ops.zeros((2, 8, 8, 1))
        >>> data = {"images": images, "labels": lamina.Tensor([[0.0], [1.0]])}
        >>> mixed = lamina.layers.CutMix()(data, training=True)
        >>> bool((mixed["images"].mean(axis=(1, 2)) == mixed["labels"]).all())
        True

    Reference: Yun et al. 2019, CutMix, arXiv 1905.04899. Keras mixes labels by the rectangle's area before it is
    cut to whole pixels.
    """

    def __init__(
        self, factor: Any = 1.0, seed: int | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, seed=seed, **kwargs)
        self.factor = bounds(factor, "CutMix", least=0.0)

    def get_random_transformation(self, images: Tensor) -> Drawn:
        alpha = self.uniform(images, *self.factor).array + 1e-6
        side = ops.sqrt(1 - self.shares(images, alpha))
        height, width = side * images.shape[1], side * images.shape[2]
        top, left = box_start(self, images, height, 1), box_start(self, images, width, 2)
        mask = box_mask(images, top, left, height, width)
        share = 1 - mask.astype("float32").mean(axis=(1, 2, 3))
        return {"partner": self.partners(images), "mask": mask, "share": share}

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        return ops.where(transformation["mask"], ops.take(images, transformation["partner"], axis=0), images)
