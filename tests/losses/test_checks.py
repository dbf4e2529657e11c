"""Labels are looked at before training; the sentence names the row and says what to do."""

from typing import Any

import numpy as np
import pytest

from lamina import losses
from lamina.core import DataError, ShapeError

y = np.array

FINE: list[tuple[str, Any, tuple[int | None, ...]]] = [
    ("mse", np.zeros((4, 2)), (None, 2)),
    ("mse", np.zeros(4), (None, 1)),
    ("mse", np.zeros((4, 1)), (None,)),
    ("mse", np.zeros((4, 7, 2)), (None, None, 2)),
    ("bce", y([0, 1, 1]), (None, 1)),
    ("bce", y([True, False]), (None, 1)),
    ("bce", y([[0.3, 0.7]]), (None, 2)),
    ("cce", y([[0.3, 0.7], [0, 1]]), (None, 2)),
    ("scce", y([0, 1, 2]), (None, 3)),
    ("scce", y([[0.0], [2.0]]), (None, 3)),
    ("scce", y([[0, 1], [2, 2]]), (None, None, 3)),
    ("scce", y([5, 6]), (None, None)),
]

WRONG: list[tuple[str, Any, tuple[int | None, ...], type, str]] = [
    ("scce", y([0, 1, 10]), (None, 10), DataError, r"from 0 to 9 \(the output has 10 classes\), received 10 in row 2"),
    ("scce", y([1, 2, 3]), (None, 3), DataError, "Labels count from 0: subtract 1"),
    ("scce", y([0, 7, 3]), (None, 3), DataError, "received 7 in row 1. Give the last layer 8 units"),
    ("scce", y([0, -1, 1]), (None, 3), DataError, "received -1 in row 1. Use ignore_class=-1"),
    ("scce", y([0, 1]), (None, 1), DataError, "one unit per class, or use BinaryCrossentropy"),
    ("scce", y([0.0, 1.5]), (None, 3), DataError, "whole numbers, received 1.5 in row 1. Use MeanSquaredError"),
    ("scce", y([0.0, np.nan]), (None, 3), DataError, "not finite.*received nan in row 1"),
    ("scce", y([[0, 1], [2, 9]]), (None, 2, 3), DataError, r"received 9 in row 1, element \[1\]"),
    ("scce", np.eye(3), (None, 3), ShapeError, "Use CategoricalCrossentropy for one-hot labels"),
    ("scce", np.zeros((3, 2), int), (None, 3), ShapeError, r"Expected \(N\), received \(3, 2\)"),
    ("scce", y(["a", "b"]), (None, 3), DataError, "labels are numbers.*Encode them"),
    ("bce", y([0, 1, 2]), (None, 1), DataError, r"within \[0, 1\], received 2 in row 2. Use SparseCategorical"),
    ("bce", y([1.0, -1.0]), (None, 1), DataError, "received -1.0 in row 1. Map the labels -1 and 1 to 0 and 1"),
    ("bce", y([0.0, np.nan]), (None, 1), DataError, "received nan in row 1"),
    ("bce", y([0, 1]), (None, 10), ShapeError, r"Expected \(N, 10\), received \(2,\). Use SparseCategorical"),
    ("bce", np.zeros((2, 3)), (None, 1), ShapeError, "Give the last layer 1 unit"),
    ("cce", y([0, 1]), (None, 3), ShapeError, "Use SparseCategoricalCrossentropy for class numbers"),
    ("cce", y([[0.5, 0.5], [1, 1]]), (None, 2), DataError, "received a sum of 2 in row 1. Use BinaryCross"),
    ("cce", y([[2.0, -1.0]]), (None, 2), DataError, "received 2.0 in row 0"),
    ("mse", np.zeros((4, 3)), (None, 2), ShapeError, r"Expected \(N, 2\), received \(4, 3\)"),
    ("mse", y([1.0, np.inf]), (None, 1), DataError, "received inf in row 1"),
    ("msle", y([1.0, -2.0]), (None, 1), DataError, "received -2.0 in row 1"),
]


@pytest.mark.parametrize(("name", "labels", "output"), FINE)
def test_fine_labels_pass(name: str, labels: np.ndarray, output: tuple[int | None, ...]) -> None:
    losses.get(name).check_targets(labels, output)


@pytest.mark.parametrize(("name", "labels", "output", "error", "text"), WRONG)
def test_wrong_labels(
    name: str, labels: np.ndarray, output: tuple[int | None, ...], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text) as caught:
        losses.get(name).check_targets(labels, output)
    assert str(caught.value).startswith(type(losses.get(name)).__name__)


def test_an_ignored_label_may_lie_outside() -> None:
    loss = losses.SparseCategoricalCrossentropy(ignore_class=255)
    loss.check_targets(y([0, 255, 2]), (None, 3))
    with pytest.raises(DataError, match="received 254 in row 1"):
        loss.check_targets(y([255, 254, 2]), (None, 3))


def test_a_user_loss_checks_nothing() -> None:
    losses.get(lambda a, b: a - b).check_targets(y(["x"]), (None, 1))
