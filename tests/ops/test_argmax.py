"""`argmax` and `argmin` in compiled programs, where they take another way than NumPy's."""

import numpy as np
import pytest

import lamina
from lamina.native import native_kernels


@pytest.mark.parametrize("name", ["argmax", "argmin"])
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("shape", [(4, 6, 30), (5, 100, 200), (4, 700, 10), (4, 8, 1030)])
@pytest.mark.parametrize("kernels", [True, False])
def test_first_of_equals_nan_before_all_and_infinities(
    name: str, axis: int, shape: tuple[int, ...], kernels: bool
) -> None:
    x = np.random.default_rng(0).integers(0, 5, shape).astype(np.float32)
    x[1, 2, 3] = x[1, 2, 9] = x[0, 1, -1] = np.nan
    x[2], x[3] = np.inf, -np.inf
    find = lamina.compile(lambda x: getattr(lamina.ops, name)(x, axis))
    with native_kernels(kernels):
        np.testing.assert_array_equal(find(lamina.Tensor(x)), getattr(np, name)(x, axis))


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_places_keep_the_axis_where_asked(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(40, 500)).astype(np.float32)
    find = lamina.compile(lambda x: getattr(lamina.ops, name)(x, -1, keepdims=True))
    np.testing.assert_array_equal(find(lamina.Tensor(x)), getattr(np, name)(x, -1, keepdims=True))
