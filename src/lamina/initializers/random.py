"""Random first values: normal, cut normal, uniform.

They follow from `lamina.set_seed` and the order of the calls, or from a `seed` of their own.
"""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import floatx
from ..core.random import initial_generator
from .initializer import Initializer, registry


class Random(Initializer):
    """A random initializer: a subclass draws float32 (or float64) values, which are cast to `dtype`.

    Example:
        >>> class Coin(Random):
        ...     def draw(self, rng, shape, dtype):
        ...         return rng.integers(0, 2, shape).astype(dtype)
        >>> set(Coin()((100,)).tolist())
        {0.0, 1.0}
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        dtype = jnp.dtype(dtype or floatx())
        drawn_in = dtype if dtype.itemsize > 4 else np.dtype(np.float32)
        return self.draw(initial_generator(self.seed), tuple(shape), drawn_in).astype(dtype)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """The random values that `rng` gives."""
        raise NotImplementedError(f"{type(self).__name__} must define draw(rng, shape, dtype)")


def normal(rng: np.random.Generator, shape: tuple[int, ...], stddev: float, dtype: Any) -> np.ndarray:
    """Normal values of mean 0."""
    return rng.standard_normal(shape, dtype) * dtype.type(stddev)


def cut_normal(rng: np.random.Generator, shape: tuple[int, ...], stddev: float, dtype: Any) -> np.ndarray:
    """Normal values, drawn again where they are more than 2 `stddev` from 0."""
    values = rng.standard_normal(shape, dtype)
    while (outside := np.abs(values) > 2.0).any():
        values[outside] = rng.standard_normal(int(outside.sum()), dtype)
    return values * dtype.type(stddev)


def uniform(rng: np.random.Generator, shape: tuple[int, ...], low: float, high: float, dtype: Any) -> np.ndarray:
    """Uniform values in [low, high)."""
    return rng.random(shape, dtype) * dtype.type(high - low) + dtype.type(low)


@registry.register("RandomNormal", "random_normal", "normal")
class RandomNormal(Random):
    """Independent normal values N(mean, stddev²).

    Args:
        mean: their mean.
        stddev: their standard deviation.
        seed: for the same values at each call; otherwise each call draws anew.

    Example:
        >>> x = RandomNormal(mean=1.0, stddev=0.1)((1000,))
        >>> bool(abs(x.mean() - 1.0) < 0.02), bool(abs(x.std() - 0.1) < 0.01)
        (True, True)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        return normal(rng, shape, self.stddev, dtype) + dtype.type(self.mean)


@registry.register()
class TruncatedNormal(RandomNormal):
    """Normal values, of which those further than 2 · stddev from the mean are drawn again.

    Args:
        mean: their mean.
        stddev: the standard deviation before the tails are cut off; after it, 0.88 of that.
        seed: for the same values at each call; otherwise each call draws anew.

    Example:
        >>> x = TruncatedNormal(stddev=0.1)((1000,)); bool(abs(x).max() <= 0.2)
        True
    """

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        return cut_normal(rng, shape, self.stddev, dtype) + dtype.type(self.mean)


@registry.register("RandomUniform", "random_uniform", "uniform")
class RandomUniform(Random):
    """Independent uniform values in [minval, maxval).

    Args:
        minval: lower limit.
        maxval: upper limit.
        seed: for the same values at each call; otherwise each call draws anew.

    Example:
        >>> x = RandomUniform(0.0, 1.0)((1000,)); bool(abs(x.mean() - 0.5) < 0.05)
        True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        return uniform(rng, shape, self.minval, self.maxval, dtype)
