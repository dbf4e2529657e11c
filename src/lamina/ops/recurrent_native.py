"""The loops of `lstm` and `gru` by kernels, which give and take what the plain forms do."""

from typing import Any

import jax.numpy as jnp

from ..core import Array
from ..native import run_kernel


def _mask(mask: Array | None) -> Array:
    return jnp.zeros(0, bool) if mask is None else mask


def _any(g_hs: Array | None) -> Array:
    return jnp.zeros(0, jnp.float32) if g_hs is None else g_hs


def native_lstm(x: Array, h: Array, c: Array, kernel: Array, mask: Any, reverse: bool) -> Any:
    """The last state, and what is saved: h after, c before each step, the gates' tanh, tanh(c)."""
    each = (x.shape[0], *h.shape)
    shapes = [h.shape, h.shape, each, each, x.shape, each]
    last_h, last_c, *saved = run_kernel("lstm", shapes, x, h, c, kernel, _mask(mask), reverse=reverse)
    return (last_h, last_c), tuple(saved)


def native_lstm_pull(
    kernel: Array, saved: Any, g_hs: Any, g_h: Array, g_c: Array, mask: Any, reverse: bool
) -> list[Array]:
    """Gradients of the gates' inputs, and of the state before the first step."""
    shapes = [saved[1].shape, g_h.shape, g_h.shape]
    return run_kernel("lstm_pull", shapes, kernel, *saved, _any(g_hs), g_h, g_c, _mask(mask), reverse=reverse)


def native_gru(x: Array, h: Array, kernel: Array, bias: Array, mask: Any, reverse: bool) -> Any:
    """The last h, and what is saved: h after each step, the gates' tanh, candidates, what the reset gate scales."""
    steps, (rows, units) = x.shape[0], h.shape
    each, gates = (steps, rows, units), (steps, rows, 2 * units)
    last, *saved = run_kernel(
        "gru", [h.shape, each, gates, each, each], x, h, kernel, bias, _mask(mask), reverse=reverse
    )
    return last, tuple(saved)


def native_gru_pull(
    h: Array, kernel: Array, saved: Any, g_hs: Any, g_h: Array, mask: Any, reverse: bool
) -> list[Array]:
    """Gradients of the gates' inputs, of what the recurrent product adds to them, and of the first h."""
    each = (*saved[0].shape[:2], kernel.shape[1])
    inputs = (h, kernel, *saved, _any(g_hs), g_h, _mask(mask))
    return run_kernel("gru_pull", [each, each, h.shape], *inputs, reverse=reverse)
