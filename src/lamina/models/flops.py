"""Counting multiply-adds: in the plan of a computation, before anything is computed."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax

from ..native import native_kernels


def _of_dot(equation: Any) -> int:
    (contracted, _), _ = equation.params["dimension_numbers"]
    left = equation.invars[0].aval.shape
    return math.prod(equation.outvars[0].aval.shape) * math.prod(left[axis] for axis in contracted)


def _of_convolution(equation: Any) -> int:
    kernel = equation.invars[1].aval.shape
    features = kernel[equation.params["dimension_numbers"].rhs_spec[0]]
    return math.prod(equation.outvars[0].aval.shape) * math.prod(kernel) // features


def _inside(params: dict[str, Any]) -> Iterator[Any]:
    """The computations inside an equation: loop bodies, branches, nested jits."""
    for value in params.values():
        for item in value if isinstance(value, (tuple, list)) else (value,):
            inner = getattr(item, "jaxpr", item)
            if hasattr(inner, "eqns"):
                yield inner


def _count(jaxpr: Any) -> int:
    total = 0
    for equation in jaxpr.eqns:
        if equation.primitive.name == "dot_general":
            total += _of_dot(equation)
        elif equation.primitive.name == "conv_general_dilated":
            total += _of_convolution(equation)
        repeats = equation.params.get("length", 1) if equation.primitive.name == "scan" else 1
        total += repeats * sum(map(_count, _inside(equation.params)))
    return total


def multiply_adds(function: Callable[..., Any], specs: Sequence[jax.ShapeDtypeStruct]) -> int:
    """Multiply-adds of the matrix products and convolutions in `function`.

    Args:
        function: of JAX arrays.
        specs: shapes and dtypes of its arguments.

    Example:
        >>> import jax.numpy as jnp
        >>> spec = jax.ShapeDtypeStruct((4, 10), "float32")
        >>> multiply_adds(lambda x: x @ jnp.ones((10, 3)), [spec])
        120
    """
    with native_kernels(False):  # a kernel's products cannot be seen from outside
        return _count(jax.make_jaxpr(function)(*specs).jaxpr)
