"""Contract cases of the activation functions. Inputs keep away from kinks, where no derivative exists."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import ops
from lamina.ops.activation import gelu_of_sum, gelu_with_slope, silu_with_gate, tanh_gelu_with_gate
from ops.contract import Case


def away(*kinks: float) -> Callable[[np.random.Generator], list[np.ndarray]]:
    """Numbers of some units, none nearer than 0.02 to a kink."""

    def draw(rng: np.random.Generator) -> list[np.ndarray]:
        x = rng.normal(size=(3, 5)) * 2.5
        for kink in kinks:
            x = np.where(np.abs(x - kink) < 0.02, kink + 0.05, x)
        return [x]

    return draw


def erf(x: np.ndarray) -> np.ndarray:
    return np.vectorize(math.erf)(x)


def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    np_ = jnp if isinstance(x, jax.Array) else np
    y = np_.where(x > threshold, x, negative_slope * (x - threshold))
    return y if max_value is None else np_.where(y > max_value, max_value, y)


def gelu(x: np.ndarray, approximate: bool = False) -> np.ndarray:
    return x * 0.5 * (1 + (np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)) if approximate else erf(x / 2**0.5)))


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def softmax(x: Any, axis: Any = -1) -> Any:
    np_ = jnp if isinstance(x, jax.Array) else np
    return np_.exp(x) / np_.exp(x).sum(axis, keepdims=True)


def sparsemax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """The threshold by bisection: Σ max(x − τ, 0) falls with τ and must be 1."""
    low, high = x.max(axis, keepdims=True) - 1, x.max(axis, keepdims=True)
    for _ in range(60):
        middle = (low + high) / 2
        too_low = np.maximum(x - middle, 0).sum(axis, keepdims=True) > 1
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    return np.maximum(x - low, 0)


def sparsemax_by_jax(x: Any, axis: int = -1) -> Any:
    """Try every size of the support: the threshold is the largest of (sum of the k largest − 1) / k."""
    sums = jnp.cumsum(-jnp.sort(-x, axis), axis)
    sizes = jnp.expand_dims(jnp.arange(1, x.shape[axis] + 1.0), 1 - axis % 2)
    return jnp.maximum(x - ((sums - 1) / sizes).max(axis, keepdims=True), 0)


def plain(op: Callable[..., Any], numpy: Any, by_jax: Any, *kinks: float, name: str = "", **settings: Any) -> Case:
    return Case(name or op.__name__, op, away(*kinks), settings, numpy=numpy, jax=by_jax)


def both(function: Callable[[Any, Any], Any]) -> dict[str, Any]:
    """One formula, written with a module argument, as reference in NumPy and in JAX."""
    return {"numpy": lambda x, **s: function(np, x, **s), "jax": lambda x, **s: function(jnp, x, **s)}


def formula(
    op: Callable[..., Any], function: Callable[..., Any], *kinks: float, name: str = "", **settings: Any
) -> Case:
    return Case(name or op.__name__, op, away(*kinks), settings, **both(function))


CASES = [
    Case("step", ops.step, away(0), numpy=lambda x: (x >= 0) * 1.0, differentiable=False),
    # Its rule is on purpose not its derivative, which test_nn_activation.py looks at; times 0 it is.
    Case(
        "step_straight_through",
        lambda x: ops.step_straight_through(x) * 0 + x,
        away(0),
        numpy=lambda x: x,
        also=("step_straight_through",),
    ),
    plain(ops.sigmoid, sigmoid, jax.nn.sigmoid),
    plain(ops.relu, relu, relu, 0),
    plain(ops.relu, relu, relu, 0, name="relu slope", negative_slope=0.25),
    plain(ops.relu, relu, relu, 0.5, 2, name="relu all", negative_slope=0.25, max_value=2.0, threshold=0.5),
    plain(ops.relu, relu, relu, 0, 2, name="relu ceiling", max_value=2.0),
    plain(ops.relu, relu, relu, -0.5, name="relu threshold below 0", threshold=-0.5),
    plain(ops.elu, lambda x, alpha: np.where(x > 0, x, alpha * (np.exp(x) - 1)), jax.nn.elu, 0, alpha=1.5),
    plain(ops.softplus, lambda x: np.log(1 + np.exp(x)), jax.nn.softplus),
    plain(ops.gelu, gelu, jax.nn.gelu, approximate=False),
    plain(ops.gelu, gelu, jax.nn.gelu, name="gelu approximate", approximate=True),
    plain(
        gelu_with_slope,
        lambda x: (gelu(x), 0.5 * (1 + erf(x / 2**0.5)) + x * np.exp(-x * x / 2) / (2 * np.pi) ** 0.5),
        lambda x: (x * jax.scipy.stats.norm.cdf(x), jax.scipy.stats.norm.cdf(x) + x * jax.scipy.stats.norm.pdf(x)),
    ),
    Case(
        "gelu of a sum",
        gelu_of_sum,
        lambda rng: [rng.normal(size=(3, 5)), rng.normal(size=5)],
        {},
        lambda x, bias: gelu(x + bias),
        lambda x, bias: jax.nn.gelu(x + bias, approximate=False),
        dtypes=("float32", "bfloat16"),
    ),
    plain(
        tanh_gelu_with_gate,
        lambda x: (gelu(x, True), gelu(x, True) / x),
        lambda x: (jax.nn.gelu(x), jax.nn.gelu(x) / x),
        0,
    ),
    plain(ops.silu, lambda x: x * sigmoid(x), jax.nn.silu),
    plain(silu_with_gate, lambda x: (x * sigmoid(x), sigmoid(x)), lambda x: (jax.nn.silu(x), jax.nn.sigmoid(x))),
    plain(ops.softmax, softmax, softmax),
    plain(ops.softmax, softmax, softmax, name="softmax axis 0", axis=0),
    plain(ops.softmax, softmax, softmax, name="softmax two axes", axis=(0, 1)),
    plain(ops.log_softmax, lambda x: np.log(softmax(x)), jax.nn.log_softmax),
    plain(
        ops.log_softmax, lambda x, axis: np.log(softmax(x, axis)), jax.nn.log_softmax, name="log_softmax axis 0", axis=0
    ),
    plain(ops.sparsemax, sparsemax, sparsemax_by_jax),
    plain(ops.sparsemax, sparsemax, sparsemax_by_jax, name="sparsemax axis 0", axis=0),
    Case(
        "glu",
        ops.glu,
        lambda rng: [rng.normal(size=(3, 4))],
        numpy=lambda x: x[:, :2] * sigmoid(x[:, 2:]),
        jax=jax.nn.glu,
    ),
    Case(
        "glu axis 0",
        ops.glu,
        lambda rng: [rng.normal(size=(4, 3))],
        {"axis": 0},
        numpy=lambda x, axis: x[:2] * sigmoid(x[2:]),
        jax=jax.nn.glu,
    ),
    formula(ops.linear, lambda n, x: x),
    formula(ops.exponential, lambda n, x: n.exp(x)),
    plain(ops.relu6, lambda x: np.clip(x, 0, 6), jax.nn.relu6, 0, 6),
    plain(ops.leaky_relu, lambda x: np.where(x > 0, x, 0.2 * x), lambda x: jax.nn.leaky_relu(x, 0.2), 0),
    plain(
        ops.selu,
        lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(x) - 1)),
        jax.nn.selu,
        0,
    ),
    plain(ops.celu, lambda x, alpha: np.where(x > 0, x, alpha * (np.exp(x / alpha) - 1)), jax.nn.celu, 0, alpha=2.0),
    plain(ops.log_sigmoid, lambda x: np.log(sigmoid(x)), jax.nn.log_sigmoid),
    plain(ops.mish, lambda x: x * np.tanh(np.log(1 + np.exp(x))), jax.nn.mish),
    formula(ops.softsign, lambda n, x: x / (1 + n.abs(x)), 0),
    formula(ops.squareplus, lambda n, x, b: (x + n.sqrt(x * x + b)) / 2, b=3.0),
    formula(ops.hard_sigmoid, lambda n, x: n.clip(x / 6 + 0.5, 0, 1), -3, 3),
    formula(ops.hard_silu, lambda n, x: x * n.clip(x / 6 + 0.5, 0, 1), -3, 3),
    formula(ops.hard_tanh, lambda n, x: n.clip(x, -1, 1), -1, 1),
    formula(ops.hard_shrink, lambda n, x, threshold: n.where(n.abs(x) > threshold, x, 0), -0.75, 0.75, threshold=0.75),
    formula(
        ops.soft_shrink,
        lambda n, x, threshold: n.sign(x) * n.maximum(n.abs(x) - threshold, 0),
        -0.75,
        0.75,
        threshold=0.75,
    ),
    formula(ops.tanh_shrink, lambda n, x: x - n.tanh(x)),
    formula(
        ops.threshold,
        lambda n, x, threshold, default_value: n.where(x > threshold, x, default_value),
        1,
        threshold=1.0,
        default_value=-3.0,
    ),
    formula(ops.sparse_plus, lambda n, x: n.where(x <= -1, 0, n.where(x < 1, (x + 1) ** 2 / 4, x)), -1, 1),
    formula(ops.sparse_sigmoid, lambda n, x: n.clip((x + 1) / 2, 0, 1), -1, 1),
]
