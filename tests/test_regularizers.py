"""Regularizers against NumPy, with their gradients."""

import numpy as np
import pytest

import lamina
from lamina import Tensor, regularizers
from lamina.core import ArgumentError, UnknownNameError

CASES = [
    (regularizers.L1(0.1), lambda w: 0.1 * np.abs(w).sum()),
    (regularizers.L2(0.1), lambda w: 0.1 * (w**2).sum()),
    (regularizers.L1L2(0.1, 0.2), lambda w: 0.1 * np.abs(w).sum() + 0.2 * (w**2).sum()),
]


@pytest.mark.parametrize(("regularizer", "formula"), CASES, ids=lambda v: type(v).__name__)
def test_penalty_and_gradient(regularizer: object, formula: object, rng: np.random.Generator, x64: None) -> None:
    w = rng.normal(size=(4, 3))
    value = regularizer(Tensor(w, dtype="float64"))  # type: ignore[operator]
    assert value.shape == () and value.item() == pytest.approx(formula(w), rel=1e-12)  # type: ignore[operator]
    lamina.gradcheck(regularizer, w)


@pytest.mark.parametrize("mode", ["rows", "columns"])
def test_orthogonal(mode: str, rng: np.random.Generator, x64: None) -> None:
    w = rng.normal(size=(4, 3))
    rows = w if mode == "rows" else w.T
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    pairs = [abs(rows[i] @ rows[j]) for i in range(len(rows)) for j in range(i)]
    regularizer = regularizers.OrthogonalRegularizer(0.5, mode)
    assert regularizer(Tensor(w, dtype="float64")).item() == pytest.approx(0.5 * np.mean(pairs), rel=1e-9)
    lamina.gradcheck(regularizer, w)


@pytest.mark.parametrize("name", ["l1", "L2", "l1_l2", "L1L2", "l1l2", "orthogonal_regularizer"])
def test_names_and_config(name: str) -> None:
    made = regularizers.get(name)
    assert regularizers.get(regularizers.serialize(made)).get_config() == made.get_config()


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="L2: l2 must be a factor"):
        regularizers.L2(-1.0)
    with pytest.raises(ArgumentError, match="L1: l1"):
        regularizers.L1(float("nan"))
    with pytest.raises(ArgumentError, match="mode"):
        regularizers.OrthogonalRegularizer(mode="diagonal")
    with pytest.raises(ArgumentError, match="only a matrix"):
        regularizers.OrthogonalRegularizer()(Tensor([1.0]))
    with pytest.raises(UnknownNameError):
        regularizers.get("l3")
