"""Recurrent layers with gates over a whole sequence: by a kernel where there is one, else by a loop of JAX."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from ..core import Tensor, composite
from ..native import has_kernels
from .casting import tensor
from .creation import zeros
from .recurrent import by_time, projected
from .recurrent_gru import gate_scale, gru_loop
from .recurrent_lstm import gate_scales, lstm_loop
from .recurrent_native import gru_kernel, lstm_kernel
from .shape import moveaxis


def _first(state: Any, x: Tensor, units: int) -> Any:
    """The state before the first step: what is given, or zeros. x is (N, T, F)."""
    return zeros((x.shape[0], units), x.dtype) if state is None else state


def _fits(x: Tensor, weights: Sequence[Tensor], states: Sequence[Any], mask: Any, gates: int) -> bool:
    """Whether a kernel takes these: one type and matching sizes. Whatever else is right or wrong, the loop says."""
    kernel, recurrent, bias = weights
    states = [tensor(state) for state in states]
    if not has_kernels(x, *weights, *states) or x.ndim != 3 or recurrent.ndim != 2:
        return False
    units = recurrent.shape[0]
    sizes = [(kernel, (x.shape[2], gates * units)), (recurrent, (units, gates * units))]
    sizes += [(state, (x.shape[0], units)) for state in states]
    return all(a.shape == size for a, size in sizes) and (mask is None or tensor(mask).shape == x.shape[:2])


def _bias(bias: Any, shape: tuple[int, ...]) -> Tensor:
    return zeros(shape) if bias is None else tensor(bias)


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
    scale, _ = gate_scales(units, x.dtype)
    h, c = (_first(state, x, units) for state in (h, c))
    weights = tensor(kernel), recurrent_kernel, _bias(bias, scale.shape)
    if _fits(x, weights, (h, c), mask, 4) and weights[2].shape == scale.shape:
        return lstm_kernel(x, *weights, h, c, mask, reverse)
    z = projected(x, kernel, bias, scale)
    hs, h, c = lstm_loop(z, h, c, recurrent_kernel * scale, by_time(mask), reverse)
    return moveaxis(hs, 0, 1), h, c


@composite
def gru(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any = None, h: Any = None, mask: Any = None,
    reset_after: bool = True, reverse: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Gated recurrent units: z_t = σ(x^z + s^z), r_t = σ(x^r + s^r), h_t = z_t·h_{t−1} + (1 − z_t)·tanh(x^h + r_t·s^h),

    where x^z, x^r, x^h are the parts of x_t·kernel + bias[0], and s^z, s^r, s^h those of h_{t−1}·recurrent_kernel +
    bias[1]. Without `reset_after`, r_t·s^h is (r_t·h_{t−1})·recurrent_kernel^h, and the second bias does not exist.

    Args:
        x: (N, T, F).
        kernel: (F, 3U), the gates in the order z r h.
        recurrent_kernel: (U, 3U).
        bias: (2, 3U), or (3U,) without `reset_after`, or None.
        h: h_0, (N, U); zeros by default.
        mask: booleans (N, T); where they are False, h_t = h_{t−1}.
        reset_after: whether the reset gate acts after the recurrent matmul.
        reverse: start with the last step. Results stay in the order of x.

    Returns:
        All h_t, (N, T, U), and the last computed one, (N, U).

    Example:
        >>> from lamina import ops
        >>> hs, h = ops.gru([[[1.0]]], [[0.0, 0.0, 1.0]], [[0.0] * 3])
        >>> h.item()  # half of tanh(1)
        0.380797...

    Reference: Cho et al., arXiv 1406.1078; `reset_after`: as in cuDNN. PyTorch has r before z, and always resets after.
    """
    x, recurrent_kernel = tensor(x), tensor(recurrent_kernel)
    units = recurrent_kernel.shape[0]
    scale = gate_scale(units, x.dtype)
    h = _first(h, x, units)
    weights = tensor(kernel), recurrent_kernel, _bias(bias, (2, *scale.shape))
    if reset_after and _fits(x, weights, (h,), mask, 3) and weights[2].shape == (2, *scale.shape):
        return gru_kernel(x, *weights, h, mask, reverse)
    of_input, of_state = (bias, None) if bias is None or not reset_after else (tensor(bias)[0], tensor(bias)[1])
    z = projected(x, kernel, of_input, scale)
    inner = jnp.zeros_like(scale) if of_state is None else of_state * scale
    hs, h = gru_loop(z, h, recurrent_kernel * scale, inner, by_time(mask), reset_after, reverse)
    return moveaxis(hs, 0, 1), h
