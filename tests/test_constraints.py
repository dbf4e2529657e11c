"""Constraints against NumPy."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso

import lamina
from lamina import Variable, constraints, regularizers
from lamina.core import ArgumentError, UnknownNameError
from lamina.optimizers import SGD
from lamina.optimizers.schedules import InverseTimeDecay


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


@pytest.mark.parametrize("name", ["max_norm", "min_max_norm", "unit_norm", "non_neg", "soft_threshold"])
def test_names_zeros_and_dtype(name: str) -> None:
    constraint = constraints.get(name)
    assert constraints.get(constraints.serialize(constraint)).get_config() == constraint.get_config()
    zeros = constraint(Variable(np.zeros((3, 2)), dtype="bfloat16"))
    assert zeros.dtype == "bfloat16"
    np.testing.assert_array_equal(zeros.astype("float32"), np.zeros((3, 2)))


def lasso_data(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Twelve inputs, of which three matter."""
    x = rng.normal(size=(64, 12))
    w = np.zeros((12, 1))
    w[[1, 4, 9]] = [[2.0], [-1.0], [0.5]]
    return x.astype("float32"), (x @ w + 0.1 * rng.normal(size=(64, 1))).astype("float32")


def trained(x: np.ndarray, y: np.ndarray, optimizer: object, **rules: object) -> np.ndarray:
    model = lamina.Sequential([lamina.layers.Dense(1, use_bias=False, **rules)])  # type: ignore[arg-type]
    model.compile(optimizer, "mse")
    many = np.tile(x, (20, 1)), np.tile(y, (20, 1))  # 400 times the same 64 rows
    model.fit(*many, batch_size=64, epochs=20, shuffle=False, verbose=0)
    return np.asarray(model.get_weights()[0])[:, 0]


def test_proximal_l1_makes_exact_zeros_where_the_gradient_of_l1_does_not(rng: np.random.Generator) -> None:
    """Both minimise mean (y - xw)² + 0.3 Σ|w|; scikit-learn's Lasso, with half of both terms, says where."""
    x, y = lasso_data(rng)
    wanted = Lasso(alpha=0.15, fit_intercept=False, tol=1e-10, max_iter=10000).fit(x.astype("float64"), y[:, 0]).coef_
    zero = wanted == 0
    assert 6 <= zero.sum() <= 9
    plain = trained(x, y, SGD(0.05), kernel_regularizer=regularizers.L1(0.3))
    assert (plain != 0).all() and abs(plain[zero]).max() > 1e-4
    proximal = trained(x, y, SGD(0.05), kernel_constraint=constraints.SoftThreshold(0.3))
    np.testing.assert_array_equal(proximal == 0, zero)
    np.testing.assert_allclose(proximal, wanted, atol=1e-5)


def test_soft_threshold_follows_a_schedule_of_the_learning_rate(rng: np.random.Generator) -> None:
    x, y = lasso_data(rng)
    w = np.zeros((12, 1))
    for step in range(400):
        rate = 0.1 / (1 + step / 50)
        w = w - rate * 2 / 64 * x.T @ (x @ w - y)
        w = np.sign(w) * np.maximum(abs(w) - rate * 0.3, 0)
    decaying = SGD(InverseTimeDecay(0.1, decay_steps=50, decay_rate=1.0))
    found = trained(x, y, decaying, kernel_initializer="zeros", kernel_constraint=constraints.SoftThreshold(0.3))
    np.testing.assert_allclose(found, w[:, 0], atol=1e-5)


def test_a_plain_function_is_a_constraint_too() -> None:
    w = Variable([-1.0, 2.0])
    w.constraint = lambda value: value.clip(0.0, 1.0)
    SGD(0.5).apply([[0.0, 0.0]], [w])
    assert w.tolist() == [0.0, 1.0]


def test_refusal() -> None:
    with pytest.raises(ArgumentError, match="SoftThreshold: l1"):
        constraints.SoftThreshold(-1.0)


def test_unknown() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'max_norm'"):
        constraints.get("maxnorm")
