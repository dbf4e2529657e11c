"""Constraints against NumPy."""

import numpy as np
import pytest

from lamina import Variable, constraints
from lamina.core import UnknownNameError


@pytest.fixture
def w(rng: np.random.Generator) -> np.ndarray:
    return (rng.normal(size=(3, 4, 5)) * np.logspace(-2, 1, 5)).astype("float32")


def norms(w: np.ndarray, axis: object) -> np.ndarray:
    return np.sqrt((w.astype("float64") ** 2).sum(axis, keepdims=True))


@pytest.mark.parametrize("axis", [0, 1, (0, 1), [0, 1]])
def test_norms(w: np.ndarray, axis: object) -> None:
    axes = axis if isinstance(axis, int) else tuple(axis)  # type: ignore[arg-type]
    n = norms(w, axes)
    np.testing.assert_allclose(constraints.MaxNorm(0.7, axis)(w), w * np.minimum(1, 0.7 / n), rtol=1e-5)
    np.testing.assert_allclose(constraints.UnitNorm(axis)(w), w / n, rtol=1e-5)
    wanted = 0.3 * np.clip(n, 0.5, 0.9) + 0.7 * n
    np.testing.assert_allclose(constraints.MinMaxNorm(0.5, 0.9, 0.3, axis)(w), w * wanted / n, rtol=1e-5)


def test_weights_within_the_limit_stay_as_they_are(w: np.ndarray) -> None:
    np.testing.assert_array_equal(constraints.MaxNorm(1e6)(w), w)


def test_non_negative(w: np.ndarray) -> None:
    np.testing.assert_array_equal(constraints.NonNeg()(w), np.maximum(w, 0))


@pytest.mark.parametrize("name", ["max_norm", "min_max_norm", "unit_norm", "non_neg"])
def test_names_zeros_and_dtype(name: str) -> None:
    constraint = constraints.get(name)
    assert constraints.get(constraints.serialize(constraint)).get_config() == constraint.get_config()
    zeros = constraint(Variable(np.zeros((3, 2)), dtype="bfloat16"))
    assert zeros.dtype == "bfloat16"
    np.testing.assert_array_equal(zeros.astype("float32"), np.zeros((3, 2)))


def test_unknown() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'max_norm'"):
        constraints.get("maxnorm")
