"""The loop of long short-term memory, by JAX."""

import functools
from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array, Tensor, op
from .joining import split
from .loops import scan
from .recurrent import (
    Step,
    again,
    arrays,
    before,
    kept_on,
    live,
    loop,
    over_steps,
    transposed,
)
from .trigonometric import tanh


def gate_scales(units: int, dtype: Any) -> tuple[Array, Array]:
    """Of the gates i, f, c, o: gate = scale·t + offset with t = tanh(scale·z); for c, 1 and 0."""
    is_sigmoid = jnp.repeat(jnp.array([True, True, False, True]), units)
    return jnp.where(is_sigmoid, 0.5, 1.0).astype(dtype), jnp.where(is_sigmoid, 0.5, 0.0).astype(dtype)


def _step(kernel: Any) -> Step:
    scale, offset = gate_scales(kernel.shape[0], kernel.dtype)

    def step(state: Any, at: Any) -> Any:
        (h, c), (x, mask) = state, at
        t = tanh(x + h @ kernel)
        i, f, candidate, o = split(t * scale + offset, 4, -1)
        after = f * c + i * candidate
        squashed = tanh(after)
        new = kept_on(mask, o * squashed, h)
        return (new, kept_on(mask, after, c)), (new, c, t, squashed)

    return step


@functools.partial(jax.jit, static_argnames="reverse")
def _forward(x: Array, h: Array, c: Array, kernel: Array, mask: Any, reverse: bool) -> Any:
    return loop(_step(Tensor._of(kernel)), (h, c), (x, mask), reverse)


@functools.partial(jax.jit, static_argnames="reverse")
def _backward(h: Array, kernel: Array, saved: Any, g_hs: Any, g_h: Any, g_c: Any, mask: Any, reverse: bool) -> Any:
    back, (scale, offset) = transposed(kernel), gate_scales(kernel.shape[0], kernel.dtype)
    hs, *rest = saved

    def step(state: Any, at: Any) -> Any:
        (g_h, g_c), (c, t, squashed, g, mask) = state, at
        (into_h, past_h), (into_c, past_c) = live(mask, g_h if g is None else g_h + g), live(mask, g_c)
        i, f, candidate, o = jnp.split(t * scale + offset, 4, -1)
        after = into_c + into_h * o * (1 - squashed * squashed)
        of_gates = jnp.concatenate([after * candidate, after * c, after * i, into_h * squashed], -1)
        z = of_gates * scale * (1 - t * t)
        return (z @ back + past_h, after * f + past_c), z

    g_h, g_c = (jnp.zeros_like(h) if g is None else g for g in (g_h, g_c))
    (g_h, g_c), z = jax.lax.scan(step, (g_h, g_c), (*rest, g_hs, mask), reverse=not reverse)
    return z, g_h, g_c, over_steps(before(hs, h, reverse), z)


@op(promotes=True)
def lstm_loop(x: Array, h: Array, c: Array, kernel: Array, mask: Any = None, reverse: bool = False) -> Any:
    """The loop of `lstm`, time first: x (T, N, 4U) and kernel (U, 4U) with their sigmoid gates divided by 2.

    Returns h_t for all t, the last h and the last c. Kept are the gates' tanh, c before each step, and tanh(c) after.
    """
    (last_h, last_c), saved = _forward(x, h, c, kernel, mask, reverse)
    return (saved[0], last_h, last_c), (x, h, c, kernel, *saved, mask, reverse)


@lstm_loop.backward
def _(kept: Any, g_hs: Any, g_h: Any, g_c: Any) -> Any:
    x, h, c, kernel, *saved, mask, reverse = kept
    return lstm_pull(x, h, c, kernel, saved, g_hs, g_h, g_c, mask, reverse)


@op
def lstm_pull(
    x: Array, h: Array, c: Array, kernel: Array, saved: Any, g_hs: Array | None, g_h: Array | None, g_c: Array | None,
    mask: Any, reverse: bool,
) -> Any:  # fmt: skip
    """Gradients of `lstm_loop`'s x, h, c and kernel, for those of its results."""
    saved, mask = arrays((saved, mask))
    return _backward(h, kernel, saved, g_hs, g_h, g_c, mask, reverse), (x, h, c, kernel, g_hs, g_h, g_c, mask, reverse)


@lstm_pull.backward
def _(kept: Any, *us: Any) -> Any:
    x, h, c, kernel, *gs, mask, reverse = kept

    def by_steps(x: Tensor, h: Tensor, c: Tensor, kernel: Tensor) -> Any:
        (h, c), (hs, *_) = scan(_step(kernel), (h, c), (x, mask), reverse=reverse)
        return hs, h, c

    return again(by_steps, (x, h, c, kernel), gs, us)
