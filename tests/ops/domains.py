"""Where inputs are drawn from: away from kinks and poles, so that central differences mean something."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Inputs = Callable[[np.random.Generator], list[Any]]


def normal(*shapes: Sequence[int]) -> Inputs:
    """Standard normal arrays."""
    return lambda rng: [rng.normal(size=shape) for shape in shapes]


def between(low: float, high: float, *shapes: Sequence[int]) -> Inputs:
    """Uniform arrays."""
    return lambda rng: [rng.uniform(low, high, size=shape) for shape in shapes]


def apart(*shapes: Sequence[int], gap: float = 0.1) -> Inputs:
    """Arrays in which all numbers differ by at least `gap`, none is near 0, in random order."""

    def draw(rng: np.random.Generator) -> list[Any]:
        total = sum(int(np.prod(shape)) for shape in shapes)
        values = rng.permutation((np.arange(total) - total / 2 + 0.25) * gap + rng.uniform(0, gap / 8, total))
        parts = np.split(values, np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]

    return draw


def integers(low: int, high: int, *shapes: Sequence[int]) -> Inputs:
    """Whole numbers from `low` up to, without, `high`, in the type int32."""
    return lambda rng: [rng.integers(low, high, size=shape).astype("int32") for shape in shapes]


def truths(*shapes: Sequence[int]) -> Inputs:
    """Booleans."""
    return lambda rng: [rng.random(size=shape) < 0.5 for shape in shapes]


def both(*makers: Inputs) -> Inputs:
    """The arrays of all makers, in order."""
    return lambda rng: [array for maker in makers for array in maker(rng)]


def fixed(*values: Any) -> Inputs:
    """The values as they are."""
    return lambda rng: [np.asarray(value) for value in values]


def definite(*shapes: Sequence[int]) -> Inputs:
    """Symmetric matrices with eigenvalues above 1, all different."""

    def one(rng: np.random.Generator, shape: Sequence[int]) -> Any:
        half = rng.normal(size=shape)
        return half @ np.swapaxes(half, -1, -2) + np.diag(np.arange(1.0, shape[-1] + 1))

    return lambda rng: [one(rng, shape) for shape in shapes]


def regular(*shapes: Sequence[int]) -> Inputs:
    """Matrices far from singular, with singular values far from each other."""

    def one(rng: np.random.Generator, shape: Sequence[int]) -> Any:
        u, _, vt = np.linalg.svd(rng.normal(size=shape), full_matrices=False)
        return (u * np.arange(1.0, u.shape[-1] + 1)) @ vt

    return lambda rng: [one(rng, shape) for shape in shapes]
