"""The compiled kernels in this process: which arrays they serve, and how they are called."""

import contextlib
import ctypes
import functools
import os
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp

from ..core import Array
from .compiler import library_path

_NAMES = (
    *("lstm", "lstm_pull", "gru", "gru_pull", "attend", "attend_pull", "gelu"),
    *("convolve", "convolve_input_pull", "convolve_kernel_pull"),
    *("cross_entropy", "cross_entropy_pull", "outer_product", "layer_norm", "layer_norm_pull", "finite", "adam"),
    *("moments", "batch_norm_pull", "first_extreme"),
)
FEW = 2**12  # numbers that XLA has worked on sooner than it has called a kernel for them
_wanted: ContextVar[bool] = ContextVar("native_kernels", default=True)
_in_place: ContextVar[bool] = ContextVar("in_place", default=False)


@functools.cache
def _loaded() -> bool:
    """Whether there are kernels; XLA knows them from then on."""
    path = library_path()
    if os.environ.get("LAMINA_KERNELS") == "off" or not path.exists():
        return False
    library = ctypes.CDLL(str(path))
    for name in _NAMES:
        symbol = f"lamina_{name}"
        jax.ffi.register_ffi_target(symbol, jax.ffi.pycapsule(getattr(library, symbol)), platform="cpu")
    return True


def has_kernels(*arrays: Any, many: bool = False) -> bool:
    """Whether kernels serve these arrays: they are compiled and not switched off, and all is float32 on a CPU.

    LAMINA_KERNELS=off in the environment switches them off for a process, `native_kernels(False)` for a block.

    Args:
        arrays: what they would read.
        many: only if one of them holds 4,096 numbers or more. With fewer, XLA has passed over them a few times
            sooner than it has called a kernel, and can make a small program into one kernel if nothing is called.

    Example:
        >>> import jax.numpy as jnp
        >>> has_kernels(jnp.zeros(3, "bfloat16"))
        False
    """
    if not _wanted.get() or any(a.dtype != jnp.float32 for a in arrays):
        return False
    if many and max((a.size for a in arrays), default=0) < FEW:
        return False
    return jax.default_backend() == "cpu" and _loaded()


@contextlib.contextmanager
def native_kernels(on: bool) -> Iterator[None]:
    """Whether what is traced inside the block may use kernels.

    Example:
        >>> with native_kernels(False):
        ...     has_kernels()
        False
    """
    token = _wanted.set(on)
    try:
        yield
    finally:
        _wanted.reset(token)


@contextlib.contextmanager
def in_loop() -> Iterator[None]:
    """Inside the block the body of a compiled loop is traced: kernels may overwrite what they replace.

    Anywhere else what they read may have to stay, and XLA would copy it first.

    Example:
        >>> import jax
        >>> with in_loop():
        ...     int(jax.lax.fori_loop(0, 3, lambda i, total: total + i, 0))
        3
    """
    token = _in_place.set(True)
    try:
        yield
    finally:
        _in_place.reset(token)


def run_kernel(
    name: str,
    shapes: Sequence[tuple[int, ...]],
    *arrays: Array,
    dtype: Any = jnp.float32,
    replaces: dict[int, int] | None = None,
    **settings: Any,
) -> list[Array]:
    """Call a kernel.

    Args:
        name: as in kernels.cc.
        shapes: of its results.
        arrays: what it reads.
        dtype: of its results.
        replaces: for some inputs, by number, the result that takes their place in memory `in_loop`.
        settings: its attributes.

    Example:
        >>> import jax.numpy as jnp
        >>> import numpy as np
        >>> x, nothing = jnp.ones((1, 1, 1, 2)), jnp.zeros((0, 0, 0, 0), bool)
        >>> if has_kernels():  # one query that looks at one key
        ...     shapes = [(1, 1, 1, 2), (1, 1, 1)]
        ...     y, log_sum = run_kernel("attend", shapes, x, x, x, nothing, scale=np.float32(1), causal=False)
    """
    results = [jax.ShapeDtypeStruct(shape, dtype) for shape in shapes]
    aliases = replaces if _in_place.get() else None
    call = jax.ffi.ffi_call(f"lamina_{name}", results, vmap_method="sequential", input_output_aliases=aliases)
    return list(call(*arrays, **settings))
