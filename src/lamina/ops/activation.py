"""Activation functions with rules of their own; those made of these are in
`activation_family`, those of a whole axis in `softmax`.

Where backward needs an intermediate value (the slope of gelu, the σ of silu), it is a second result of
the op, so that nothing is computed twice and second derivatives find their way.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array, Seldom, Tensor, composite, op
from ..native import has_kernels, run_kernel
from .absent import scaled, total
from .comparison import where
from .exponential import exp


@op
def step(x: Array) -> Any:
    """The unit step of the perceptron: 1 where x ≥ 0, else 0. No gradient passes: its slope is 0.

    Example:
        >>> from lamina import ops
        >>> ops.step([-2.0, 0.0, 3.0])
        Tensor([0., 1., 1.], float32)

    Reference: McCulloch and Pitts 1943; Rosenblatt 1958.
    """
    return (x >= 0).astype(x.dtype), ()


@op
def step_straight_through(x: Array) -> Any:
    """The unit step forwards, the identity backwards, so that what lies before it can learn.

    Example:
        >>> from lamina import grad, ops
        >>> ops.step_straight_through(-2.0), grad(ops.step_straight_through)(-2.0)
        (Tensor(0., float32), Tensor(1., float32))

    Reference: Bengio, Léonard and Courville 2013, arXiv 1308.3432.
    """
    return (x >= 0).astype(x.dtype), ()


@step_straight_through.backward
def _(kept: Any, g: Tensor) -> Tensor:
    return g


@op
def sigmoid(x: Array) -> Any:
    """Logistic function σ(x) = 1 / (1 + e⁻ˣ), in (0, 1), without overflow at either end.

    Example:
        >>> from lamina import ops
        >>> ops.sigmoid([-1000.0, 0.0, 1000.0])
        Tensor([0. , 0.5, 1. ], float32)
    """
    y = jax.nn.sigmoid(x)
    return y, (y,)


@sigmoid.backward
def _(kept: Any, g: Tensor) -> Tensor:
    (y,) = kept
    return g * (y * (1 - y))


@op
def relu(x: Array, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """Rectified linear unit: max(x, 0), or with a slope below, a ceiling, another threshold.

    y = x above `threshold`, negative_slope·(x − threshold) elsewhere, and at most `max_value`.
    The slope exactly at the threshold is negative_slope (0 for plain relu), and 0 at the ceiling.

    Example:
        >>> from lamina import ops
        >>> ops.relu([-2.0, 0.0, 3.0]), ops.relu([-2.0, 3.0, 9.0], negative_slope=0.1, max_value=6.0)
        (Tensor([0., 0., 3.], float32), Tensor([-0.2, 3. , 6. ], float32))

    Reference: Nair and Hinton 2010; Glorot, Bordes and Bengio 2011.

    Keras differs where both `max_value` and a negative slope or threshold are given: it also cuts at 0.
    """
    below = negative_slope * (x - threshold) if negative_slope else jnp.zeros_like(x)
    y = jnp.where(x <= threshold, below, x)  # a NaN fails the comparison and stays
    if max_value is None and threshold == 0 and negative_slope >= 0:
        return y, (y, negative_slope, None, 0.0)  # y > 0 exactly where x > 0: x need not be remembered
    return y if max_value is None else jnp.minimum(y, max_value), (x, negative_slope, max_value, threshold)


@relu.backward
def _(kept: Any, g: Tensor) -> Tensor:
    x, negative_slope, max_value, threshold = kept
    rising = x > threshold if max_value is None else (x > threshold) & (x < max_value)
    if not negative_slope:
        return where(rising, g, 0.0)
    return where(rising, g, where(x <= threshold, g * negative_slope, 0.0))


@op
def elu(x: Array, alpha: float = 1.0) -> Any:
    """Exponential linear unit: x above 0, alpha·(eˣ − 1) elsewhere.

    Example:
        >>> from lamina import ops
        >>> ops.elu([-1.0, 2.0])
        Tensor([-0.63212055, 2. ], float32)

    Reference: Clevert, Unterthiner and Hochreiter 2015, arXiv 1511.07289.
    """
    above = x > 0
    y = jnp.where(above, x, alpha * jnp.expm1(jnp.minimum(x, 0)))
    return y, (y, above, alpha)


@elu.backward
def _(kept: Any, g: Tensor) -> Tensor:
    y, above, alpha = kept
    return g * where(above, 1.0, y + alpha)


@op
def softplus(x: Array) -> Any:
    """Smooth relu: log(1 + eˣ), computed as max(x, 0) + log(1 + e^−|x|).

    Example:
        >>> from lamina import ops
        >>> ops.softplus([-1000.0, 0.0, 1000.0])
        Tensor([0.000000e+00, 6.931472e-01, 1.000000e+03], float32)

    Reference: Dugas et al. 2000, Incorporating second-order functional knowledge.
    """
    return jnp.logaddexp(x, jnp.zeros_like(x)), (x,)


@softplus.backward
def _(kept: Any, g: Tensor) -> Tensor:
    (x,) = kept
    return g * sigmoid(x)


# -- x times a gate p(x) in (0, 1): y' = p + x·p', and the gate's own slope p' is cheap to get from p.


def _through_gate(x: Tensor, p: Tensor, slope: Tensor, g: Tensor | None, gp: Tensor | None) -> Any:
    return total(scaled(g, p + x * slope), scaled(gp, slope))


# Φ(−a) = e^{−a²/2}·t·Σ_k c_k t^k with t = 1/(1 + 0.2121a): fitted on [0, 13], relative error below 2e-8.
_TAIL = (
    *(0.08458196371793747, 0.0853356420993805, 0.07420287281274796, 0.10735683888196945, -0.04726402461528778),
    *(0.27401337027549744, -0.25648340582847595, 0.24306213855743408, -0.06480541825294495),
)


_DENSITY = 1 / math.sqrt(2 * math.pi)  # of the normal distribution at 0


def _normal(x: Array) -> tuple[Array, Array]:
    """Φ(x), the lower tail with all its digits, and e^{−x²/2}: one exponential; XLA's erfc takes five times as long."""
    power = jnp.exp(x * x * -0.5)
    if x.dtype != jnp.float32:
        return 0.5 * jax.lax.erfc(x * -math.sqrt(0.5)), power
    t = 1 / (1 + 0.2121 * jnp.abs(x))
    tail = power * t * jnp.polyval(jnp.array(_TAIL[::-1], x.dtype), t, unroll=len(_TAIL))
    return jnp.where(x < 0, tail, 1 - tail), power


@op
def gelu_with_slope(x: Array, bias: Array | None = None) -> Any:
    """z·Φ(z) and its slope Φ(z) + z·φ(z), Φ the normal distribution function and φ the density.

    z is x, or x + bias: one for each of the last axis.
    """
    given = jnp.zeros(0, x.dtype) if bias is None else bias
    if has_kernels(x, given, many=True):
        y, slope = run_kernel("gelu", [x.shape, x.shape], x, given)
    else:
        z = x if bias is None else x + bias
        below, power = _normal(z)
        y, slope = z * below, below + jnp.clip(z, -100, 100) * power * _DENSITY  # so that ∞·0 is 0
    return (y, slope), (Seldom(x), bias, slope)


@gelu_with_slope.backward
def _(kept: Any, g: Tensor | None, g_slope: Tensor | None) -> Any:
    x, bias, slope = kept
    gz = scaled(g, slope)
    if g_slope is not None:
        z = x if bias is None else x + bias
        gz = total(gz, g_slope * exp(z * z * -0.5) * (2 - z * z) * _DENSITY)
    return gz if bias is None else (gz, gz)


_OUTER, _CUBIC = math.sqrt(2 / math.pi), 0.044715


@op
def tanh_gelu_with_gate(x: Array) -> Any:
    """x·p and p = ½(1 + tanh(√(2/π)(x + 0.044715x³))), close to Φ(x)."""
    gate = 0.5 * (1 + jnp.tanh(_OUTER * (x + _CUBIC * x * x * x)))
    return (x * gate, gate), (x, gate)


@tanh_gelu_with_gate.backward
def _(kept: Any, g: Tensor | None, gp: Tensor | None) -> Any:
    x, gate = kept
    return _through_gate(x, gate, gate * (1 - gate) * (2 * _OUTER * (1 + 3 * _CUBIC * x * x)), g, gp)


@op
def silu_with_gate(x: Array) -> Any:
    """x·σ(x) and σ(x)."""
    gate = jax.nn.sigmoid(x)
    return (x * gate, gate), (x, gate)


@silu_with_gate.backward
def _(kept: Any, g: Tensor | None, gp: Tensor | None) -> Any:
    x, gate = kept
    return _through_gate(x, gate, gate * (1 - gate), g, gp)


@composite
def gelu(x: Any, approximate: bool = False) -> Tensor:
    """Gaussian error linear unit: x·Φ(x), Φ the standard normal distribution function.

    Args:
        x: any shape.
        approximate: use ½x(1 + tanh(√(2/π)(x + 0.044715x³))) instead, as the first GPT models do.

    Example:
        >>> from lamina import ops
        >>> ops.gelu([-1.0, 0.0, 1.0])
        Tensor([-0.15865526, 0. , 0.8413447 ], float32)

    Reference: Hendrycks and Gimpel 2016, arXiv 1606.08415.
    """
    return (tanh_gelu_with_gate if approximate else gelu_with_slope)(x)[0]


@composite
def gelu_of_sum(x: Any, bias: Any) -> Tensor:
    """gelu(x + bias) of one number type, with a bias for each of the last axis, in one pass over the memory."""
    return gelu_with_slope(x, bias)[0]


@composite
def silu(x: Any) -> Tensor:
    """Sigmoid linear unit, also called swish: x·σ(x).

    Example:
        >>> from lamina import ops
        >>> ops.silu([-1.0, 0.0, 1.0])
        Tensor([-0.26894143, 0. , 0.7310586 ], float32)

    Reference: Elfwing, Uchibe and Doya 2017, arXiv 1702.03118; Ramachandran, Zoph and Le 2017, arXiv 1710.05941.
    """
    return silu_with_gate(x)[0]
