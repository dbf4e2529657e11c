"""What the contract of the activations does not say: tails, kinks, NaN, other names."""

import math
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import gradients

EXTREME = np.array([-1e4, -100.0, -30.0, 30.0, 100.0, 1e4])


def slope(op: Any, x: Any, **settings: Any) -> Any:
    leaf = Tensor(x, requires_grad=True)
    return gradients(op(leaf, **settings).sum(), [leaf])[0].numpy()


@pytest.mark.parametrize(
    "name", ["sigmoid", "softplus", "log_sigmoid", "gelu", "silu", "mish", "elu", "selu", "celu", "softsign"]
)
def test_tails_are_finite_and_so_are_slopes(name: str) -> None:
    op = getattr(ops, name)
    assert np.isfinite(op(EXTREME).numpy()).all()
    assert np.isfinite(slope(op, EXTREME)).all()


def test_lower_tail_of_the_sigmoid_keeps_its_digits() -> None:
    x = np.array([-20.0, -50.0, -80.0])
    np.testing.assert_allclose(ops.sigmoid(x), np.exp(x) / (1 + np.exp(x)), rtol=1e-5)


def test_log_of_a_tail_is_exact() -> None:
    np.testing.assert_allclose(ops.log_sigmoid(np.array([-1e4, 50.0])), [-1e4, -math.exp(-50)], rtol=1e-6)
    np.testing.assert_allclose(ops.log_softmax(np.array([0.0, 1e4])), [-1e4, 0.0])


def test_lower_tail_of_gelu_keeps_its_digits() -> None:
    """x·erfc(−x/√2)/2: 1 + erf would be 0 from −5.5 on in float32."""
    expected = -8 * 0.5 * math.erfc(8 / math.sqrt(2))
    np.testing.assert_allclose(float(ops.gelu(-8.0)), expected, rtol=1e-4)


def test_slope_of_relu_at_its_kinks() -> None:
    np.testing.assert_array_equal(slope(ops.relu, [0.0, -0.0]), [0, 0])
    np.testing.assert_array_equal(slope(ops.relu, [0.0, 6.0], max_value=6.0), [0, 0])
    np.testing.assert_allclose(slope(ops.relu, [0.0], negative_slope=0.5), [0.5])
    np.testing.assert_allclose(slope(ops.relu, [1.0, 1.5], threshold=1.0), [0, 1])


def test_relu_without_slope_ignores_what_lies_far_below() -> None:
    np.testing.assert_array_equal(ops.relu(np.array([-np.inf, np.inf])), [0, np.inf])
    np.testing.assert_array_equal(ops.relu(np.array([-np.inf]), threshold=2.0), [0])


@pytest.mark.parametrize("settings", [{}, {"negative_slope": 0.1}, {"max_value": 6.0}, {"threshold": 1.0}])
def test_relu_does_not_hide_nan(settings: Any) -> None:
    assert np.isnan(ops.relu(np.array([np.nan]), **settings).numpy()).all()


def test_steps() -> None:
    assert ops.step([-1.0, 0.0, 2.0]).tolist() == ops.step_straight_through([-1.0, 0.0, 2.0]).tolist() == [0, 1, 1]
    assert lamina.grad(lambda x: ops.step(x).sum())([-1.0, 2.0]).tolist() == [0, 0]
    assert slope(ops.step_straight_through, [-1.0, 2.0]).tolist() == [1, 1]


def test_sparsemax_is_sparse_and_sums_to_one() -> None:
    y = ops.sparsemax(np.random.default_rng(0).normal(size=(6, 8)) * 2).numpy()
    np.testing.assert_allclose(y.sum(-1), 1, rtol=1e-6)
    assert (y == 0).any() and (y >= 0).all()


def test_softmax_in_16_bits_sums_exponentials_in_32() -> None:
    y = ops.softmax(Tensor(np.zeros(1000), "bfloat16"))
    assert y.dtype == "bfloat16"
    np.testing.assert_allclose(y.numpy().astype("float32"), 1e-3, rtol=4e-3)


def test_second_names() -> None:
    assert ops.swish is ops.silu and ops.hard_swish is ops.hard_silu


def test_gelu_has_its_digits_everywhere() -> None:
    x = np.linspace(-12, 12, 2001).astype(np.float32)
    expected = [v * 0.5 * math.erfc(-v / math.sqrt(2)) for v in x.astype(float).tolist()]
    np.testing.assert_allclose(ops.gelu(x).numpy(), expected, rtol=1e-5)
    assert np.isnan(ops.gelu(np.float32("nan")).numpy()) and ops.gelu(np.float32("inf")).numpy() == np.inf
