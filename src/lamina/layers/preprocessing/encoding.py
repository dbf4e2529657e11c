"""Whole numbers as vectors: which of them occur in a sample, or how often."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..arguments import one_of

MODES = ("int", "one_hot", "multi_hot", "count")
_FORMER_NAMES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def output_mode(value: str, choices: tuple[str, ...], who: str) -> str:
    """`value`, if it is one of `choices`; Keras' former names count too."""
    return one_of(_FORMER_NAMES.get(value, value), choices, who, "output_mode")


def encode(ids: Any, mode: str, depth: int, dtype: Any) -> Any:
    """Ids in [0, depth) as int32, or as vectors of `depth` numbers; negative ids count nowhere.

    one_hot: one vector an id (an axis of size 1 at the end gives way to it); multi_hot and count: one vector
    for all ids along the last axis.

    Args:
        ids: integers (...), a NumPy array or a JAX array; the result is of the same kind.
        mode: one of `MODES`.
        depth: length of a vector.
        dtype: number type of the vectors.

    Example:
        >>> encode(np.array([[0, 2, 2]]), "count", 4, "float32")
        array([[1., 0., 2., 0.]], dtype=float32)
    """
    if mode == "int":
        return ids.astype(np.int32)
    if mode == "one_hot":
        return indicators(ids[..., 0] if ids.ndim > 1 and ids.shape[-1] == 1 else ids, depth).astype(jnp.dtype(dtype))
    ids = ids.reshape(1) if ids.ndim == 0 else ids
    if not isinstance(ids, jax.Array):
        counts = _tally(ids, depth)
    else:
        counts = indicators(ids, depth).sum(-2)
    return (counts if mode == "count" else counts > 0).astype(jnp.dtype(dtype))


def indicators(ids: Any, depth: int) -> Any:
    """Whether an id is k, for k = 0 ... depth − 1 along a new last axis."""
    numbers = jnp if isinstance(ids, jax.Array) else np
    return ids[..., None] == numbers.arange(depth, dtype=ids.dtype)


def _tally(ids: np.ndarray, depth: int) -> np.ndarray:
    """Counts along the last axis, without an array of all ids times `depth`."""
    samples = ids.reshape(int(np.prod(ids.shape[:-1])), ids.shape[-1])
    rows, places = np.nonzero(samples >= 0)
    counts = np.zeros((len(samples), depth), np.int32)
    np.add.at(counts, (rows, samples[rows, places]), 1)
    return counts.reshape(*ids.shape[:-1], depth)
