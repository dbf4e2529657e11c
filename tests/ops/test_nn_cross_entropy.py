"""What the contract of the cross-entropies does not say: extremes, bad labels, narrow types, refusals."""

import math
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import DTypeError, ShapeError

HUGE = np.array([[0.0, 1e4, -1e4]])


@pytest.mark.parametrize("label", [0, 1, 2])
def test_extreme_logits_give_exact_losses_and_gradients(label: int) -> None:
    one_hot = np.eye(3)[[label]]
    expected = [1e4, 0.0, 2e4][label]
    for loss in (
        lambda z: ops.sparse_softmax_cross_entropy(z, np.array([label])),
        lambda z: ops.softmax_cross_entropy(z, one_hot),
    ):
        np.testing.assert_allclose(loss(HUGE), [expected])
        np.testing.assert_allclose(
            lamina.grad(lambda z, loss=loss: loss(z).sum())(HUGE), np.array([[0.0, 1.0, 0.0]]) - one_hot
        )


def test_extreme_binary_logits() -> None:
    z, t = np.array([1e4, 1e4, -1e4, -1e4]), np.array([1.0, 0.0, 1.0, 0.0])
    np.testing.assert_allclose(ops.sigmoid_cross_entropy(z, t), [0, 1e4, 1e4, 0])
    np.testing.assert_allclose(lamina.grad(lambda z: ops.sigmoid_cross_entropy(z, t).sum())(z), [0, 1, -1, 0])


def test_small_losses_keep_their_digits() -> None:
    """log(1 + x) for small x: 1 + x alone would be 1 in float32."""
    np.testing.assert_allclose(ops.sigmoid_cross_entropy([20.0], [1.0]), [math.log1p(math.exp(-20))], rtol=1e-5)


def test_an_impossible_class_without_label_weight_costs_nothing() -> None:
    """0·log 0 = 0."""
    logits = np.array([[0.0, 0.0, -np.inf]])
    np.testing.assert_allclose(ops.softmax_cross_entropy(logits, np.array([[1.0, 0.0, 0.0]])), [math.log(2)], rtol=1e-6)


@pytest.mark.parametrize("label", [-1, 3, 100])
def test_a_class_number_that_does_not_exist_is_nan(label: int) -> None:
    losses = ops.sparse_softmax_cross_entropy(np.zeros((2, 3)), np.array([0, label])).numpy()
    assert not np.isnan(losses[0]) and np.isnan(losses[1])


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_losses_of_narrow_logits_are_float32(dtype: str) -> None:
    logits = Tensor(np.random.default_rng(0).normal(size=(4, 1000)), dtype, requires_grad=True)
    exact = logits.numpy().astype("float64")
    expected = np.log(np.exp(exact).sum(-1)) - exact[:, 7]
    loss = ops.sparse_softmax_cross_entropy(logits, np.full(4, 7))
    assert loss.dtype == "float32"
    np.testing.assert_allclose(loss, expected, rtol=1e-6)
    loss.sum().backward()
    assert logits.grad is not None and logits.grad.dtype == dtype
    one_hot = Tensor(np.eye(1000)[np.full(4, 7)], dtype)
    np.testing.assert_allclose(ops.softmax_cross_entropy(logits, one_hot), expected, rtol=1e-6)
    assert ops.sigmoid_cross_entropy(logits, one_hot).dtype == "float32"


def test_integer_one_hot_labels_are_taken() -> None:
    one_hot = np.eye(3, dtype="int32")[[0, 2]]
    logits = np.random.default_rng(0).normal(size=(2, 3))
    np.testing.assert_allclose(
        ops.softmax_cross_entropy(logits, one_hot),
        ops.sparse_softmax_cross_entropy(logits, np.array([0, 2])),
        rtol=1e-6,
    )


def test_probabilities_are_clipped_where_keras_clips() -> None:
    edge = -math.log(1e-7)
    np.testing.assert_allclose(ops.binary_cross_entropy([0.0], [1.0]), [edge], rtol=1e-5)
    np.testing.assert_allclose(ops.categorical_cross_entropy([[0.0, 2.0]], [[1.0, 0.0]]), [edge], rtol=1e-5)
    np.testing.assert_allclose(ops.sparse_categorical_cross_entropy([[0.0, 2.0]], [0]), [edge], rtol=1e-5)


@pytest.mark.parametrize("loss", [ops.softmax_cross_entropy, ops.sigmoid_cross_entropy, ops.binary_cross_entropy])
@pytest.mark.parametrize("shapes", [((3,), (3, 1)), ((3, 2), (2, 3)), ((3, 2), (3,))])
def test_unequal_shapes_are_refused(loss: Any, shapes: Any) -> None:
    with pytest.raises(ShapeError, match="one label for each predicted number"):
        loss(np.full(shapes[0], 0.5), np.full(shapes[1], 0.5))


@pytest.mark.parametrize("loss", [ops.sparse_softmax_cross_entropy, ops.sparse_categorical_cross_entropy])
def test_wrong_class_numbers_are_refused(loss: Any) -> None:
    with pytest.raises(ShapeError, match="one class number for each sample"):
        loss(np.ones((2, 3)), np.zeros((2, 1), int))
    with pytest.raises(DTypeError, match="class numbers are integers"):
        loss(np.ones((2, 3)), np.zeros(2))
