"""scikit-learn's small sets: all rows are there, once, in parts of equal shares."""

import sys

import numpy as np
import pytest
import sklearn.datasets

from lamina import datasets
from lamina.core import MissingPackageError

CLASSES = {"digits": 10, "iris": 3, "wine": 3, "breast_cancer": 2}
NAMES = [*CLASSES, "diabetes"]


@pytest.mark.parametrize("name", NAMES)
def test_all_rows_of_scikit_learn_in_two_parts(name: str) -> None:
    (x_train, y_train), (x_test, y_test) = getattr(datasets, name)()
    x, y = getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)
    ours = np.column_stack([np.concatenate([x_train, x_test]).reshape(len(x), -1), np.concatenate([y_train, y_test])])
    theirs = np.column_stack([x, y]).astype(np.float32)
    assert sorted(map(tuple, ours)) == sorted(map(tuple, theirs))
    assert len(x_test) == int(np.ceil(0.2 * len(x)))


@pytest.mark.parametrize("name", CLASSES)
def test_classes_have_equal_shares(name: str) -> None:
    (_, y_train), (_, y_test) = getattr(datasets, name)()
    whole = np.bincount(np.concatenate([y_train, y_test]))
    assert len(whole) == CLASSES[name] and y_test.dtype == np.int32
    assert np.abs(np.bincount(y_test) - whole * len(y_test) / whole.sum()).max() < 1
    assert np.count_nonzero(np.diff(y_train)) > len(y_train) // 4  # not sorted by class


def test_types() -> None:
    (x, y), _ = datasets.digits()
    assert x.shape[1:] == (8, 8) and x.dtype == np.uint8 and x.max() == 16
    (x, y), _ = datasets.diabetes()
    assert x.dtype == y.dtype == np.float32


def test_seed_and_size_choose_the_rows() -> None:
    (a, _), (test, _) = datasets.iris(test_size=0.5)
    assert len(test) == 75
    (b, _), _ = datasets.iris(test_size=0.5)
    (c, _), _ = datasets.iris(test_size=0.5, seed=1)
    assert np.array_equal(a, b) and not np.array_equal(a, c)


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingPackageError, match=r"Run: pip install 'lamina\[data\]'"):
        datasets.wine()
