"""What the contract of pooling does not say: ties, NaN, integers, cost, refusals."""

from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import ArgumentError, ShapeError


@pytest.mark.parametrize(
    "settings", [{"pool_size": 2}, {"pool_size": 2, "strides": 1}, {"pool_size": 3, "padding": "same"}]
)
def test_the_first_of_equals_gets_the_gradient(settings: Any) -> None:
    x = Tensor(np.zeros((1, 4, 4, 1)))
    found = lamina.grad(lambda x: ops.max_pool(x, **settings).sum())(x).numpy()[0, :, :, 0]
    first = {
        (2, None): [(0, 0), (0, 2), (2, 0), (2, 2)],
        (2, 1): [(i, j) for i in range(3) for j in range(3)],
        (3, None): [(0, 0), (0, 2), (2, 0), (2, 2)],  # padded by 1 in front and behind
    }[settings["pool_size"], settings.get("strides")]
    expected = np.zeros((4, 4))
    for place in first:
        expected[place] = 1
    np.testing.assert_array_equal(found, expected)


def test_ties_agree_with_jax() -> None:
    """XLA's select-and-scatter, which Keras uses on JAX, picks the first, too."""
    x = np.random.default_rng(0).integers(0, 3, (2, 6, 6, 3)).astype("float32")
    g = np.random.default_rng(1).normal(size=(2, 3, 3, 3)).astype("float32")

    def pool(x: Any) -> Any:
        return jax.lax.reduce_window(x, -np.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    expected = jax.vjp(pool, x)[1](g)[0]
    found = lamina.vjp(lambda x: ops.max_pool(x, 2), x)[1](g)[0]
    np.testing.assert_array_equal(found, expected)


def test_nan_is_the_largest_and_is_not_hidden() -> None:
    x = np.array([1.0, np.nan, 3.0, 4.0]).reshape(1, 4, 1)
    np.testing.assert_array_equal(ops.max_pool(x, 2).numpy().ravel(), [np.nan, 4.0])


def test_padding_never_wins() -> None:
    x = np.full((1, 3, 1), -5.0)
    assert ops.max_pool(x, 2, padding="same").tolist() == [[[-5.0], [-5.0]]]


def test_integers_can_be_pooled() -> None:
    y = ops.max_pool(np.array([3, 7, -2], "int32").reshape(1, 3, 1), 2, padding="same")
    assert y.dtype == "int32" and y.numpy().ravel().tolist() == [7, -2]


def test_forward_and_backward_of_tiles_move_nothing_by_index() -> None:
    """Pooling as in a CNN is a few elementwise passes: no gather, scatter, sort or window instruction."""

    def step(x: Any) -> Any:
        return lamina.grad(lambda x: (ops.max_pool(x, 2) * 3).sum())(Tensor(x)).array

    text = jax.jit(step).lower(jax.ShapeDtypeStruct((8, 26, 26, 32), "float32")).compile().as_text()
    heavy = ("gather", "scatter", "sort", "reduce-window", "select-and-scatter", "while", "dynamic-update-slice")
    assert [word for word in heavy if f" {word}(" in text] == []


def test_more_taps_than_a_byte_counts() -> None:
    x = np.zeros((1, 300, 1))
    x[0, 290] = 1
    found = lamina.grad(lambda x: ops.max_pool(x, 300).sum())(Tensor(x)).numpy()
    assert found.sum() == 1 and found[0, 290, 0] == 1


def test_the_mean_of_a_window_leaves_padding_out_unless_asked() -> None:
    x = np.ones((1, 3, 1))
    assert ops.average_pool(x, 2, padding="same").numpy().ravel().tolist() == [1.0, 1.0]
    assert ops.average_pool(x, 2, padding="same", count_include_pad=True).numpy().ravel().tolist() == [1.0, 0.5]


def test_refusals() -> None:
    with pytest.raises(ShapeError, match="one to three spatial axes"):
        ops.max_pool(np.zeros((2, 3)), 2)
    with pytest.raises(ShapeError, match="the window must fit"):
        ops.average_pool(np.zeros((2, 3, 1)), 4)
    with pytest.raises(ArgumentError, match="pool_size must be positive"):
        ops.max_pool(np.zeros((2, 3, 1)), 0)
    with pytest.raises(ArgumentError, match="one of nearest"):
        ops.upsample(np.zeros((2, 3, 1)), 2, "quadratic")
