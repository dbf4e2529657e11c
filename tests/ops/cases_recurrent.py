"""Contract cases of the recurrent ops. The references walk through time with the gates written out."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import ops
from ops.contract import Case

N, T, F, U = 2, 4, 3, 2
MASK = np.array([[True, False, True, True], [False, True, True, False]])


def numbers_of(array: Any) -> Any:
    return jnp if isinstance(array, jax.Array) else np


def walk(step: Callable[..., Any], x: Any, states: Any, mask: Any, reverse: bool) -> Any:
    """All outputs and the last states; a masked step leaves the states as they are."""
    n, outputs = numbers_of(x), [None] * x.shape[1]
    for t in reversed(range(x.shape[1])) if reverse else range(x.shape[1]):
        new = step(n, x[:, t], *states)
        states = new if mask is None else [n.where(mask[:, t, None], a, b) for a, b in zip(new, states, strict=True)]
        outputs[t] = states[0]
    return (n.stack(outputs, axis=1), *states)


def sigma(n: Any, z: Any) -> Any:
    return 1 / (1 + n.exp(-z))


def simple_rnn(x: Any, k: Any, r: Any, b: Any, h: Any, mask: Any = None, reverse: bool = False) -> Any:
    return walk(lambda n, x, h: [n.tanh(x @ k + h @ r + b)], x, [h], mask, reverse)


def lstm(x: Any, k: Any, r: Any, b: Any, h: Any, c: Any, mask: Any = None, reverse: bool = False) -> Any:
    def step(n: Any, x: Any, h: Any, c: Any) -> Any:
        i, f, g, o = n.split(x @ k + h @ r + b, 4, axis=-1)
        c = sigma(n, f) * c + sigma(n, i) * n.tanh(g)
        return [sigma(n, o) * n.tanh(c), c]

    return walk(step, x, [h, c], mask, reverse)


def gru(
    x: Any, k: Any, r: Any, b: Any, h: Any, mask: Any = None, reset_after: bool = True, reverse: bool = False
) -> Any:
    def step(n: Any, x: Any, h: Any) -> Any:
        xz, xr, xh = n.split(x @ k + (b[0] if reset_after else b), 3, axis=-1)
        hz, hr, hh = n.split(h @ r + (b[1] if reset_after else 0), 3, axis=-1)
        z, reset = sigma(n, xz + hz), sigma(n, xr + hr)
        hh = reset * hh if reset_after else (reset * h) @ r[:, 2 * U :]
        return [z * h + (1 - z) * n.tanh(xh + hh)]

    return walk(step, x, [h], mask, reverse)


def drawn(*shapes: tuple[int, ...]) -> Callable[[np.random.Generator], list[np.ndarray]]:
    return lambda rng: [rng.normal(size=shape) for shape in shapes]


def inputs(gates: int, states: int = 1, bias: tuple[int, ...] = ()) -> Callable[..., list[np.ndarray]]:
    width = gates * U
    return drawn((N, T, F), (F, width), (U, width), (*bias, width), *[(N, U)] * states)


MASKED = {"mask": MASK, "reverse": True}
CASES = [
    Case("simple_rnn", ops.simple_rnn, inputs(1), {}, simple_rnn, simple_rnn,
         also=("simple_rnn_loop", "simple_rnn_pull")),
    Case("simple_rnn masked backwards", ops.simple_rnn, inputs(1), MASKED, simple_rnn, simple_rnn, dtypes=()),
    Case("lstm", ops.lstm, inputs(4, 2), {}, lstm, lstm,
         also=("lstm_loop", "lstm_pull", "lstm_kernel", "lstm_kernel_pull")),
    Case("lstm masked backwards", ops.lstm, inputs(4, 2), MASKED, lstm, lstm, dtypes=()),
    Case("gru", ops.gru, inputs(3, bias=(2,)), {}, gru, gru,
         also=("gru_loop", "gru_pull", "gru_kernel", "gru_kernel_pull")),
    Case("gru masked backwards", ops.gru, inputs(3, bias=(2,)), MASKED, gru, gru, dtypes=()),
    Case("gru with the reset before", ops.gru, inputs(3), {"reset_after": False}, gru, gru),
    Case("gru with the reset before, masked backwards", ops.gru, inputs(3), {"reset_after": False, **MASKED}, gru, gru,
         dtypes=()),
]  # fmt: skip
