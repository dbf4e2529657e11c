"""Several chains of changes, blended with the image that they started from."""

from typing import Any

import jax
import jax.numpy as jnp

from ... import ops
from ...core import ArgumentError, Tensor
from ..arguments import one_of, whole
from ..layer import registry
from .changes import RandomChanges, candidates
from .image_layer import Drawn, per_image
from .ranges import bounds, value_range_of

COLOURS = ("RandomBrightness", "RandomColorDegeneration", "RandomContrast", "RandomSharpness")


@registry.register()
class AugMix(RandomChanges):
    """In training y = m · x + (1 − m) · Σ_k w_k · chain_k(x), cut at the value range.

    Each chain is a row of changes picked for each image and each place, or none there, with equal probability. They
    are those of `RandAugment`. m is drawn from Beta(α, α) and w from the Dirichlet distribution with all α, for
    each image. All chains of a batch run at once, as a batch of `num_chains` · N images.

    Args:
        value_range: lowest and highest value of a pixel.
        num_chains: how many chains are blended.
        chain_depth: places in a chain.
        factor: strength, given to each change: f for 0 ... f, or a pair in 0 ... 1.
        alpha: α > 0; the larger it is, the more alike are the shares of the chains.
        all_ops: False leaves out brightness, colour degeneration, contrast and sharpness, which resemble the
            corruptions that the method is usually tested with.
        interpolation: "bilinear" or "nearest".
        seed: sets these draws apart from those of the other layers.
        data_format: "channels_last" or "channels_first".

    Input and output (N, H, W, 3).

    Example:
        >>> import lamina
        >>> layer = lamina.layers.AugMix(num_chains=2, chain_depth=1, all_ops=False)
        >>> layer(lamina.ops.ones((2, 8, 8, 3)), training=True).shape
        (2, 8, 8, 3)

    Reference: Hendrycks et al. 2020, AugMix, arXiv 1912.02781. Keras picks the changes for the whole batch, and only
    once for each compiled program.
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Any = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.value_range = value_range_of(value_range, "AugMix")
        self.num_chains = whole(num_chains, "AugMix", "num_chains")
        self.chain_depth = whole(chain_depth, "AugMix", "chain_depth")
        self.factor = bounds(factor, "AugMix", least=0.0)
        self.interpolation = one_of(interpolation, ("nearest", "bilinear"), "AugMix", "interpolation")
        self.alpha, self.all_ops = alpha, all_ops
        if not alpha > 0:
            raise ArgumentError(
                "AugMix",
                "alpha is the parameter of a Dirichlet distribution",
                expected="a number > 0",
                received=alpha,
                remedy="For example 1.0",
            )
        every = candidates(self.factor, self.value_range, self.interpolation, seed=seed, dtype=self.dtype_policy)
        self.candidates = [layer for layer in every if all_ops or type(layer).__name__ not in COLOURS]

    def get_random_transformation(self, images: Tensor) -> Drawn:
        many = ops.repeat(images, self.num_chains, axis=0)  # chain k of image i is number i · num_chains + k
        chains = [self.one_change(many, idle=True) for _ in range(self.chain_depth)]
        return {"chains": chains, "shares": self._dirichlet(images, self.num_chains), "own": self._dirichlet(images, 2)}

    def _dirichlet(self, images: Tensor, count: int) -> Tensor:
        """(N, count) shares that sum to one; of two, the first has the distribution Beta(α, α)."""
        key = jax.random.wrap_key_data(self.next_key())
        alphas = jnp.full(count, self.alpha, jnp.float32)
        return Tensor._of(jax.random.dirichlet(key, alphas, images.shape[:1], jnp.float32))

    def transform_images(self, images: Tensor, transformation: Drawn) -> Tensor:
        many = ops.repeat(images, self.num_chains, axis=0)
        for change in transformation["chains"]:
            many = self.changed(many, change)
        shares = transformation["shares"].astype(images.dtype)[:, :, None, None, None]
        blend = (many.reshape(*shares.shape[:2], *images.shape[1:]) * shares).sum(axis=1)
        own = per_image(transformation["own"][:, 0], images)
        return ops.clip(own * images + (1 - own) * blend, *self.value_range)
