"""`argmax` and `argmin` in compiled programs, where they take another way than NumPy's."""

import numpy as np
import pytest

import lamina


@pytest.mark.parametrize("name", ["argmax", "argmin"])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_first_of_equals_nan_before_all_and_infinities(name: str, axis: int) -> None:
    x = np.random.default_rng(0).integers(0, 5, (4, 6, 30)).astype(np.float32)
    x[1, 2, 3] = x[1, 2, 9] = np.nan
    x[2], x[3] = np.inf, -np.inf
    find = lamina.compile(lambda x: getattr(lamina.ops, name)(x, axis))
    np.testing.assert_array_equal(find(lamina.Tensor(x)), getattr(np, name)(x, axis))
