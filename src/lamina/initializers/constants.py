"""First values that are settled: the same everywhere, given, or the identity."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import ShapeError, floatx
from .initializer import Initializer, registry


@registry.register("Zeros", "zeros", "zero")
class Zeros(Initializer):
    """All zeros.

    Example:
        >>> Zeros()((2,)).tolist()
        [0.0, 0.0]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        return np.zeros(tuple(shape), jnp.dtype(dtype or floatx()))


@registry.register("Ones", "ones", "one")
class Ones(Initializer):
    """All ones.

    Example:
        >>> Ones()((2,)).tolist()
        [1.0, 1.0]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        return np.ones(tuple(shape), jnp.dtype(dtype or floatx()))


@registry.register()
class Constant(Initializer):
    """The same value everywhere, or given values repeated to the shape.

    Args:
        value: a number, or an array that broadcasts to the shape.

    Example:
        >>> Constant(2.0)((3,)).tolist()
        [2.0, 2.0, 2.0]
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        return np.full(tuple(shape), self.value, jnp.dtype(dtype or floatx()))


@registry.register("Identity", "identity", "IdentityInitializer")
class Identity(Initializer):
    """gain · I: ones on the diagonal of a matrix, zeros elsewhere.

    Args:
        gain: the value on the diagonal.

    Raises:
        ShapeError: the shape is not that of a matrix.

    Example:
        >>> Identity()((2, 3)).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        if len(shape) != 2:
            raise ShapeError(
                "Identity",
                "only a matrix can be the identity",
                expected="2 axes",
                received=tuple(shape),
                remedy="Use Orthogonal for kernels with more axes",
            )
        return (self.gain * np.eye(shape[0], shape[1])).astype(jnp.dtype(dtype or floatx()))
