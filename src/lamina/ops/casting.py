"""Number types: conversion, and questions about them."""

from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array, Tensor, as_array, op


def tensor(value: Any) -> Tensor:
    """`value` itself if it is a Tensor, with its history, else a Tensor made from it."""
    return value if isinstance(value, Tensor) else Tensor(value)


@op
def cast(x: Array, dtype: Any) -> Any:
    """x in another number type; the gradient comes back in x's own type. No gradient passes integers.

    Example:
        >>> from lamina import ops
        >>> ops.cast([1.7, -1.7], "int32")
        Tensor([ 1, -1], int32)
    """
    return x.astype(dtype), ()


@cast.backward
def _(kept: Any, g: Tensor) -> Any:
    return g  # cast back where all gradients are


def common(*values: Any) -> tuple[Tensor, ...]:
    """The values in the one type that they promote to, with their histories; a Python number takes the others'."""
    plain = [v if isinstance(v, (Tensor, jax.Array, bool, int, float)) else as_array(v) for v in values]
    dtype = result_type(*plain)
    return tuple(as_type(v, dtype) for v in plain)


def as_type(value: Any, dtype: Any) -> Tensor:
    """`value` as a Tensor of this type, with its history if it has one."""
    if isinstance(value, Tensor):
        return value if value.dtype == dtype else cast(value, dtype)
    return Tensor(value, dtype)


def result_type(*values: Any) -> Any:
    """The number type to which the values (arrays, numbers or types) promote.

    Example:
        >>> from lamina import ops
        >>> ops.result_type("bfloat16", "float32").name
        'float32'
    """
    plain = [v.array if isinstance(v, Tensor) else jnp.dtype(v) if isinstance(v, str) else v for v in values]
    with jax.numpy_dtype_promotion("standard"):
        return jnp.dtype(jnp.result_type(*plain))


def can_cast(source: Any, target: Any) -> bool:
    """Whether promotion alone would lead from one number type to the other.

    Example:
        >>> from lamina import ops
        >>> ops.can_cast("int32", "float32"), ops.can_cast("float32", "int32")
        (True, False)
    """
    target = jnp.dtype(target)
    return bool(result_type(source, target) == target)


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a number type is of a kind, or of one of several kinds.

    Args:
        kind: "bool", "signed integer", "unsigned integer", "integral", "real floating", "numeric", a type, or a
            tuple of these.

    Example:
        >>> from lamina import ops
        >>> ops.isdtype("bfloat16", "real floating"), ops.isdtype("int8", ("bool", "real floating"))
        (True, False)
    """
    return bool(jnp.isdtype(jnp.dtype(dtype), kind))


def finfo(dtype: Any) -> Any:
    """Limits of a float type: `bits`, `eps`, `max`, `min`, `smallest_normal`.

    Example:
        >>> from lamina import ops
        >>> ops.finfo("bfloat16").bits
        16
    """
    return jnp.finfo(jnp.dtype(dtype))


def iinfo(dtype: Any) -> Any:
    """Limits of an integer type: `bits`, `max`, `min`.

    Example:
        >>> from lamina import ops
        >>> ops.iinfo("int8").max
        127
    """
    return jnp.iinfo(jnp.dtype(dtype))
