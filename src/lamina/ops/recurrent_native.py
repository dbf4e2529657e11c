"""Layers of `lstm` and `gru` by kernels: projection, loop and gates in one, for each row without a stop.

The plain forms, `lstm_loop` and `gru_loop`, give the same numbers; they also serve second derivatives.
"""

from typing import Any

import jax.numpy as jnp

from ..core import Array, Tensor, as_array, op
from ..native import run_kernel
from .recurrent import again, arrays, by_time, over_steps
from .recurrent_gru import gate_scale, gru_loop
from .recurrent_lstm import gate_scales, lstm_loop
from .shape import moveaxis


def _mask(mask: Any) -> Array:
    return jnp.zeros(0, bool) if mask is None else as_array(mask).astype(bool)


def _given(g: Any, like: Array) -> Array:
    return jnp.zeros_like(like) if g is None else g


def _any(g_hs: Any) -> Array:
    return jnp.zeros(0, jnp.float32) if g_hs is None else g_hs


def _before(hs: Array, first: Array, reverse: bool) -> Array:
    """What came into each step, (N, T, U)."""
    moved = [hs[:, 1:], first[:, None]] if reverse else [first[:, None], hs[:, :-1]]
    return jnp.concatenate(moved, 1)


def _sizes(x: Array, recurrent: Array) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(N, T, U) and (N, U)."""
    (n, steps, _), units = x.shape, recurrent.shape[0]
    return (n, steps, units), (n, units)


@op
def lstm_kernel(
    x: Array, kernel: Array, recurrent: Array, bias: Array, h: Array, c: Array, mask: Any = None, reverse: bool = False
) -> Any:
    """`lstm` of float32: x (N, T, F), its weights, mask (N, T).

    Returns all h (N, T, U), the last h and the last c. Kept are c before each step, the gates' tanh, and tanh(c) after.
    """
    each, state = _sizes(x, recurrent)
    shapes = [each, state, state, each, (*each[:2], kernel.shape[1]), each]
    results = run_kernel("lstm", shapes, x, kernel, recurrent, bias, h, c, _mask(mask), reverse=reverse)
    return tuple(results[:3]), (x, kernel, recurrent, bias, h, c, *results[:1], *results[3:], mask, reverse)


@lstm_kernel.backward
def _(kept: Any, *gs: Any) -> Any:
    *inputs, hs, cs, gates, squashed, mask, reverse = kept
    return lstm_kernel_pull(*inputs, (hs, cs, gates, squashed), *gs, mask, reverse)


@op
def lstm_kernel_pull(
    x: Array, kernel: Array, recurrent: Array, bias: Array, h: Array, c: Array, saved: Any,
    g_hs: Array | None, g_h: Array | None, g_c: Array | None, mask: Any, reverse: bool,
) -> Any:  # fmt: skip
    """Gradients of `lstm_kernel`'s inputs, for those of its results."""
    hs, *rest = arrays(saved)
    (n, steps, _), width = x.shape, kernel.shape[1]
    given = (_any(g_hs), _given(g_h, h), _given(g_c, c), _mask(mask))
    shapes = [(n, steps, width), x.shape, h.shape, c.shape]
    z, g_x, g_h0, g_c0 = run_kernel("lstm_pull", shapes, kernel, recurrent, *rest, *given, reverse=reverse)
    weights = over_steps(x, z), over_steps(_before(hs, h, reverse), z), z.sum((0, 1))
    return (g_x, *weights, g_h0, g_c0), (x, kernel, recurrent, bias, h, c, g_hs, g_h, g_c, mask, reverse)


@lstm_kernel_pull.backward
def _(kept: Any, *us: Any) -> Any:
    *inputs, g_hs, g_h, g_c, mask, reverse = kept

    def by_steps(x: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, h: Tensor, c: Tensor) -> Any:
        scale, _ = gate_scales(recurrent.shape[0], recurrent.dtype)
        z = (moveaxis(x, 0, 1) @ kernel + bias) * scale
        hs, *last = lstm_loop(z, h, c, recurrent * scale, by_time(mask), reverse)
        return moveaxis(hs, 0, 1), *last

    return again(by_steps, inputs, (g_hs, g_h, g_c), us)


@op
def gru_kernel(
    x: Array, kernel: Array, recurrent: Array, bias: Array, h: Array, mask: Any = None, reverse: bool = False
) -> Any:
    """`gru` of float32 whose reset gate acts after the product; arguments as of `lstm_kernel`, bias (2, 3U).

    Returns all h (N, T, U), and the last. Kept are the gates' tanh, the candidates, and what the reset gate scales.
    """
    each, state = _sizes(x, recurrent)
    shapes = [each, state, (*each[:2], 2 * each[2]), each, each]
    results = run_kernel("gru", shapes, x, kernel, recurrent, bias, h, _mask(mask), reverse=reverse)
    return tuple(results[:2]), (x, kernel, recurrent, bias, h, *results[:1], *results[2:], mask, reverse)


@gru_kernel.backward
def _(kept: Any, *gs: Any) -> Any:
    *inputs, hs, gates, candidates, reached, mask, reverse = kept
    return gru_kernel_pull(*inputs, (hs, gates, candidates, reached), *gs, mask, reverse)


@op
def gru_kernel_pull(
    x: Array, kernel: Array, recurrent: Array, bias: Array, h: Array, saved: Any, g_hs: Array | None,
    g_h: Array | None, mask: Any, reverse: bool,
) -> Any:  # fmt: skip
    """Gradients of `gru_kernel`'s inputs, for those of its results."""
    saved, width = arrays(saved), kernel.shape[1]
    each = (*x.shape[:2], width)
    given = (h, *saved, _any(g_hs), _given(g_h, h), _mask(mask))
    z, inner, g_x, g_h0 = run_kernel(
        "gru_pull", [each, each, x.shape, h.shape], kernel, recurrent, *given, reverse=reverse
    )
    weights = over_steps(x, z), over_steps(_before(saved[0], h, reverse), inner)
    biases = jnp.stack([z.sum((0, 1)), inner.sum((0, 1))])
    return (g_x, *weights, biases, g_h0), (x, kernel, recurrent, bias, h, g_hs, g_h, mask, reverse)


@gru_kernel_pull.backward
def _(kept: Any, *us: Any) -> Any:
    *inputs, g_hs, g_h, mask, reverse = kept

    def by_steps(x: Tensor, kernel: Tensor, recurrent: Tensor, bias: Tensor, h: Tensor) -> Any:
        scale = gate_scale(recurrent.shape[0], recurrent.dtype)
        z = (moveaxis(x, 0, 1) @ kernel + bias[0]) * scale
        hs, last = gru_loop(z, h, recurrent * scale, bias[1] * scale, by_time(mask), True, reverse)
        return moveaxis(hs, 0, 1), last

    return again(by_steps, inputs, (g_hs, g_h), us)
