"""Random rotations as first values."""

import math
from typing import Any

import numpy as np

from ..core import ShapeError
from .initializer import registry
from .random import Random, normal


@registry.register("Orthogonal", "orthogonal", "OrthogonalInitializer")
class Orthogonal(Random):
    """gain · Q, Q a random matrix with orthonormal columns (or rows, if it has fewer rows than columns).

    Q comes from the QR factors of a normal matrix, with signs that make R's diagonal positive, so
    that all rotations are equally likely. A kernel with more axes is seen as a matrix (all axes but the last, last).

    Args:
        gain: factor.
        seed: for the same values at each call; otherwise each call draws anew.

    Raises:
        ShapeError: the shape has fewer than 2 axes.

    Example:
        >>> q = Orthogonal()((3, 3)); bool(abs(q.T @ q - np.eye(3)).max() < 1e-5)
        True

    Reference: Saxe, McClelland and Ganguli 2013, arXiv 1312.6120; signs: Mezzadri 2007, arXiv math-ph/0609050.
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        if len(shape) < 2:
            raise ShapeError(
                "Orthogonal",
                "a matrix is needed",
                expected="at least 2 axes",
                received=shape,
                remedy="Use another initializer for vectors",
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(normal(rng, (max(rows, columns), min(rows, columns)), 1.0, dtype))
        q = q * np.sign(np.diagonal(r))
        return (q if rows >= columns else q.T).reshape(shape) * dtype.type(self.gain)
