"""Long short-term memory over a whole sequence."""

import functools
from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array, Tensor, composite, op
from ..native import has_kernels
from .casting import tensor
from .joining import split
from .loops import scan
from .recurrent import (
    Step,
    again,
    arrays,
    before,
    by_time,
    first_state,
    kept_on,
    live,
    loop,
    over_steps,
    projected,
    transposed,
)
from .recurrent_native import native_lstm, native_lstm_pull
from .shape import moveaxis
from .trigonometric import tanh


def _gates(units: int, dtype: Any) -> tuple[Array, Array]:
    """Of the gates i, f, c, o: gate = scale·t + offset with t = tanh(scale·z); for c, 1 and 0."""
    is_sigmoid = jnp.repeat(jnp.array([True, True, False, True]), units)
    return jnp.where(is_sigmoid, 0.5, 1.0).astype(dtype), jnp.where(is_sigmoid, 0.5, 0.0).astype(dtype)


def _step(kernel: Any) -> Step:
    scale, offset = _gates(kernel.shape[0], kernel.dtype)

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


@functools.partial(jax.jit, static_argnames=("reverse", "native"))
def _backward(
    h: Array, kernel: Array, saved: Any, g_hs: Any, g_h: Any, g_c: Any, mask: Any, reverse: bool, native: bool
) -> Any:
    hs, *rest = saved
    g_h, g_c = (jnp.zeros_like(h) if g is None else g for g in (g_h, g_c))
    pull = native_lstm_pull if native else _pull
    z, g_h, g_c = pull(kernel, rest, g_hs, g_h, g_c, mask, reverse)
    return z, g_h, g_c, over_steps(before(hs, h, reverse), z)


def _pull(kernel: Array, saved: Any, g_hs: Any, g_h: Array, g_c: Array, mask: Any, reverse: bool) -> Any:
    """The loop: gradients of the gates' inputs, and of the state before the first step."""
    back, (scale, offset) = transposed(kernel), _gates(kernel.shape[0], kernel.dtype)

    def step(state: Any, at: Any) -> Any:
        (g_h, g_c), (c, t, squashed, g, mask) = state, at
        (into_h, past_h), (into_c, past_c) = live(mask, g_h if g is None else g_h + g), live(mask, g_c)
        i, f, candidate, o = jnp.split(t * scale + offset, 4, -1)
        after = into_c + into_h * o * (1 - squashed * squashed)
        of_gates = jnp.concatenate([after * candidate, after * c, after * i, into_h * squashed], -1)
        z = of_gates * scale * (1 - t * t)
        return (z @ back + past_h, after * f + past_c), z

    (g_h, g_c), z = jax.lax.scan(step, (g_h, g_c), (*saved, g_hs, mask), reverse=not reverse)
    return z, g_h, g_c


@op(promotes=True)
def lstm_loop(x: Array, h: Array, c: Array, kernel: Array, mask: Any = None, reverse: bool = False) -> Any:
    """The loop of `lstm`, time first: x (T, N, 4U) and kernel (U, 4U) with their sigmoid gates divided by 2.

    Returns h_t for all t, the last h and the last c. Kept are the gates' tanh, c before each step, and tanh(c) after.
    """
    forward = native_lstm if has_kernels(x, h, c, kernel) else _forward
    (last_h, last_c), saved = forward(x, h, c, kernel, mask, reverse)
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
    native = has_kernels(kernel, *saved)
    return _backward(h, kernel, saved, g_hs, g_h, g_c, mask, reverse, native), (
        x,
        h,
        c,
        kernel,
        g_hs,
        g_h,
        g_c,
        mask,
        reverse,
    )


@lstm_pull.backward
def _(kept: Any, *us: Any) -> Any:
    x, h, c, kernel, *gs, mask, reverse = kept

    def by_steps(x: Tensor, h: Tensor, c: Tensor, kernel: Tensor) -> Any:
        (h, c), (hs, *_) = scan(_step(kernel), (h, c), (x, mask), reverse=reverse)
        return hs, h, c

    return again(by_steps, (x, h, c, kernel), gs, us)


@composite
def lstm(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any = None, h: Any = None, c: Any = None, mask: Any = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """Long short-term memory: with z_t = x_t·kernel + h_{t−1}·recurrent_kernel + bias, cut into z^i, z^f, z^c, z^o,

    i_t = σ(z^i), f_t = σ(z^f), o_t = σ(z^o), c_t = f_t·c_{t−1} + i_t·tanh(z^c), h_t = o_t·tanh(c_t), t = 1, ..., T.

    Args:
        x: (N, T, F).
        kernel: (F, 4U), the gates in the order i f c o.
        recurrent_kernel: (U, 4U).
        bias: (4U,), or None.
        h, c: h_0 and c_0, (N, U); zeros by default.
        mask: booleans (N, T); where they are False, h and c stay as they were.
        reverse: start with the last step. Results stay in the order of x.

    Returns:
        All h_t, (N, T, U), and the last computed h and c, (N, U).

    Example:
        >>> from lamina import ops
        >>> hs, h, c = ops.lstm([[[1.0]]], [[0.0, 0.0, 1.0, 0.0]], [[0.0] * 4])
        >>> c.item(), h.item()  # tanh(1) / 2, and half the tanh of it
        (0.380797..., 0.181699...)

    Reference: Hochreiter and Schmidhuber 1997; the forget gate: Gers, Schmidhuber and Cummins 2000.
    PyTorch's order is i f g o, its kernels are transposed, and it has two biases, of which only the sum matters.
    """
    x, recurrent_kernel = tensor(x), tensor(recurrent_kernel)
    units = recurrent_kernel.shape[0]
    scale, _ = _gates(units, x.dtype)
    z = projected(x, kernel, bias, scale)
    h, c = (first_state(state, z, units) for state in (h, c))
    hs, h, c = lstm_loop(z, h, c, recurrent_kernel * scale, by_time(mask), reverse)
    return moveaxis(hs, 0, 1), h, c
