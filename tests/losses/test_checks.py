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
    ("ctc", y([[1, 2, 0], [2, 2, 0], [0, 0, 0]]), (None, 3, 3)),
    ("ctc", y([[1.0, 9.0]]), (None, None, None)),
    ("circle", y([0, 7, -3]), (None, 2)),
    ("triplet_margin", y([[0.0], [1.0]]), (None, 2)),
    ("nt_xent", np.arange(4), (None, 2, 5)),
    ("contrastive", y([0, 1]), (None, 2, 5)),
    ("contrastive", y([[False], [True]]), (None, 2, None)),
    ("categorical_generalized_cross_entropy", y([0, 1, 2]), (None, 3)),
    ("gaussian_nll", np.zeros((4, 3)), (None, 6)),
    ("gaussian_nll", np.zeros(4), (None, 2)),
    ("quantile", np.zeros((4, 3)), (None, 3)),
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
    (
        "ctc",
        y([1, 2]),
        (None, 5, 3),
        ShapeError,
        r"labels \(N, U\) and predictions \(N, T, C\).*return whole sequences",
    ),
    ("ctc", y([[1, 2]]), (None, 3), ShapeError, "return whole sequences"),
    (
        "ctc",
        y([[1, 2], [3, 0]]),
        (None, 5, 3),
        DataError,
        "received 3 in row 1.*one unit per class and one for the blank",
    ),
    ("ctc", y([[1, -1]]), (None, 5, 3), DataError, r"received -1 in row 0, element \[1\]. Fill up with 0"),
    ("ctc", y([[1, 2], [0, 1]]), (None, 5, 3), DataError, r"no label behind a 0, received \[0, 1\] in row 1"),
    (
        "ctc",
        y([[1, 2, 1], [2, 2, 0]]),
        (None, 2, 3),
        DataError,
        "fit into 2 frames, received labels that need 3 in row 0",
    ),
    ("ctc", y([[1, 2], [2, 2]]), (None, 2, 3), DataError, "equal neighbours.*that need 3 in row 1"),
    ("ctc", y([[1.5, 0.0]]), (None, 5, 3), DataError, "whole numbers, received 1.5"),
    ("circle", y([0.0, 0.5]), (None, 4), DataError, "whole numbers, received 0.5 in row 1"),
    ("circle", np.eye(3), (None, 4), ShapeError, "Pass class numbers, not one-hot rows"),
    ("triplet_margin", y([0, 1]), (None, 4, 2), ShapeError, "end in a vector per sample"),
    ("triplet_margin", y([0.0, np.nan]), (None, 4), DataError, "not finite.*received nan in row 1"),
    ("nt_xent", y([0, 1]), (None, 2, 3, 4), ShapeError, "end in a vector per sample"),
    ("contrastive", y([0, 1]), (None, 3, 4), ShapeError, r"embeddings \(N, 2, F\), received"),
    (
        "contrastive",
        y([-1, 1]),
        (None, 2, 4),
        DataError,
        "received -1 in row 0. Write 0 for pairs that belong together",
    ),
    ("categorical_generalized_cross_entropy", y([0, 3]), (None, 3), DataError, "names no class.*received 3 in row 1"),
    ("categorical_generalized_cross_entropy", np.eye(3), (None, 3), ShapeError, "one class number per sample"),
    ("gaussian_nll", np.zeros((4, 2)), (None, 3), ShapeError, r"means and then the variances. Expected \(N, ..., 2F\)"),
    ("gaussian_nll", np.zeros((4, 2)), (None, 2), ShapeError, r"Expected \(N, 1\), received \(4, 2\)"),
    ("gaussian_nll", y([0.0, np.inf]), (None, 2), DataError, "received inf in row 1"),
    ("quantile", np.zeros((4, 3)), (None, 2), ShapeError, r"Expected \(N, 2\), received \(4, 3\)"),
    ("quantile", y([0.0, np.nan]), (None, 1), DataError, "received nan in row 1"),
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


def test_several_quantiles_have_one_label() -> None:
    loss = losses.Quantile([0.1, 0.5, 0.9])
    loss.check_targets(np.zeros(4), (None, 3))
    loss.check_targets(np.zeros((4, 1)), (None, 3))
    with pytest.raises(ShapeError, match=r"Expected \(N, 1\), received \(4, 3\)"):
        loss.check_targets(np.zeros((4, 3)), (None, 3))
    with pytest.raises(ShapeError, match=r"quantiles \[0.1, 0.5, 0.9\], received \(None, 2\)"):
        loss.check_targets(np.zeros(4), (None, 2))


def test_a_user_loss_checks_nothing() -> None:
    losses.get(lambda a, b: a - b).check_targets(y(["x"]), (None, 1))
