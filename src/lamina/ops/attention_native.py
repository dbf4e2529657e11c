"""Attention by kernels: those of `attend_in_chunks` and of its gradients that need neither bias nor dropout."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from ..core import Array
from ..native import has_kernels, run_kernel

_FEWEST = 8  # queries; for fewer, copying the keys does not pay


def serves(query: Any, key: Any, value: Any, mask: Any, bias: Any, dropout_key: Any, alibi: Any, window: Any) -> bool:
    """Whether kernels do this attention; query (N, A, T, H), mask of four axes."""
    scores = (*query.shape[:3], key.shape[2])
    fits = mask is None or all(own in (1, size) for own, size in zip(mask.shape, scores, strict=True))
    more = (bias, dropout_key, alibi, window)
    return fits and scores[2] >= _FEWEST and all(x is None for x in more) and has_kernels(query, key, value)


def _swapped(x: Array) -> Array:
    """Heads first to time first and back; beside the same swap outside, nothing moves."""
    return jnp.swapaxes(x, 1, 2)


def _mask(mask: Array | None) -> Array:
    return jnp.zeros((0, 0, 0, 0), bool) if mask is None else mask


def attend(query: Array, key: Array, value: Array, mask: Any, scale: float, causal: bool) -> tuple[Array, Array]:
    """The output (N, A, T, V) and the logarithm of each query's sum of exponentials (N, A, T, 1)."""
    n, heads, rows, _ = query.shape
    inputs = (*map(_swapped, (query, key, value)), _mask(mask))
    shapes = [(n, rows, heads, value.shape[3]), (n, heads, rows, 1)]
    output, log_sum = run_kernel("attend", shapes, *inputs, scale=np.float32(scale), causal=causal)
    return _swapped(output), log_sum


def gradients(
    query: Array,
    key: Array,
    value: Array,
    mask: Any,
    g: Array,
    log_sum: Array,
    through: Array,
    scale: float,
    causal: bool,
) -> list[Array]:
    """Gradients of query, key and value."""
    swapped = [_swapped(x) for x in (query, key, value)]
    inputs = (*swapped, _mask(mask), _swapped(g), log_sum, through)
    settings: dict[str, Any] = {"scale": np.float32(scale), "causal": causal}
    return [_swapped(x) for x in run_kernel("attend_pull", [x.shape for x in swapped], *inputs, **settings)]
