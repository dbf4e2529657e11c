"""Class balance: counts and weights as in scikit-learn, advice by the ratio."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.utils.class_weight import compute_class_weight

from lamina.core import ShapeError
from lamina.tune import class_balance


@pytest.mark.parametrize("names", [np.array([0, 1, 2]), np.array(["cat", "dog", "eel"])])
def test_as_in_scikit_learn(names):
    y = np.random.default_rng(0).permutation(np.repeat(names, [50, 30, 7]))
    found = class_balance(y)
    assert found.counts == dict(zip(names.tolist(), [50, 30, 7], strict=True))
    assert found.ratio == pytest.approx(50 / 7)
    assert found.baseline == DummyClassifier().fit(y, y).score(y, y)
    wanted = compute_class_weight("balanced", classes=names, y=y)
    assert list(found.weights.values()) == pytest.approx(wanted.tolist())


@pytest.mark.parametrize(
    ("counts", "start"),
    [
        ([10, 10], "The classes are balanced"),
        ([14, 10], "The classes are balanced"),
        ([10, 30], "Class 0 is smaller (10 of 40 rows, ratio 3): answering always 1 is right for 0.75"),
        ([990, 10], "Class 1 is rare (10 of 1000 rows, ratio 99)"),
    ],
)
def test_advice_follows_the_ratio(counts, start):
    assert class_balance(np.repeat([0, 1], counts)).advice.startswith(start)


def test_one_hot_rows_and_other_shapes():
    assert class_balance(np.eye(3)[[0, 0, 1, 2]]).counts == {0: 2, 1: 1, 2: 1}
    with pytest.raises(ShapeError, match="one class per row"):
        class_balance(np.zeros((4, 2)))
