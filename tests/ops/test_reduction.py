"""Sums of long rows, which are worked out in another way on a CPU."""

from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, grad, ops
from lamina.ops import reduction


@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((5, 2**15), 0),
        ((5, 2**15), -2),
        ((2, 3, 2**15), (0, 1)),
        ((2, 3, 2**15), (1, 0)),
        ((3, 128, 257), [0]),
        ((0, 2**15), 0),
    ],
)
@pytest.mark.parametrize("keepdims", [False, True])
def test_sums_of_long_rows(rng: np.random.Generator, shape: Any, axis: Any, keepdims: bool) -> None:
    x = rng.normal(size=shape).astype("float32")
    on_cpu = jax.default_backend() == "cpu"
    assert reduction._has_long_rows(x, axis) == on_cpu
    found = ops.sum(x, axis, keepdims)
    assert found.dtype == "float32"
    expected = x.astype("float64").sum(tuple(axis) if isinstance(axis, list) else axis, keepdims=keepdims)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-5)
    slope = grad(lambda x: (ops.sum(x, axis, keepdims) ** 2).sum())(Tensor(x))
    whole = x.astype("float64").sum(tuple(axis) if isinstance(axis, list) else axis, keepdims=True)
    np.testing.assert_allclose(slope, np.broadcast_to(2 * whole, shape), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("shape", "axis", "dtype"),
    [
        ((5, 2**15 - 1), 0, "float32"),
        ((2**15, 5), 1, "float32"),
        ((2, 2**15, 2), (0, 2), "float32"),
        ((5, 2**15), None, "float32"),
        ((5, 2**15), (), "float32"),
        ((5, 2**15), 0, "int32"),
    ],
)
def test_other_sums_are_left_to_xla(shape: Any, axis: Any, dtype: str) -> None:
    x = np.ones(shape, dtype)
    assert not reduction._has_long_rows(x, axis)
    np.testing.assert_allclose(ops.sum(x, axis), x.sum(axis))


def test_long_rows_keep_what_is_not_finite() -> None:
    x = np.ones((3, 2**15), "float32")
    x[1, 7], x[2, 9] = np.nan, np.inf
    total = ops.sum(x, 0).numpy()
    assert np.isnan(total[7]) and np.isposinf(total[9]) and np.isfinite(total).sum() == total.size - 2


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2)])
@pytest.mark.parametrize("size", [4, 400])
def test_extremes_do_not_hide_nan(name: str, axis: Any, size: int) -> None:
    x = np.random.default_rng(0).normal(size=(3, 50, size)).astype("float32")
    x[1, 7, 2] = np.nan
    find = lamina.compile(lambda x: getattr(ops, name)(x, axis))
    np.testing.assert_array_equal(find(lamina.Tensor(x)), getattr(np, name)(x, axis))
