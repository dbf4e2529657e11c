"""Points where formulas break: zeros, ties, infinities, equal eigenvalues. Derivatives stay finite and right."""

import math
from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, grad, ops

ZERO, INF = Tensor(0.0), math.inf


def gradient(function: Any, *args: Any) -> Any:
    """The gradient for the first argument, as a list."""
    return grad(lambda *a: function(*a).sum())(*args).tolist()


@pytest.mark.parametrize(
    ("function", "point", "expected"),
    [
        (ops.abs, 0.0, 0.0),
        (lambda x: x**2, 0.0, 0.0),
        (lambda x: x**1, 0.0, 1.0),
        (lambda x: x**0, 0.0, 0.0),
        (lambda x: x**1.5, 0.0, 0.0),
        (lambda x: ops.power(x, Tensor(2.0)), 0.0, 0.0),
        (lambda x: ops.power(x, Tensor(1.0)), 0.0, 1.0),
        (lambda x: ops.power(x, Tensor(0.0)), 0.0, 0.0),
        (lambda y: ops.power(Tensor(0.0), y), 2.0, 0.0),
        (lambda x: ops.power(x, Tensor(3.0)), -2.0, 12.0),
        (lambda x: x**3, -2.0, 12.0),
        (lambda x: ops.hypot(x, ZERO), 0.0, 0.0),
        (lambda x: ops.arctan2(x, ZERO), 0.0, 0.0),
        (lambda x: ops.vector_norm(x), [0.0, 0.0], [0.0, 0.0]),
        (lambda x: ops.vector_norm(x, ord=3), [0.0, 0.0], [0.0, 0.0]),
        (lambda x: ops.std(x), [2.0, 2.0], [0.0, 0.0]),
        (lambda x: ops.max(x), [1.0, 3.0, 3.0], [0.0, 0.5, 0.5]),
        (lambda x: ops.min(x), [1.0, 1.0, 3.0], [0.5, 0.5, 0.0]),
        (lambda x: ops.maximum(x, Tensor([2.0, 0.0])), [2.0, 1.0], [0.5, 1.0]),
        (lambda x: ops.minimum(x, Tensor([2.0, 0.0])), [2.0, 1.0], [0.5, 0.0]),
        (lambda x: ops.clip(x, 0.0, 1.0), [-1.0, 0.0, 0.5, 1.0, 2.0], [0.0, 1.0, 1.0, 1.0, 0.0]),
        (lambda x: ops.logsumexp(x), [-INF, 0.0], [0.0, 1.0]),
        (lambda x: ops.logsumexp(x), [-INF, -INF], [0.0, 0.0]),
        (lambda x: ops.logaddexp(x, -INF), -INF, 0.0),
        (lambda x: ops.logsumexp(x), [1000.0, 1000.0], [0.5, 0.5]),
        (lambda x: ops.prod(x), [0.0, 2.0, 3.0], [6.0, 0.0, 0.0]),
        (lambda x: ops.prod(x), [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]),
        (lambda x: ops.cumprod(x), [0.0, 2.0, 3.0], [9.0, 0.0, 0.0]),
    ],
)
def test_gradient_at_a_special_point(function: Any, point: Any, expected: Any) -> None:
    np.testing.assert_allclose(gradient(function, point), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("inner", "outside"),
    [
        (ops.sqrt, 0.0),
        (ops.sqrt, -1.0),
        (ops.rsqrt, 0.0),
        (ops.log, 0.0),
        (ops.log2, 0.0),
        (ops.log10, 0.0),
        (lambda x: ops.log1p(x - 1), 0.0),
        (ops.reciprocal, 0.0),
        (lambda x: 1 / x, 0.0),
        (lambda x: x / x, 0.0),
        (lambda x: x**-1, 0.0),
        (lambda x: x**0.5, 0.0),
        (lambda x: ops.arcsin(x + 1), 0.0),
        (lambda x: ops.arccos(x + 1), 0.0),
        (lambda x: ops.arccosh(x + 1), 0.0),
        (lambda x: ops.arctanh(x + 1), 0.0),
        (lambda x: ops.erfinv(x + 1), 0.0),
        (lambda x: ops.exp(-1000 * x), -1.0),
        (lambda x: ops.expm1(-1000 * x), -1.0),
        (lambda x: ops.cosh(1000 * x), -1.0),
    ],
)
def test_where_keeps_what_it_throws_away_out_of_the_gradient(inner: Any, outside: float) -> None:
    def guarded(x: Any) -> Any:
        return ops.where(x > 0.1, inner(x), 0.0).sum()

    first = grad(guarded)([outside])
    second = grad(lambda x: grad(guarded)(x).sum())([outside])
    assert first.tolist() == [0.0] and second.tolist() == [0.0]


def test_an_infinite_slope_is_still_seen_where_it_counts() -> None:
    assert gradient(ops.sqrt, 0.0) == INF
    assert gradient(ops.log, 0.0) == INF


@pytest.mark.parametrize(
    "function", [lambda x: ops.vector_norm(x), lambda x: ops.std(x), lambda x: ops.hypot(x, x).sum()]
)
def test_second_derivative_at_zero_is_finite(function: Any) -> None:
    hessian = lamina.hessian(function)([0.0, 0.0]).numpy()
    assert np.isfinite(hessian).all()


def test_variance_of_a_large_mean_keeps_its_digits() -> None:
    x = np.float32([10000.0, 10001.0, 10002.0])
    np.testing.assert_allclose(ops.var(x).item(), 2 / 3, rtol=1e-6)
    np.testing.assert_allclose(ops.std(x).item(), math.sqrt(2 / 3), rtol=1e-6)


def test_forward_mode_through_a_chain_of_zeros() -> None:
    """`jvp` pulls back a cotangent of 0 and differentiates it: a rule that branched on 0 would lose the slope."""
    for function in (ops.sqrt, ops.log, ops.reciprocal, lambda x: 1 / x, lambda x: x**0.5):
        _, pushed = lamina.jvp(function, [4.0], [1.0])
        np.testing.assert_allclose(pushed.item(), gradient(function, 4.0), rtol=1e-6)


@pytest.mark.parametrize("scale", [1.0, 1e-3])
def test_equal_eigenvalues_give_finite_gradients(scale: float) -> None:
    with jax.enable_x64(True):
        x = Tensor(scale * np.eye(3), np.float64)
        values = grad(lambda x: (ops.eigvalsh(x) * np.array([1.0, 1.0, 1.0])).sum())(x)
        np.testing.assert_allclose(values, np.eye(3), atol=1e-12)
        singular = grad(lambda x: ops.svdvals(x).sum())(x)
        np.testing.assert_allclose(singular, np.eye(3), atol=1e-12)
        for vectors in (lambda x: ops.eigh(x)[1].sum(), lambda x: ops.svd(x)[0].sum()):
            assert np.isfinite(grad(vectors)(x).numpy()).all()


def test_the_square_vectors_of_a_long_matrix_have_no_derivative() -> None:
    with pytest.raises(lamina.core.GradientError, match="full_matrices=False"):
        grad(lambda x: ops.svd(x)[2].sum())([[1.0, 2.0]])


def test_a_python_number_keeps_the_type_of_the_tensor() -> None:
    x = Tensor([1.0, 2.0], "bfloat16")
    for y in (x * 2.0, 2.0 / x, x**0.5, x**2, ops.where(x > 1.0, x, 0.0), ops.clip(x, 0.0, 1.0), ops.maximum(x, 0)):
        assert y.dtype == x.dtype


def test_integers_promote_as_in_jax() -> None:
    ints = Tensor([1, 2, 3])
    assert (ints / 2).dtype == (ints * 0.5).dtype == (ints**0.5).dtype == ops.mean(ints).dtype == np.float32
    assert (ints**2).dtype == (ints // 2).dtype == ops.sum(ints).dtype == np.int32


def test_division_by_a_python_number_is_exact_in_float64() -> None:
    with jax.enable_x64(True):
        x = Tensor(np.array([1.0]), np.float64)
        assert gradient(lambda x: x / 3.0, x) == [1 / 3]
        assert gradient(lambda x: 3.0 / x, x) == [-3.0]
