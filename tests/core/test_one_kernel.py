"""Small programs as one kernel give the numbers that they give otherwise, and large ones never become one."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from lamina.core import one_kernel
from lamina.core.fusion import materialize
from lamina.core.one_kernel import as_one_kernel

pytestmark = pytest.mark.skipif(jax.default_backend() != "cpu", reason="only on CPUs")

X = np.random.default_rng(0).uniform(0.1, 0.9, (5, 7)).astype(np.float32)
BITS = np.arange(35, dtype=np.uint32).reshape(5, 7)

ONE = """
    abs acos acosh asin asinh atan atanh cbrt ceil cos cosh erf erf_inv erfc exp exp2 expm1 floor is_finite log log1p
    logistic neg round rsqrt sign sin sinh sqrt square stop_gradient tan tanh
"""
TWO = "add atan2 div eq ge gt le lt max min mul ne pow rem sub"
TWO_OF_BITS = "bitwise_and bitwise_or bitwise_xor shift_left shift_right_arithmetic shift_right_logical"


def with_itself(function: Callable[..., Any], x: Any) -> Any:
    return function(x, x[::-1] + x.dtype.type(1))


FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    **{name: (getattr(lax, name), X) for name in ONE.split()},
    **{name: (partial(with_itself, getattr(lax, name)), X) for name in TWO.split()},
    **{name: (partial(with_itself, getattr(lax, name)), BITS % 30) for name in TWO_OF_BITS.split()},
    "reduce_max": (lambda x: x.max(0), X),
    "reduce_min": (lambda x: x.min(1), X),
    "reduce_prod": (lambda x: x.prod(0), X),
    "reduce_sum": (lambda x: x.sum(), X),
    "reduce_and": (lambda x: (x > 0.2).all(0), X),
    "reduce_or": (lambda x: (x > 0.8).any(1), X),
    "not": (lax.bitwise_not, BITS),
    "bitcast_convert_type": (lambda x: lax.bitcast_convert_type(x, jnp.int32), X),
    "convert_element_type": (lambda x: (x * 1000).astype(jnp.uint8), X),
    "integer_pow": (lambda x: x**-3, X),
    "clamp": (lambda x: lax.clamp(0.3, x, 0.5), X),
    "select_n": (lambda x: jnp.where(x > 0.5, x, -x), X),
    "concatenate": (lambda x: lax.concatenate([x, x[:2]], 0), X),
    "stack": (lambda x: jnp.stack([x, x * 2]), X),
    "expand_dims": (lambda x: jnp.expand_dims(x, (0, 2)), X),
    "squeeze": (lambda x: jnp.squeeze(x[:1]), X),
    "pad": (lambda x: jnp.pad(x, ((1, 2), (0, 3))), X),
    "rev": (lambda x: lax.rev(x, (1,)), X),
    "split": (lambda x: jnp.split(x, [2], 1), X),
    "transpose": (lambda x: x.T, X),
    "reshape": (lambda x: x.reshape(7, 5), X),
    "broadcast_in_dim": (lambda x: jnp.broadcast_to(x, (3, 5, 7)), X),
    "iota": (lambda x: x + lax.iota(jnp.float32, 7), X),
    "slice": (lambda x: x[1:4, ::2], X),
    "dynamic_slice": (lambda x: lax.dynamic_slice(x, (jnp.int32(x[0, 0] * 3), 1), (2, 3)), X),
    "dynamic_update_slice": (lambda x: lax.dynamic_update_slice(x, x[:2] * 2, (jnp.int32(x[0, 0] * 3), 0)), X),
    "gather": (lambda x: jnp.take(x, jnp.array([4, 0, 9]), axis=0, mode="clip"), X),
    "dot_general": (lambda x: lax.dot_general(x, x, (((0,), (0,)), ((), ()))), X),
    "batched dot_general": (lambda x: jnp.einsum("bi,bj->bij", x, x), X),
    "scan": (lambda x: lax.scan(lambda total, row: (total + row, total * row), x[0], x), X),
    "while": (lambda x: lax.while_loop(lambda y: y.sum() < 100, lambda y: y * 1.5, x), X),
    "jit": (lambda x: jax.nn.relu(jax.nn.softplus(x) - 1), X),
    "custom_jvp_call": (jax.nn.silu, X),
    "copy": (jnp.copy, X),
}


def padded(function: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """With some more instructions, in a loop, and with an argument that nobody reads."""

    def program(x: Any, unread: Any) -> Any:
        def body(i: Any, carry: Any) -> Any:
            results, seed = carry
            for _ in range(8):
                seed = (seed * 3 + i) % 17
            found = function(x + jnp.asarray(seed > 99).astype(x.dtype))
            return jax.tree.map(lambda old, new: jnp.where(i == 1, new, old), results, found), seed

        start = jax.tree.map(lambda r: jnp.zeros(r.shape, r.dtype), jax.eval_shape(function, x))
        return lax.fori_loop(0, 3, body, (start, jnp.int32(1)))

    return program


def is_kernel(compiled: Callable[..., Any]) -> bool:
    return not hasattr(compiled, "lower")  # else it is what jax.jit makes


@pytest.mark.parametrize("name", FUNCTIONS)
def test_instructions(name: str) -> None:
    function, x = FUNCTIONS[name]
    program = padded(function)
    fast = as_one_kernel(program, [x, np.float32(0)], donate=[])
    assert is_kernel(fast)
    for mine, plain in zip(*(jax.tree.leaves(f(x, np.float32(0))) for f in (fast, jax.jit(program))), strict=True):
        np.testing.assert_allclose(mine, plain, rtol=1e-6, atol=1e-7)


def test_all_that_is_allowed_is_tested() -> None:
    seen = {
        instruction.primitive.name
        for function, x in FUNCTIONS.values()
        for instruction in one_kernel._instructions(jax.make_jaxpr(padded(function))(x, np.float32(0)).jaxpr)
    }
    assert one_kernel._WHOLE | one_kernel._PART | one_kernel._FREE <= seen | {"add_any", "copy"}


def total(x: Any) -> Any:
    return lax.fori_loop(0, 5, lambda i, y: jnp.tanh(y @ x.T @ x * 0.1) + y.mean() - y.max() / 3.0 + i, x)


def test_a_product_counts_by_its_multiplications() -> None:
    assert is_kernel(as_one_kernel(total, [np.ones((32, 16), np.float32)], donate=[]))
    assert not is_kernel(as_one_kernel(total, [np.ones((64, 16), np.float32)], donate=[]))


def test_of_a_large_table_rows_may_be_read() -> None:
    def step(table: Any, rows: Any) -> Any:
        return lax.fori_loop(0, 3, lambda i, s: s + total(jnp.take(table, rows + i, axis=0, mode="clip")).sum(), 0.0)

    table, rows = np.random.default_rng(0).normal(size=(5000, 9)).astype(np.float32), np.array([1, 7, 4900], np.int32)
    fast = as_one_kernel(step, [table, rows], donate=[])
    assert is_kernel(fast)
    np.testing.assert_allclose(fast(table, rows), jax.jit(step)(table, rows), rtol=1e-6)
    assert not is_kernel(as_one_kernel(lambda table, rows: step(table * 2, rows), [table, rows], donate=[]))


@pytest.mark.parametrize(
    "program",
    [
        lambda x: total(jnp.sort(x)),
        lambda x: total(x.at[jnp.array([0, 0, 1])].add(1.0)),
        lambda x: lax.cond(x[0, 0] > 0, total, lambda x: x, x),
        lambda x: total(jnp.linalg.cholesky(x.T @ x + jnp.eye(7))[:5]),
        lambda x: total(x.astype(jnp.complex64).real),
        lambda x: x + 1,
    ],
    ids=["sort", "scatter", "cond", "cholesky", "complex", "little"],
)
def test_what_is_not_known_or_not_worth_it_stays_as_it_is(program: Callable[[Any], Any]) -> None:
    assert not is_kernel(as_one_kernel(program, [X], donate=[]))


def test_what_is_stored_on_purpose() -> None:
    def program(x: Any) -> Any:
        return lax.fori_loop(
            0, 3, lambda i, y: materialize(total(materialize(y * 0.5)) + x) + materialize(x) * y.sum(), x
        )

    fast = as_one_kernel(program, [X], donate=[])
    assert is_kernel(fast)
    np.testing.assert_allclose(fast(X), jax.jit(program)(X), rtol=1e-6)


def test_nothing_is_tried_for_an_array_without_numbers() -> None:
    assert not is_kernel(as_one_kernel(lambda x, nothing: total(x), [X, np.zeros((0, 3), np.float32)], donate=[]))


def test_memory_that_is_given_away_is_reused() -> None:
    given = jnp.asarray(X)
    as_one_kernel(total, [given], donate=[0])(given)
    assert given.is_deleted()


def test_inside_of_another_program_it_is_a_part_of_that() -> None:
    def outer(x: Any) -> Any:
        inner = as_one_kernel(total, [x], donate=[])
        assert not is_kernel(inner)
        return jax.grad(lambda x: inner(x).sum())(x)

    np.testing.assert_allclose(jax.jit(outer)(X), jax.grad(lambda x: total(x).sum())(X), rtol=1e-4, atol=1e-5)


def test_an_array_on_several_devices_stays_there() -> None:
    code = """
import jax, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from lamina.core.one_kernel import as_one_kernel
x = np.ones((4, 6), np.float32)
spread = jax.device_put(x, NamedSharding(Mesh(jax.devices(), "n"), PartitionSpec("n")))
def program(x):
    return jax.lax.fori_loop(0, 3, lambda i, y: jax.numpy.tanh(y * 0.1 + y.mean() - y.max() / 3.0) + i - y.sum(), x)
print(*[hasattr(as_one_kernel(program, [given], []), "lower") for given in (x, spread)])
"""
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    found = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | flags, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["False", "True"]


def test_an_xla_that_has_no_such_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_kernel, "_OPTIONS", {"xla_cpu_no_such_option": True})
    fast = as_one_kernel(total, [X], donate=[])
    assert not is_kernel(fast)
    np.testing.assert_allclose(fast(X), total(X), rtol=1e-5)


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMINA_KERNELS", "off")
    assert not is_kernel(as_one_kernel(total, [X], donate=[]))
