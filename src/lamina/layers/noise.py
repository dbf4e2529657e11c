"""Noise in training, and a penalty on activity: other ways to keep a network from fitting too closely."""

import math
from collections.abc import Sequence
from typing import Any

from .. import ops, regularizers
from ..core import ArgumentError, Tensor
from ..core.random import coin, next_key, normal
from .arguments import share
from .dropout import place_of
from .layer import Layer, registry


@registry.register()
class GaussianNoise(Layer):
    """In training y = x + stddev · z with z standard normal; otherwise y = x.

    Args:
        stddev: standard deviation of the noise.
        seed: sets this noise apart from that of the other layers.

    Input and output of the same shape.

    Example:
        >>> import lamina
        >>> y = lamina.layers.GaussianNoise(2.0)(lamina.ops.zeros(4000), training=True)
        >>> bool(abs(y.std() - 2.0) < 0.1)
        True
    """

    supports_masking = True

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stddev, self.seed = stddev, seed
        if not stddev >= 0:
            raise ArgumentError(
                "GaussianNoise",
                "stddev is a standard deviation",
                expected="a number >= 0",
                received=stddev,
                remedy="For example 0.1",
            )

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.stddev == 0:
            return inputs
        return inputs + normal(inputs.shape, 0.0, self.stddev, inputs.dtype, place_of(self.seed))


@registry.register()
class GaussianDropout(Layer):
    """In training y = x · z with z normal, mean 1, variance rate/(1 − rate), as `Dropout` has; otherwise y = x.

    Args:
        rate: in [0, 1).
        seed: sets this noise apart from that of the other layers.

    Input and output of the same shape.

    Example:
        >>> import lamina
        >>> y = lamina.layers.GaussianDropout(0.5)(lamina.ops.ones(4000), training=True)
        >>> bool(abs(y.mean() - 1.0) < 0.1), bool(abs(y.std() - 1.0) < 0.1)
        (True, True)

    Reference: Srivastava et al. 2014, Dropout, section 10.
    """

    supports_masking = True

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate, self.seed = share(rate, "GaussianDropout"), seed

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        stddev = math.sqrt(self.rate / (1.0 - self.rate))
        return inputs * normal(inputs.shape, 1.0, stddev, inputs.dtype, place_of(self.seed))


# The limit of SELU below 0, −λα (Klambauer et al. 2017, arXiv 1706.02515).
_SELU_LIMIT = -1.7580993408473766


@registry.register()
class AlphaDropout(Layer):
    """Dropout that keeps mean 0 and variance 1, for networks with `selu`.

    In training y = a · (x where kept, else l) + b, l = −1.758 the limit of selu, with a and b such that
    mean and variance stay: a = ((1 − rate)(1 + rate · l²))^(−1/2), b = −a · rate · l. Otherwise y = x.

    Args:
        rate: share of the values that are set to l, in [0, 1).
        noise_shape: as in `Dropout`.
        seed: sets these masks apart from those of the other layers.

    Input and output of the same shape.

    Example:
        >>> import lamina
        >>> x = lamina.Tensor(lamina.core.random.normal((4000,)))
        >>> bool(abs(lamina.layers.AlphaDropout(0.2)(x, training=True).std() - x.std()) < 0.1)
        True

    Reference: Klambauer et al. 2017, Self-normalizing neural networks, arXiv 1706.02515.
    """

    supports_masking = True

    def __init__(
        self, rate: float, noise_shape: Sequence[int | None] | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rate, self.noise_shape, self.seed = share(rate, "AlphaDropout"), noise_shape, seed

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        own = self.noise_shape or (None,) * inputs.ndim
        shape = [n if m is None else m for n, m in zip(inputs.shape, own, strict=True)]
        kept = coin(next_key(place_of(self.seed)), 1.0 - self.rate, shape)
        a = ((1.0 - self.rate) * (1.0 + self.rate * _SELU_LIMIT**2)) ** -0.5
        return ops.where(kept, inputs, _SELU_LIMIT) * a - a * self.rate * _SELU_LIMIT


@registry.register()
class ActivityRegularization(Layer):
    """y = x, and the penalty (l1 · Σ|x| + l2 · Σx²) / N is added to the loss.

    Args:
        l1, l2: factors of the penalty.

    Example:
        >>> import lamina
        >>> lamina.layers.ActivityRegularization(l2=0.01)(lamina.Tensor([1.0, 2.0]))
        Tensor([1., 2.], float32)
    """

    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1, l2), **kwargs)
        self.l1, self.l2 = l1, l2

    def call(self, inputs: Any) -> Any:
        return inputs
