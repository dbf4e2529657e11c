"""The loop of gated recurrent units, by JAX."""

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


def gate_scale(units: int, dtype: Any) -> Array:
    """1/2 for the gates z and r, which are sigmoids, and 1 for the candidate."""
    return jnp.repeat(jnp.array([0.5, 0.5, 1.0]), units).astype(dtype)


def _step_after(kernel: Any, bias: Any) -> Step:
    """A step whose reset gate acts after the recurrent matmul."""
    units = kernel.shape[0]

    def step(h: Any, at: Any) -> Any:
        x, mask = at
        inner = h @ kernel + bias
        x_gates, x_candidate = split(x, [2 * units], -1)
        of_gates, reached = split(inner, [2 * units], -1)
        t = tanh(x_gates + of_gates)
        z, r = split(t * 0.5 + 0.5, 2, -1)
        candidate = tanh(x_candidate + r * reached)
        h = kept_on(mask, candidate + z * (h - candidate), h)
        return h, (h, t, candidate, reached)

    return step


def _step_before(kernel: Any) -> Step:
    """A step whose reset gate acts before the recurrent matmul."""
    units = kernel.shape[0]
    of_gates, of_candidate = split(kernel, [2 * units], -1)

    def step(h: Any, at: Any) -> Any:
        x, mask = at
        x_gates, x_candidate = split(x, [2 * units], -1)
        t = tanh(x_gates + h @ of_gates)
        z, r = split(t * 0.5 + 0.5, 2, -1)
        candidate = tanh(x_candidate + (r * h) @ of_candidate)
        h = kept_on(mask, candidate + z * (h - candidate), h)
        return h, (h, t, candidate, None)

    return step


def _step(kernel: Any, bias: Any, reset_after: bool) -> Step:
    return _step_after(kernel, bias) if reset_after else _step_before(kernel)


@functools.partial(jax.jit, static_argnames=("reset_after", "reverse"))
def _forward(x: Array, h: Array, kernel: Array, bias: Array, mask: Any, reset_after: bool, reverse: bool) -> Any:
    return loop(_step(Tensor._of(kernel), Tensor._of(bias), reset_after), h, (x, mask), reverse)


# How a step's gradient passes on: (of z, of the candidate's input, h, t, r, reached) -> the gradients of the gates'
# inputs, of what the reset gate lets through, and of h.


def _pull_after(kernel: Array) -> Any:
    back = transposed(kernel)

    def pull(of_z: Array, g: Array, h: Array, t: Array, r: Array, reached: Array) -> Any:
        gates = jnp.concatenate([of_z, g * reached], -1) * 0.5 * (1 - t * t)
        let_through = g * r
        return gates, let_through, jnp.concatenate([gates, let_through], -1) @ back

    return pull


def _pull_before(kernel: Array) -> Any:
    units = kernel.shape[0]
    of_gates, of_candidate = transposed(kernel[:, : 2 * units]), transposed(kernel[:, 2 * units :])

    def pull(of_z: Array, g: Array, h: Array, t: Array, r: Array, reached: None) -> Any:
        of_reset = g @ of_candidate
        gates = jnp.concatenate([of_z, of_reset * h], -1) * 0.5 * (1 - t * t)
        return gates, None, of_reset * r + gates @ of_gates

    return pull


@functools.partial(jax.jit, static_argnames=("reset_after", "reverse"))
def _backward(
    h: Array, kernel: Array, saved: Any, g_hs: Any, g_h: Any, mask: Any, reset_after: bool, reverse: bool
) -> Any:
    hs, t, candidate, reached = saved
    olds, pull = before(hs, h, reverse), (_pull_after if reset_after else _pull_before)(kernel)

    def step(g_h: Array, at: Any) -> Any:
        h, t, candidate, reached, g, mask = at
        into, past = live(mask, g_h if g is None else g_h + g)
        z, r = jnp.split(t * 0.5 + 0.5, 2, -1)
        of_candidate = into * (1 - z) * (1 - candidate * candidate)
        gates, let_through, onward = pull(into * (h - candidate), of_candidate, h, t, r, reached)
        return onward + into * z + past, (gates, of_candidate, let_through)

    start = jnp.zeros_like(h) if g_h is None else g_h
    each = (olds, t, candidate, reached, g_hs, mask)
    g_h, (gates, of_candidate, let_through) = jax.lax.scan(step, start, each, reverse=not reverse)
    x = jnp.concatenate([gates, of_candidate], -1)
    if reset_after:
        inner = jnp.concatenate([gates, let_through], -1)
        return x, g_h, over_steps(olds, inner), inner.sum((0, 1))
    _, r = jnp.split(t * 0.5 + 0.5, 2, -1)
    return x, g_h, jnp.concatenate([over_steps(olds, gates), over_steps(r * olds, of_candidate)], -1), None


@op(promotes=True)
def gru_loop(
    x: Array, h: Array, kernel: Array, bias: Array, mask: Any = None, reset_after: bool = True, reverse: bool = False
) -> Any:
    """The loop of `gru`, time first: x (T, N, 3U), kernel (U, 3U) and bias (3U,) with their sigmoid gates divided by 2.

    Returns h_t for all t, and the last h. Kept are the gates' tanh, the candidates, and what the reset gate scales.
    The bias belongs to the recurrent matmul; it only counts with `reset_after`.
    """
    last, saved = _forward(x, h, kernel, bias, mask, reset_after, reverse)
    return (saved[0], last), (x, h, kernel, bias, *saved, mask, reset_after, reverse)


@gru_loop.backward
def _(kept: Any, g_hs: Any, g_h: Any) -> Any:
    x, h, kernel, bias, *saved, mask, reset_after, reverse = kept
    return gru_pull(x, h, kernel, bias, saved, g_hs, g_h, mask, reset_after, reverse)


@op
def gru_pull(
    x: Array, h: Array, kernel: Array, bias: Array, saved: Any, g_hs: Array | None, g_h: Array | None,
    mask: Any, reset_after: bool, reverse: bool,
) -> Any:  # fmt: skip
    """Gradients of `gru_loop`'s x, h, kernel and bias, for those of its results."""
    saved, mask = arrays((saved, mask))
    *gradients, of_bias = _backward(h, kernel, saved, g_hs, g_h, mask, reset_after, reverse)
    gradients.append(jnp.zeros_like(bias) if of_bias is None else of_bias)
    return tuple(gradients), (x, h, kernel, bias, g_hs, g_h, mask, reset_after, reverse)


@gru_pull.backward
def _(kept: Any, *us: Any) -> Any:
    x, h, kernel, bias, *gs, mask, reset_after, reverse = kept

    def by_steps(x: Tensor, h: Tensor, kernel: Tensor, bias: Tensor) -> Any:
        h, (hs, *_) = scan(_step(kernel, bias, reset_after), h, (x, mask), reverse=reverse)
        return hs, h

    return again(by_steps, (x, h, kernel, bias), gs, us)
