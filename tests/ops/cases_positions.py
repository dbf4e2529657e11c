"""Contract cases of the rotation of features by position."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import ops
from ops.contract import Case, Inputs


def rotation(x: Any, positions: Any, base: float = 10000.0, interleaved: bool = False) -> Any:
    """The paper's block diagonal matrix R, eq. 15 of arXiv 2104.09864, times every vector."""
    np_, size = (jnp if isinstance(x, jax.Array) else np), x.shape[-1]
    steps = np.broadcast_to(np.asarray(positions, "float64"), x.shape[:2])
    matrices = np.zeros((*x.shape[:2], size, size))
    for i in range(size // 2):
        a, b = (2 * i, 2 * i + 1) if interleaved else (i, i + size // 2)
        angle = steps * base ** (-2 * i / size)
        matrices[..., a, a] = matrices[..., b, b] = np.cos(angle)
        matrices[..., a, b], matrices[..., b, a] = -np.sin(angle), np.sin(angle)
    letters = "nt...f" if x.ndim == 4 else "ntf"
    return np_.einsum(f"ntuf,{letters}->{letters.replace('f', 'u')}", matrices, x)


def at(positions: Any, *shape: int) -> Inputs:
    return lambda rng: [rng.normal(size=shape), np.asarray(positions)]


def rows(name: str, inputs: Inputs, **settings: Any) -> Case:
    return Case(f"rotary_embedding_{name}", ops.rotary_embedding, inputs, settings, rotation, rotation)


CASES = [
    rows("heads", at([0, 1, 7], 2, 3, 2, 4)),
    rows("own_places", at([[0, 1], [5, 3]], 2, 2, 6), base=100.0),
    rows("interleaved", at([4, 2, 9], 2, 3, 6), interleaved=True),
]
