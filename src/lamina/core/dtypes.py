"""Which number type is used where: one default, one policy, one promotion rule."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .errors import ArgumentError

_FLOATS = ("float16", "bfloat16", "float32", "float64")


@dataclass(frozen=True)
class DTypePolicy:
    """What layers compute in and what they store.

    Mixed precision computes in a 16-bit type and stores variables in float32, so that small
    updates are not rounded away (Micikevicius et al., arXiv 1710.03740).

    Args:
        name: "float32", "float64", "bfloat16", "float16", "mixed_bfloat16" or "mixed_float16".

    Example:
        >>> policy = DTypePolicy("mixed_bfloat16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('bfloat16', 'float32')
    """

    name: str = "float32"

    def __post_init__(self) -> None:
        if self.name.removeprefix("mixed_") not in _FLOATS:
            raise ArgumentError(
                "DTypePolicy",
                "the name must be that of a float type, or mixed_ and a 16-bit one",
                expected="one of " + ", ".join(_FLOATS) + ", mixed_bfloat16, mixed_float16",
                received=repr(self.name),
                remedy="Choose one of these",
            )

    @property
    def compute_dtype(self) -> str:
        """Type of activations and of the arithmetic."""
        return self.name.removeprefix("mixed_")

    @property
    def variable_dtype(self) -> str:
        """Type in which weights are stored."""
        return "float32" if self.name.startswith("mixed_") else self.name


_policy = DTypePolicy()


def dtype_policy() -> DTypePolicy:
    """The policy that new layers take when they are given no `dtype`.

    Example:
        >>> dtype_policy().name
        'float32'
    """
    return _policy


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """Set the policy of layers made from now on; float64 also switches JAX's 64-bit types on.

    Example:
        >>> set_dtype_policy("mixed_bfloat16"); dtype_policy().compute_dtype
        'bfloat16'
        >>> set_dtype_policy("float32")
    """
    global _policy
    _policy = policy if isinstance(policy, DTypePolicy) else DTypePolicy(policy)
    if _policy.name == "float64":
        jax.config.update("jax_enable_x64", True)


def floatx() -> str:
    """Name of the default float type: what Python floats and float64 data become.

    Example:
        >>> floatx()
        'float32'
    """
    return _policy.variable_dtype


_autocast: ContextVar[str | None] = ContextVar("autocast", default=None)


@contextlib.contextmanager
def autocast(dtype: str | None) -> Iterator[None]:
    """Inside the block, ops read float Variables in `dtype`; None reads them as they are stored.

    Example:
        >>> from lamina import Variable
        >>> with autocast("bfloat16"): (Variable(1.0) * 2.0).dtype
        dtype(bfloat16)
    """
    token = _autocast.set(dtype)
    try:
        yield
    finally:
        _autocast.reset(token)


def autocast_dtype() -> str | None:
    """The type in which ops read float Variables in this context, if one is set."""
    return _autocast.get()


def is_float(dtype: Any) -> bool:
    """Whether `dtype` is a real floating type, bfloat16 included.

    Example:
        >>> is_float("bfloat16"), is_float("int32")
        (True, False)
    """
    return jnp.issubdtype(dtype, jnp.floating)


def _python_number_fits(value: Any, dtype: Any) -> bool:
    """A Python number takes the array's type, unless it is a float and the array holds integers."""
    return isinstance(value, (bool, int)) and dtype != np.bool_ or isinstance(value, float) and is_float(dtype)


def promote(*values: Any) -> tuple[Any, ...]:
    """Bring arrays and Python numbers to one common type, by JAX's standard lattice.

    Lamina promotes here and nowhere else, so its numbers do not depend on how the user
    has configured JAX. Integers with floats give the float; bfloat16 with float16 gives float32.

    Example:
        >>> [v.dtype.name for v in promote(jnp.ones(2, "int32"), jnp.ones(2, "bfloat16"))]
        ['bfloat16', 'bfloat16']
    """
    dtypes = {v.dtype for v in values if hasattr(v, "dtype")}
    if len(dtypes) == 1:
        (dtype,) = dtypes
        if all(hasattr(v, "dtype") or _python_number_fits(v, dtype) for v in values):
            return values
    with jax.numpy_dtype_promotion("standard"):
        dtype = jnp.result_type(*values)
    return tuple(jnp.asarray(v, dtype) for v in values)
