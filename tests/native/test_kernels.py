"""Kernels and plain forms give the same numbers: results and gradients, for sizes of every kind."""

import math
import threading
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import gradients
from lamina.native import has_kernels, library, native_kernels, run_kernel
from lamina.ops.activation import gelu_with_slope
from lamina.ops.recurrent_native import gru_kernel, lstm_kernel
from lamina.training.recorder.finite import all_finite

pytestmark = pytest.mark.skipif(not has_kernels(), reason="no kernels: `make` found no C++ compiler")


@pytest.fixture(autouse=True)
def small_arrays_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "FEW", 0)


def both(function: Callable[..., Any], *arrays: Any) -> list[list[np.ndarray]]:
    """Results and gradients by kernels and by plain forms, each in a program of its own."""

    def differentiated(*values: Any) -> Any:
        leaves = [Tensor(v, requires_grad=True) for v in values]
        results = jax.tree.leaves(function(*leaves), is_leaf=lambda r: isinstance(r, Tensor))
        loss = sum((ops.sin(r) * (i + 1)).sum() for i, r in enumerate(results))
        return [t.array for t in (*results, *gradients(loss, leaves))]

    found = []
    for on in (True, False):
        with native_kernels(on):
            traced = jax.jit(lambda *values: differentiated(*values))
            assert ("ffi_call" in str(jax.make_jaxpr(traced)(*arrays))) == on
            found.append([np.asarray(a) for a in jax.jit(lambda *values: differentiated(*values))(*arrays)])
    return found


def check(function: Callable[..., Any], *arrays: Any) -> None:
    for mine, plain in zip(*both(function, *arrays), strict=True):
        np.testing.assert_allclose(mine, plain, rtol=1e-5, atol=1e-5 * max(1.0, float(np.abs(plain).max())))


def random(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    scales = [math.sqrt(shape[0]) if len(shape) == 2 else 1.0 for shape in shapes]
    return [(rng.normal(size=shape) / scale).astype(np.float32) for shape, scale in zip(shapes, scales, strict=True)]


# Rows: fewer than a tile, a tile and some, several; units: fewer than a vector, whole panels, more than one stretch;
# steps: more than few rows project at once.
@pytest.mark.parametrize("name", ["lstm", "gru"])
@pytest.mark.parametrize(("rows", "units"), [(1, 3), (9, 20), (17, 64), (3, 350)])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_recurrent_loops(name: str, rows: int, units: int, masked: bool, reverse: bool) -> None:
    width = (4 if name == "lstm" else 3) * units
    bias = (2, width) if name == "gru" else (width,)
    arrays = random((rows, 11, 4), (4, width), (units, width), bias, *[(rows, units)] * (2 if name == "lstm" else 1))
    mask = np.random.default_rng(1).random((rows, 11)) < 0.6 if masked else None
    check(lambda *a: getattr(ops, name)(*a, mask=mask, reverse=reverse), *arrays)


# So few rows that two threads share the units: steps projected in several blocks, weights copied and read where they
# lie, units that are no whole vectors.
@pytest.mark.parametrize("name", ["lstm", "gru"])
@pytest.mark.parametrize(
    ("rows", "steps", "units"), [(1, 70, 160), (2, 129, 150), (7, 9, 151), (1, 5, 160), (2, 3, 150)]
)
@pytest.mark.parametrize("reverse", [False, True])
def test_loops_of_few_rows(name: str, rows: int, steps: int, units: int, reverse: bool) -> None:
    width = (4 if name == "lstm" else 3) * units
    bias = (2, width) if name == "gru" else (width,)
    arrays = random((rows, steps, 5), (5, width), (units, width), bias, *[(rows, units)] * (2 if name == "lstm" else 1))
    mask = np.random.default_rng(1).random((rows, steps)) < 0.8
    check(lambda *a: getattr(ops, name)(*a, mask=mask, reverse=reverse), *arrays)


def test_loops_of_few_rows_called_from_several_threads() -> None:
    """Two threads meet at each step: nobody waits for ever for one that has not come, or that has been called here."""
    weights = random((1, 20, 5), (5, 640), (160, 640))
    run = jax.jit(lambda *a: ops.lstm(*a)[0].array)
    wanted, wrong = np.asarray(run(*weights)), []

    def answer() -> None:
        for _ in range(200):
            if not np.array_equal(run(*weights), wanted):
                wrong.append(True)

    threads = [threading.Thread(target=answer, daemon=True) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert not wrong


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_the_last_state_alone(name: str) -> None:
    width = (4 if name == "lstm" else 3) * 8
    check(lambda *a: getattr(ops, name)(*a)[1], *random((3, 4, 5), (5, width), (8, width)))


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_second_derivatives_of_loops(name: str) -> None:
    width = (4 if name == "lstm" else 3) * 8

    def slope(*arrays: Any) -> Any:
        found = lamina.grad(lambda *a: (getattr(ops, name)(*a)[0] ** 2).sum(), (0, 1, 2))(*arrays)
        return sum((g**2).sum() for g in found)

    check(slope, *random((2, 3, 5), (5, width), (8, width)))


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_a_sequence_without_steps(name: str) -> None:
    width = (4 if name == "lstm" else 3) * 8
    with native_kernels(True):
        hs, h, *_ = getattr(ops, name)(*random((3, 0, 5), (5, width), (8, width)), h=np.ones((3, 8), np.float32))
    assert hs.shape == (3, 0, 8)
    np.testing.assert_array_equal(h, np.ones((3, 8)))


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_a_batch_without_rows(name: str) -> None:
    width = (4 if name == "lstm" else 3) * 8
    with native_kernels(True):
        found = lamina.grad(lambda *a: getattr(ops, name)(*a)[0].sum(), (0, 1))(
            *random((0, 3, 5), (5, width)), *random((8, width))
        )
    assert found[0].shape == (0, 3, 5)
    np.testing.assert_array_equal(found[1], np.zeros((5, width)))


# Sizes that are no multiple of anything; more keys than a stretch; shared key heads; values of another width.
SIZES = [(2, 2, 2, 8, 8, 4, 4), (1, 4, 2, 37, 45, 7, 9), (2, 2, 1, 130, 130, 33, 16), (1, 2, 2, 40, 700, 64, 50)]


@pytest.mark.parametrize(("n", "heads", "key_heads", "queries", "keys", "width", "value_width"), SIZES)
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("mask", [None, "keys", "all", "nothing"])
def test_attention(
    n: int, heads: int, key_heads: int, queries: int, keys: int, width: int, value_width: int, causal: bool, mask: Any
) -> None:
    rng = np.random.default_rng(1)
    seen = {
        None: None,
        "keys": rng.random((n, 1, 1, keys)) < 0.7,
        "all": rng.random((n, heads, queries, keys)) < 0.7,
        "nothing": (np.arange(queries) % 3 > 0)[:, None] & np.ones(keys, bool),  # some rows see no key at all
    }[mask]
    shapes = (n, queries, heads, width), (n, keys, key_heads, width), (n, keys, key_heads, value_width)
    check(lambda q, k, v: ops.dot_product_attention(q, k, v, mask=seen, is_causal=causal), *random(*shapes))


def test_attention_by_large_scores_does_not_overflow() -> None:
    q, k, v = random(*[(1, 16, 1, 8)] * 3)
    check(lambda v: ops.dot_product_attention(q * 1e3, k * 1e3, v, scale=1.0), v)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_attention_does_not_hide_what_is_not_finite(bad: float) -> None:
    q, k, v = random(*[(1, 16, 1, 8)] * 3)
    q[0, 3, 0, 0] = bad
    with native_kernels(True):
        found = ops.dot_product_attention(q, k, v).numpy()
    assert np.isnan(found[0, 3]).any() and np.isfinite(np.delete(found[0], 3, 0)).all()


def test_second_derivatives_of_attention() -> None:
    q, k, v = random(*[(1, 9, 2, 4)] * 3)

    def slope(q: Any) -> Any:
        return (lamina.grad(lambda q: (ops.dot_product_attention(q, k, v, is_causal=True) ** 2).sum())(q) ** 2).sum()

    check(slope, q)


@pytest.mark.parametrize("shape", [(1, 3), (5, 16), (70, 100), (2, 3, 33)])
@pytest.mark.parametrize("weights", [True, False])
def test_layer_norm(shape: tuple[int, ...], weights: bool) -> None:
    rng = np.random.default_rng(0)
    x, *more = (rng.normal(size=s).astype(np.float32) for s in (shape, *[shape[-1:]] * (2 * weights)))
    check(lambda *a: ops.layer_norm(*a), x * 3 + 2, *more)


def test_layer_norm_of_large_numbers_that_hardly_differ() -> None:
    x = (1e4 + np.arange(40.0)).reshape(2, 20).astype(np.float32)
    check(ops.layer_norm, x)


def test_second_derivatives_of_layer_norm() -> None:
    x, gamma, beta = random((4, 6), (6,), (6,))

    def slope(*arrays: Any) -> Any:
        found = lamina.grad(lambda *a: (ops.layer_norm(*a) ** 2).sum(), (0, 1))(*arrays)
        return sum((g**2).sum() for g in found)

    check(slope, x * 5, gamma, beta)


# Parts that are smaller than a tile, no multiple of anything, and more than one stretch of rows.
@pytest.mark.parametrize(
    ("count", "m", "n"), [(2048, 64, 64), (700, 71, 101), (330, 9, 1000), (40, 800, 130), (1, 3000, 999)]
)
def test_the_gradient_of_a_weight(count: int, m: int, n: int) -> None:
    x, w = random((count, m), (m, n))
    check(lambda w: ops.matmul(x, w) / math.sqrt(count), w)
    check(lambda w: ops.einsum("abm,mn->abn", x[None], w) / math.sqrt(count), w)


@pytest.mark.parametrize("compiled", [True, False])
def test_adam(compiled: bool) -> None:
    """A large tensor in a call of its own, others together, small ones plainly, each with its own decay and rate."""
    rng = np.random.default_rng(0)
    shapes = {"large": (257, 300), "long": (5001,), "row": (5,), "one": (), "none": (0, 3), "matrix": (70, 70)}
    starts = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    steps = [[rng.normal(size=shape).astype(np.float32) for shape in shapes.values()] for _ in range(3)]
    found = []
    for on in (True, False):
        weights = [lamina.Variable(start, name=name) for name, start in starts.items()]
        optimizer = lamina.optimizers.AdamW(0.01, weight_decay=0.1, clipnorm=1.0)
        optimizer.exclude_from_weight_decay(var_names=["row", "long"])
        optimizer.scale_learning_rate(0.5, var_names=["matrix"])
        optimizer.build(weights)
        with native_kernels(on):
            apply = lamina.compile(optimizer.apply) if compiled else optimizer.apply
            for gradients in steps:
                apply(gradients)
        found.append([v.numpy() for v in (*weights, *optimizer.variables)])
    for mine, plain in zip(*found, strict=True):
        np.testing.assert_allclose(mine, plain, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 70_000, 99_999])
def test_what_is_not_finite_is_found(bad: float, place: int) -> None:
    good, other = np.full(100_000, 3e38, np.float32), np.ones(7, np.float32)
    for on in (True, False):
        with native_kernels(on):
            arrays = [jax.numpy.asarray(a) for a in (other, good)]
            assert bool(all_finite(arrays)) and bool(all_finite([]))
            arrays[1] = arrays[1].at[place].set(bad)
            assert not bool(all_finite(arrays))


@pytest.mark.parametrize("shape", [(5,), (16,), (3, 333), (40_000,)])
def test_gelu(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, bias = (rng.normal(size=size).astype(np.float32) * 5 for size in (shape, shape[-1:]))
    check(gelu_with_slope, x)
    check(gelu_with_slope, x, bias)


@pytest.mark.parametrize("shape", [(1, 3), (7, 16), (3, 5, 50), (2, 1, 1000)])
def test_cross_entropy(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, shape[-1], shape[:-1])
    check(lambda z: ops.sparse_softmax_cross_entropy(z, labels), rng.normal(size=shape).astype(np.float32) * 20)


def test_second_derivatives_of_cross_entropy() -> None:
    z, labels = np.random.default_rng(0).normal(size=(5, 20)).astype(np.float32), np.arange(5)

    def slope(z: Any) -> Any:
        return (lamina.grad(lambda z: (ops.sparse_softmax_cross_entropy(z, labels) ** 2).sum())(z) ** 2).sum()

    check(slope, z)


def test_cross_entropy_of_what_is_no_class_and_of_what_is_not_finite() -> None:
    z = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, np.nan], [1e4, 0.0], [0.0, 0.0]], np.float32)
    with native_kernels(True):
        found = ops.sparse_softmax_cross_entropy(z, [-1, 2, 0, 1, 0])
    np.testing.assert_allclose(found, [np.nan, np.nan, np.nan, 1e4, math.log(2)], rtol=1e-6)


def test_gelu_at_the_ends() -> None:
    x = np.array([-np.inf, np.inf, np.nan, -100.0, 0.0], np.float32)
    with native_kernels(True):
        slope = gelu_with_slope(x)[1].numpy()
    np.testing.assert_array_equal(slope, [0, 1, np.nan, 0, 0.5])


@pytest.mark.parametrize("name", ["lstm", "gru"])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_row_does_not_depend_on_its_neighbours(name: str, reverse: bool) -> None:
    """Row by row the same bits, whoever else is in the batch and whichever thread takes it."""
    width, bias = (1320, (1320,)) if name == "lstm" else (990, (2, 990))
    x, kernel, recurrent, bias, state = random((13, 10, 5), (5, width), (330, width), bias, (13, 330))
    run, states = (lstm_kernel, 2) if name == "lstm" else (gru_kernel, 1)

    def states_of(rows: slice) -> np.ndarray:
        return run(x[rows], kernel, recurrent, bias, *[state[rows]] * states, None, reverse)[0].numpy()

    with native_kernels(True):
        whole = states_of(slice(None))
        for size in (1, 2, 3, 5):
            parts = [states_of(slice(i, i + size)) for i in range(0, 13, size)]
            np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_vmap_over_a_kernel() -> None:
    x = np.random.default_rng(0).normal(size=(3, 7)).astype(np.float32)
    with native_kernels(True):
        rows = jax.vmap(lambda row: ops.gelu(Tensor(row)).array)(x)
        np.testing.assert_array_equal(rows, ops.gelu(x))


# Channels and filters: one, fewer than a vector, whole panels, more than one panel; images with and without padding.
@pytest.mark.parametrize(
    ("x", "kernel"),
    [
        ((2, 9, 7, 3), (3, 3, 3, 5)),
        ((3, 8, 8, 16), (3, 3, 16, 32)),
        ((1, 12, 11, 1), (5, 2, 1, 33)),
        ((2, 10, 10, 7), (1, 1, 7, 20)),
        ((2, 24, 24, 40), (7, 7, 40, 17)),
        ((2, 31, 4), (4, 4, 6)),
    ],
)
@pytest.mark.parametrize(
    ("strides", "dilation", "padding"),
    [(1, 1, "same"), (2, 1, "same"), (2, 1, "pairs"), (3, 1, "valid"), (1, 2, "pairs"), (3, 2, "same")],
)
def test_convolution(x: tuple[int, ...], kernel: tuple[int, ...], strides: int, dilation: int, padding: Any) -> None:
    pairs = [(-1, 3), (2, 0)][: len(x) - 2]  # a position that no window sees, and uneven padding
    settings = {"strides": strides, "dilation_rate": dilation, "padding": pairs if padding == "pairs" else padding}
    if kernel[0] == strides == 1 and padding == "same":
        pytest.skip("a matrix product")
    arrays = [array / math.sqrt(math.prod(kernel[:-1])) for array in random(x, kernel)]
    check(lambda *a: ops.conv(*a, **settings), *arrays)


def test_second_derivatives_of_convolution() -> None:
    x, kernel = random((2, 6, 5, 3), (3, 2, 3, 4))

    def slope(*arrays: Any) -> Any:
        found = lamina.grad(lambda *a: (ops.conv(*a, strides=2, padding="same") ** 2).sum(), (0, 1))(*arrays)
        return sum((g**2).sum() for g in found) * 1e-3

    check(slope, x, kernel)


def test_a_convolution_in_bands_and_in_groups_of_images() -> None:
    x, kernel = random((1, 150, 150, 24), (3, 3, 24, 48))  # an image that is cut; one group
    check(lambda *a: ops.conv(*a) * 0.05, x, kernel)
    x, kernel = random((70, 5, 5, 64), (3, 3, 64, 64))  # more images than groups
    check(lambda *a: ops.conv(*a, padding="same") * 0.05, x, kernel)


@pytest.mark.parametrize("shape", [(2, 3), (64, 8, 8, 16), (7, 5, 20), (600, 40, 3), (2, 2, 2, 130)])
@pytest.mark.parametrize("weights", [True, False])
def test_batch_norm(shape: tuple[int, ...], weights: bool) -> None:
    x, *more = random((*shape[:-1], shape[-1]), *[shape[-1:]] * (2 * weights))
    check(lambda *a: ops.batch_norm(*a)[0], x * 3 + 2, *more)  # its gradient by the kernel
    check(lambda *a: ops.batch_norm(*a), x * 3 + 2, *more)  # with those of mean and variance


def test_batch_norm_of_large_numbers_that_hardly_differ() -> None:
    x = (1e4 + np.arange(4096.0) % 7).reshape(-1, 2).astype(np.float32)
    y, mean, variance = ops.batch_norm(x, epsilon=0.0)
    wide = x.astype(np.float64)
    np.testing.assert_allclose(mean, wide.mean(0), rtol=1e-6)
    np.testing.assert_allclose(variance, wide.var(0), rtol=1e-4)
    np.testing.assert_allclose(y, (wide - wide.mean(0)) / wide.std(0), atol=2e-3)


def test_second_derivatives_of_batch_norm() -> None:
    x, gamma, beta = random((8, 6), (6,), (6,))

    def slope(*arrays: Any) -> Any:
        found = lamina.grad(lambda *a: (ops.batch_norm(*a)[0] ** 3).sum(), (0, 1, 2))(*arrays)
        return sum((g**2).sum() for g in found) * 1e-4

    check(slope, x * 5, gamma, beta)


def test_sizes_that_do_not_fit_never_reach_a_kernel() -> None:
    x, kernel, recurrent, bias = random((3, 4, 5), (5, 32), (8, 32), (32,))
    wrong = [
        lambda: ops.lstm(x, kernel[:4], recurrent),
        lambda: ops.lstm(x, kernel, recurrent[:, :24]),
        lambda: ops.lstm(x, kernel, recurrent, bias[:31]),
        lambda: ops.lstm(x, kernel, recurrent, bias, h=np.zeros((2, 8), np.float32)),
        lambda: ops.lstm(x, kernel, recurrent, mask=np.ones((3, 2), bool)),
        lambda: ops.gru(x, kernel[:, :24], recurrent[:, :24], np.zeros((2, 23), np.float32)),
        lambda: ops.dot_product_attention(*random(*[(1, 9, 2, 4)] * 3), mask=np.ones((1, 1, 9, 5), bool)),
        lambda: ops.layer_norm(x, np.ones(4, np.float32)),
        lambda: ops.matmul(x[0], x[1, :2], True),
    ]
    for call in wrong:
        with pytest.raises((ValueError, TypeError)):
            call()


@pytest.mark.parametrize(
    ("name", "results", "shapes", "settings"),
    [
        ("outer_product", [(3, 4)], [(5, 3), (4, 4)], {}),
        ("layer_norm", [(2, 3), (2,), (2,)], [(2, 3), (2,), (3,)], {"epsilon": np.float32(0)}),
        ("moments", [(3,), (2,)], [(2, 3)], {}),
        ("convolve", [(1, 4, 4, 2)], [(1, 4, 4, 3), (1, 1, 2, 2)], {"window": np.ones(6, np.int64)}),
        ("cross_entropy", [(2,), (2,)], [(2, 3), "labels"], {}),
        ("lstm", [(2, 3, 4), (2, 4), (2, 4), (2, 3, 4), (2, 3, 16), (2, 3, 4)],
         [(2, 3, 5), (5, 16), (4, 15), (16,), (2, 4), (2, 4), "mask"], {"reverse": False}),
    ],
)  # fmt: skip
def test_a_kernel_refuses_sizes_that_do_not_fit(name: str, results: Any, shapes: Any, settings: Any) -> None:
    arrays = {"labels": np.zeros(3, np.int32), "mask": np.zeros(0, bool)}
    given = [arrays[shape] if isinstance(shape, str) else np.zeros(shape, np.float32) for shape in shapes]
    with pytest.raises(jax.errors.JaxRuntimeError, match=f"{name}: sizes do not fit"):
        run_kernel(name, results, *given, **settings)
