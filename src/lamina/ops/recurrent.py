"""What the recurrent ops share, and the simplest of them.

Each op projects its whole input by one matmul before the loop and moves time to the front, so that every step reads
and writes one piece of memory. Forward keeps what its backward needs; backward walks the other way, collects the
gradients of the gates' inputs, and makes the gradient of the recurrent kernel of them in one matmul after the loop.

σ(z) = (1 + tanh(z/2)) / 2: kernels are scaled once by 1/2 where a gate is a sigmoid, so one tanh serves all gates.

The backward loop is an op too. Its own derivative, which only second derivatives ask for, comes from `scan` over the
same step, which is slower.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array, Tensor, as_array, composite, materialize, no_grad, op, vjp
from ..core.tape import recording
from .casting import tensor
from .comparison import where
from .creation import zeros, zeros_like
from .loops import scan
from .matmul import matmul
from .products import outer_product
from .shape import moveaxis
from .trigonometric import tanh

Step = Callable[[Any, Any], tuple[Any, Any]]


def loop(step: Step, carry: Any, xs: Any, reverse: bool) -> tuple[Any, Any]:
    """`scan` of arrays, for forward rules: a step made of ops, off the tape."""

    def of_arrays(carry: Any, at: Any) -> Any:
        with no_grad():
            made = step(*jax.tree.map(Tensor._of, (carry, at)))
        return jax.tree.map(lambda value: value.array, made)

    return jax.lax.scan(of_arrays, carry, xs, reverse=reverse)


def pulled(function: Callable[..., Any], inputs: Sequence[Any], gs: Sequence[Any]) -> Any:
    """The gradients of `function` at `inputs` for those of its results, of which some may be None."""
    with recording(True):  # inputs with a history stay linked to it
        results, pullback = vjp(function, *inputs)
        return pullback(*(zeros_like(r) if g is None else g for g, r in zip(gs, results, strict=True)))


def again(by_steps: Callable[..., Any], inputs: Sequence[Tensor], gs: Sequence[Any], us: Sequence[Any]) -> list[Any]:
    """The derivative of a derivative: that of gs ↦ the gradients of `by_steps` at `inputs`, for cotangents `us`."""

    def gradients(*values: Any) -> Any:
        given = iter(values[len(inputs) :])
        return pulled(by_steps, values[: len(inputs)], [None if g is None else next(given) for g in gs])

    with recording(True):
        found, pullback = vjp(gradients, *inputs, *(g for g in gs if g is not None))
    return list(pullback(*(zeros_like(f) if u is None else u for f, u in zip(found, us, strict=True))))


def arrays(tree: Any) -> Any:
    """What was kept, as arrays."""
    return jax.tree.map(as_array, tree)


def before(hs: Array, first: Array, reverse: bool) -> Array:
    """What came into each step: the results moved by one step, after the first state."""
    moved = [hs[1:], first[None]] if reverse else [first[None], hs[:-1]]
    return jnp.concatenate(moved)


def over_steps(left: Array, right: Array) -> Array:
    """Σ over time and batch of leftᵀ·right: one matmul. (T, N, A), (T, N, B) -> (A, B)."""
    return outer_product(left.reshape(-1, left.shape[-1]), right.reshape(-1, right.shape[-1]))


def transposed(kernel: Array) -> Array:
    """The transpose, made once before a loop."""
    return materialize(kernel.T)


def live(mask: Array | None, g: Array) -> tuple[Array, Array | float]:
    """The part of a gradient that goes through the step, and the part that passes by it where it is masked."""
    return (g, 0.0) if mask is None else (jnp.where(mask, g, 0), jnp.where(mask, 0, g))


def kept_on(mask: Any, new: Any, old: Any) -> Any:
    """The new state; where the step is masked, the old one."""
    return new if mask is None else where(mask, new, old)


def by_time(mask: Any) -> Any:
    """A mask (N, T) as (T, N, 1)."""
    return None if mask is None else as_array(mask).astype(bool).T[:, :, None]


def projected(x: Any, kernel: Any, bias: Any, scale: Any = None) -> Tensor:
    """(N, T, F) -> (T, N, gates), by one matmul with the scaled kernel."""
    kernel, bias = (w if scale is None or w is None else tensor(w) * scale for w in (kernel, bias))
    z = matmul(moveaxis(x, 0, 1), kernel)
    return z if bias is None else z + bias


def first_state(h: Any, x: Tensor, units: int) -> Any:
    """The state before the first step: `h`, or zeros. x is (T, N, gates)."""
    return zeros((x.shape[1], units), x.dtype) if h is None else h


def _step(kernel: Any) -> Step:
    def step(h: Any, at: Any) -> Any:
        x, mask = at
        h = kept_on(mask, tanh(x + h @ kernel), h)
        return h, h

    return step


@functools.partial(jax.jit, static_argnames="reverse")
def _forward(x: Array, h: Array, kernel: Array, mask: Any, reverse: bool) -> Any:
    return loop(_step(Tensor._of(kernel)), h, (x, mask), reverse)


@functools.partial(jax.jit, static_argnames="reverse")
def _backward(h: Array, kernel: Array, hs: Array, g_hs: Any, g_h: Any, mask: Any, reverse: bool) -> Any:
    back = transposed(kernel)

    def step(g: Array, at: Any) -> Any:
        h, g_h, mask = at
        into, past = live(mask, g if g_h is None else g + g_h)
        z = into * (1 - h * h)
        return z @ back + past, z

    g = jnp.zeros_like(h) if g_h is None else g_h
    g, z = jax.lax.scan(step, g, (hs, g_hs, mask), reverse=not reverse)
    return z, g, over_steps(before(hs, h, reverse), z)


@op(promotes=True)
def simple_rnn_loop(x: Array, h: Array, kernel: Array, mask: Any = None, reverse: bool = False) -> Any:
    """h_t = tanh(x_t + h_{t−1}·kernel): all h (T, N, U), and the last one. x (T, N, U), mask (T, N, 1)."""
    last, hs = _forward(x, h, kernel, mask, reverse)
    return (hs, last), (x, h, kernel, hs, mask, reverse)


@simple_rnn_loop.backward
def _(kept: Any, g_hs: Any, g_h: Any) -> Any:
    x, h, kernel, hs, mask, reverse = kept
    return simple_rnn_pull(x, h, kernel, hs, g_hs, g_h, mask, reverse)


@op
def simple_rnn_pull(
    x: Array, h: Array, kernel: Array, hs: Array, g_hs: Array | None, g_h: Array | None, mask: Any, reverse: bool
) -> Any:
    """Gradients of `simple_rnn_loop`'s x, h and kernel, for those of its results."""
    return _backward(h, kernel, hs, g_hs, g_h, arrays(mask), reverse), (x, h, kernel, g_hs, g_h, mask, reverse)


@simple_rnn_pull.backward
def _(kept: Any, *us: Any) -> Any:
    x, h, kernel, *gs, mask, reverse = kept

    def by_steps(x: Tensor, h: Tensor, kernel: Tensor) -> Any:
        h, hs = scan(_step(kernel), h, (x, mask), reverse=reverse)
        return hs, h

    found = again(by_steps, (x, h, kernel), gs, us)
    return [*found[:3], None, *found[3:]]


@composite
def simple_rnn(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any = None, h: Any = None, mask: Any = None, reverse: bool = False
) -> tuple[Tensor, Tensor]:
    """A recurrent layer: h_t = tanh(x_t·kernel + h_{t−1}·recurrent_kernel + bias), t = 1, ..., T.

    Args:
        x: (N, T, F).
        kernel: (F, U).
        recurrent_kernel: (U, U).
        bias: (U,), or None.
        h: h_0, (N, U); zeros by default.
        mask: booleans (N, T); where they are False, h_t = h_{t−1}.
        reverse: start with the last step; then h_t follows h_{t+1}. Results stay in the order of x.

    Returns:
        All h_t, (N, T, U), and the last computed one, (N, U).

    Example:
        >>> from lamina import ops
        >>> hs, h = ops.simple_rnn([[[1.0], [0.0]]], [[1.0]], [[1.0]])
        >>> hs[0, :, 0].tolist(), h.item()  # tanh(1), and tanh of it
        ([0.761594..., 0.64201...], 0.64201...)

    Reference: Elman 1990, Finding structure in time.
    """
    z = projected(x, kernel, bias)
    h = first_state(h, z, z.shape[-1])
    hs, last = simple_rnn_loop(z, h, recurrent_kernel, by_time(mask), reverse)
    return moveaxis(hs, 0, 1), last
