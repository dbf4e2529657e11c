import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, ShapeError
from lamina.layers import Dense, Input, collect_penalties


def test_dense_is_the_formula(rng: np.random.Generator) -> None:
    x, kernel, bias = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 5)), rng.normal(size=5)
    layer = Dense(5, activation="tanh")
    layer(x)
    layer.set_weights([kernel, bias])
    np.testing.assert_allclose(layer(x), np.tanh(np.einsum("ntf,fu->ntu", x, kernel) + bias), rtol=1e-5)


def test_penalties_of_weights_and_outputs() -> None:
    layer = Dense(
        2, kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l1", kernel_initializer="ones",
        bias_initializer="ones",
    )  # fmt: skip
    with collect_penalties() as penalties:
        y = layer(np.array([[1.0, 2.0], [3.0, 4.0]]))
    np.testing.assert_allclose(layer.losses, [0.01 * 4, 0.01 * 2], rtol=1e-6)
    np.testing.assert_allclose(penalties, [0.01 * np.abs(y).sum() / 2], rtol=1e-6)


def test_the_last_axis_must_be_known() -> None:
    with pytest.raises(
        ShapeError, match=r"Dense 'd'.*axis -1 must be known.*received None, in the input shape \(None, None\)"
    ):
        Dense(3, name="d")(Input((None,)))


def test_the_last_axis_is_fixed_after_the_first_call() -> None:
    layer = Dense(3)
    layer(np.ones((2, 4)))
    with pytest.raises(ShapeError, match=r"Expected 4, received 5: shape \(2, 5\)"):
        layer(np.ones((2, 5)))


def test_a_batch_axis_is_needed() -> None:
    with pytest.raises(ShapeError, match="at least 2, the first one the batch, received 1"):
        Dense(3)(np.ones(4))


@pytest.mark.parametrize("units", [0, -1, 2.5, True, "8"])
def test_units(units: object) -> None:
    with pytest.raises(ArgumentError, match="units is a whole number"):
        Dense(units)


def test_frozen_weights_are_not_trained() -> None:
    layer = Dense(3, trainable=False)
    layer(np.ones((1, 2)))
    assert not layer.trainable_variables and len(layer.non_trainable_variables) == 2
    layer.trainable = True
    assert [v.name for v in layer.trainable_variables] == ["kernel", "bias"]


def test_whole_numbers_become_floats() -> None:
    assert Dense(2)(lamina.Tensor([[1, 2]])).dtype == "float32"
