"""Class weights and one-hot labels, against scikit-learn and the formula."""

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.class_weight import compute_class_weight

from lamina.core import ArgumentError, DataError, DTypeError, ShapeError
from lamina.data import class_weights, to_categorical


@pytest.mark.parametrize(
    "y", [[0, 0, 1, 2, 2, 2], ["cat", "dog", "cat"], [-1, 7, 7], [True, False, True], [1.0, 2.0, 2.0]]
)
def test_weights_are_scikit_learns_balanced_ones(y: list) -> None:
    classes = np.unique(y)
    wanted = dict(
        zip(classes.tolist(), compute_class_weight("balanced", classes=classes, y=np.asarray(y)), strict=True)
    )
    assert class_weights(y) == pytest.approx(wanted)
    assert class_weights(pd.Series(y)) == class_weights(np.asarray(y)[:, None]) == class_weights(y)
    assert np.mean([class_weights(y)[label] for label in np.asarray(y).tolist()]) == pytest.approx(1.0)


def test_weights_of_one_hot_rows() -> None:
    assert class_weights(np.eye(4)[[0, 0, 0, 3]]) == class_weights([0, 0, 0, 3]) == {0: 2 / 3, 3: 2.0}


@pytest.mark.parametrize("y", [[], [[0.5, 0.5]], [[1, 1]], 3, np.zeros((2, 2, 2))])
def test_what_has_no_classes(y: object) -> None:
    with pytest.raises(ShapeError, match="class_weights: y must hold one class per row"):
        class_weights(y)


@pytest.mark.parametrize("shape", [(), (5,), (2, 3), (4, 1), (2, 3, 1)])
def test_to_categorical_against_the_identity_matrix(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).integers(0, 4, shape)
    squeezed = x[..., 0] if shape[-1:] == (1,) else x
    made = to_categorical(x, 6)
    assert made.dtype == "float32" and np.array_equal(made, np.eye(6)[squeezed])


def test_to_categorical_counts_the_classes() -> None:
    assert to_categorical([0, 4]).shape == (2, 5) and to_categorical(np.array([1.0, 0.0])).shape == (2, 2)
    assert to_categorical([], 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("x", "k", "error", "sentence"),
    [
        ([0, 1, 3], 3, DataError, "Expected 0 to 2, received 3 in row 2"),
        ([[0, 1], [-1, 0]], None, DataError, "Expected 0 to 1, received -1 in row 1"),
        ([0.5], None, DTypeError, "x must hold class numbers. Expected whole numbers from 0, received dtype float64"),
        ([np.nan], None, DTypeError, "x must hold class numbers"),
        (["a"], None, DTypeError, "np.unique(labels, return_inverse=True)"),
        ([0], 0, ArgumentError, "there must be classes"),
    ],
)
def test_refused(x: list, k: int | None, error: type, sentence: str) -> None:
    with pytest.raises(error) as raised:
        to_categorical(x, k)
    assert sentence in str(raised.value)
