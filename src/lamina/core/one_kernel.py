"""Small programs as one kernel.

XLA for CPUs runs a program instruction by instruction and takes 0.3 µs for each, more than the arithmetic of a small
network; from nine instructions on it spreads them over threads, too. A function that is called and not inlined it can
make into a single kernel, loops included, in which nothing waits for anything. Such a kernel runs on one thread, and
its products are plain loops, so it is for programs in which every array is small.

LAMINA_KERNELS=off in the environment leaves it out.
"""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental.xla_metadata import set_xla_metadata
from jax.extend.core import ClosedJaxpr, Jaxpr, jaxpr_as_fun

_NUMBERS = 2**12  # most that an instruction reads or writes
_MULTIPLICATIONS = 2**15  # most in one product of matrices
_FEWEST, _FEWEST_IN_LOOPS, _MOST = 24, 8, 4000  # instructions: with fewer nothing is gained, more compile too long
_CALL = {"inlineable": "false", "xla_cpu_small_call": "true"}
_OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": ""}  # a library's products cannot be part of a kernel

# What is known to work in a kernel. Elsewhere XLA may end the process, so nothing else is tried.
_WHOLE = frozenset(
    """
    abs acos acosh add add_any and asin asinh atan atan2 atanh bitcast_convert_type cbrt ceil clamp concatenate
    convert_element_type copy cos cosh div eq erf erf_inv erfc exp exp2 expm1 floor ge gt integer_pow
    is_finite le log log1p logistic lt max min mul ne neg not or pad pow reduce_and reduce_max reduce_min
    reduce_or reduce_prod reduce_sum rem rev round rsqrt select_n shift_left shift_right_arithmetic
    shift_right_logical sign sin sinh split sqrt square squeeze stack stop_gradient sub tan tanh transpose xor
    """.split()
)
_PART = frozenset(["dynamic_slice", "dynamic_update_slice", "gather", "slice"])  # read or write a part of an array
_FREE = frozenset(["broadcast_in_dim", "iota", "reshape"])  # counted where their result is read
_LOOPS = frozenset(["scan", "while"])
_HOLDERS = _LOOPS | {"closed_call", "custom_jvp_call", "custom_vjp_call", "jit", "pjit"}


def as_one_kernel(function: Callable[..., Any], arguments: Sequence[Any], donate: Sequence[int]) -> Callable[..., Any]:
    """`function` compiled for arguments like these: as one kernel, if it is small enough.

    Args:
        function: pure, of trees of arrays.
        arguments: what it will be called with.
        donate: numbers of the arguments whose memory may be reused.

    Example:
        >>> def count(x):
        ...     return jax.lax.fori_loop(0, 9, lambda i, x: jnp.sqrt(x * x + 1), x)
        >>> fast = as_one_kernel(count, [jnp.zeros(2)], donate=[])
        >>> fast(jnp.zeros(2))
        Array([3., 3.], dtype=float32)
    """
    plain = jax.jit(function, donate_argnums=donate)
    if not _is_wanted(jax.tree.leaves(arguments)):
        return plain
    traced = plain.trace(*arguments)
    if not is_small(traced.jaxpr):
        return plain
    body, tree = jax.jit(_touching_all(jaxpr_as_fun(traced.jaxpr))), jax.tree.structure(traced.out_info)

    def called(*arguments: Any) -> Any:
        with set_xla_metadata(**_CALL):
            touched, results = body(*jax.tree.leaves(arguments))
        return touched, jax.tree.unflatten(tree, results)

    kernel = jax.jit(called, donate_argnums=donate, compiler_options=_OPTIONS)
    try:
        kernel.lower(*arguments).compile()
    except jax.errors.JaxRuntimeError:  # this version of XLA has no such kernels, or none for this program
        return plain
    return lambda *arguments: kernel(*arguments)[1]


def _is_wanted(leaves: Sequence[Any]) -> bool:
    """Only on one CPU device, and not as a part of a larger program."""
    if os.environ.get("LAMINA_KERNELS") == "off" or jax.default_backend() != "cpu":
        return False
    inside = any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)
    return not inside and all(len(leaf.sharding.device_set) == 1 for leaf in leaves if isinstance(leaf, jax.Array))


def _touching_all(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, and something made of each of its arguments: XLA has no place for one that a kernel does not read."""

    def touching(*leaves: Any) -> Any:
        return sum(jnp.ravel(leaf)[0].astype(jnp.float32) for leaf in leaves), function(*leaves)

    return touching


def is_small(program: ClosedJaxpr) -> bool:
    """Whether a program is worth being one kernel: it has some instructions, all are known, and all are small.

    Example:
        >>> def norm(x):
        ...     step = lambda i, x: x / jnp.sqrt(((x @ x.T) ** 2 - 3 * x.mean() + x.max() / x.sum()).sum())
        ...     return jax.lax.fori_loop(0, 9, step, x)
        >>> [is_small(jax.make_jaxpr(norm)(x)) for x in (jnp.ones((4, 4)), jnp.ones((400, 4)))]
        [True, False]
    """
    if program.effects or not all(_is_plain(v.aval) and v.aval.size for v in program.jaxpr.invars):
        return False
    count, fewest = 0, _FEWEST
    for instruction in _instructions(program.jaxpr):
        if instruction.primitive.name in _LOOPS:
            fewest = _FEWEST_IN_LOOPS
        if instruction.primitive.name in _HOLDERS:
            continue
        count += 1
        if count > _MOST or not _is_small(instruction):
            return False
    return count >= fewest


def _is_plain(array: Any) -> bool:
    return getattr(array.dtype, "kind", "") in "fiub"


def _instructions(program: Jaxpr) -> Iterator[Any]:
    """All of them, and those that loops and inner functions hold."""
    for instruction in program.eqns:
        yield instruction
        if instruction.primitive.name in _HOLDERS:
            for parameter in instruction.params.values():
                if isinstance(parameter, ClosedJaxpr):
                    yield from _instructions(parameter.jaxpr)
                elif isinstance(parameter, Jaxpr):
                    yield from _instructions(parameter)


def _is_small(instruction: Any) -> bool:
    name = instruction.primitive.name
    read, written = ([v.aval for v in side] for side in (instruction.invars, instruction.outvars))
    if not all(map(_is_plain, written)):
        return False
    if name == "dot_general":
        (over, _), _ = instruction.params["dimension_numbers"]
        return written[0].size * math.prod(read[0].shape[axis] for axis in over) <= _MULTIPLICATIONS
    if name in _PART:
        moved = read[1:2] if name == "dynamic_update_slice" else written
        return all(a.size <= _NUMBERS for a in moved)
    return name in _FREE or (name in _WHOLE and all(a.size <= _NUMBERS for a in (*read, *written)))
