"""What the contract of normalisation does not say: precision, invariances, refusals."""

import numpy as np
import pytest

from lamina import Tensor, ops
from lamina.core import ShapeError


def test_variance_survives_a_large_mean() -> None:
    """One pass (mean of squares minus square of mean) would leave no digit in float32."""
    x = (np.random.default_rng(0).normal(size=(1000, 2)) + 3000).astype("float32")
    _, mean, variance = ops.batch_norm(x)
    np.testing.assert_allclose(mean, x.astype("float64").mean(0), rtol=1e-6)
    np.testing.assert_allclose(variance, x.astype("float64").var(0), rtol=1e-3)


def test_statistics_of_bfloat16_are_float32() -> None:
    x = Tensor(np.random.default_rng(0).normal(size=(512, 3)) * 2 + 5, "bfloat16", requires_grad=True)
    y, mean, variance = ops.batch_norm(x, np.ones(3, "float32"), np.zeros(3, "float32"))
    assert (y.dtype, mean.dtype, variance.dtype) == ("bfloat16", "float32", "float32")
    exact = x.numpy().astype("float64")
    np.testing.assert_allclose(mean, exact.mean(0), rtol=1e-5)
    np.testing.assert_allclose(variance, exact.var(0), rtol=1e-4)
    (y * y * y).sum().backward()
    assert x.grad is not None and x.grad.dtype == "bfloat16"


def test_inference_in_bfloat16_subtracts_in_float32() -> None:
    x = Tensor([[100.5], [101.0]], "bfloat16")
    y = ops.batch_norm_inference(x, np.array([100.75], "float32"), np.array([0.0625], "float32"), epsilon=0.0)
    assert y.dtype == "bfloat16" and y.numpy().astype("float32").ravel().tolist() == [-1.0, 1.0]


def test_training_and_inference_agree_on_the_same_statistics() -> None:
    rng = np.random.default_rng(0)
    x, gamma, beta = rng.normal(size=(6, 4, 3)), rng.normal(size=3), rng.normal(size=3)
    y, mean, variance = ops.batch_norm(x, gamma, beta)
    np.testing.assert_allclose(ops.batch_norm_inference(x, mean, variance, gamma, beta), y, rtol=1e-4, atol=1e-5)


def test_scale_and_shift_may_be_left_out() -> None:
    x = np.random.default_rng(0).normal(size=(6, 4))
    with_both = ops.layer_norm(x, np.ones(4), np.zeros(4))
    np.testing.assert_array_equal(ops.layer_norm(x), with_both)
    np.testing.assert_array_equal(ops.layer_norm(x, beta=np.ones(4)), with_both + 1)
    np.testing.assert_array_equal(ops.rms_norm(x, np.full(4, 2.0)), ops.rms_norm(x) * 2)
    np.testing.assert_array_equal(
        ops.batch_norm_inference(x, np.zeros(4), np.ones(4), epsilon=0.0), x.astype("float32")
    )


def test_layer_norm_does_not_see_scale_or_offset() -> None:
    x = np.random.default_rng(0).normal(size=(3, 8))
    np.testing.assert_allclose(ops.layer_norm(x * 7 + 2, epsilon=0.0), ops.layer_norm(x, epsilon=0.0), atol=1e-5)


def test_groups_between_layer_and_instance() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    np.testing.assert_array_equal(ops.group_norm(x, -1), ops.instance_norm(x))
    np.testing.assert_allclose(ops.group_norm(x, 1), ops.layer_norm(x, axis=(1, 2)), atol=1e-6)
    first = np.moveaxis(x, -1, 1)  # channels first
    np.testing.assert_allclose(
        ops.group_norm(first, 2, axis=1), np.moveaxis(ops.group_norm(x, 2).numpy(), -1, 1), atol=1e-6
    )


def test_refusals() -> None:
    x = np.zeros((2, 6))
    with pytest.raises(ShapeError, match="groups must divide the channels"):
        ops.group_norm(x, 4)
    with pytest.raises(ShapeError, match="gamma has one number per normalised channel"):
        ops.batch_norm(x, np.ones(5))
    with pytest.raises(ShapeError, match="beta has one number per normalised channel"):
        ops.layer_norm(x, None, np.ones(5))
    with pytest.raises(ShapeError, match="the axis must exist"):
        ops.layer_norm(x, axis=2)
