"""Leaks: exactly the equal rows are found, with their numbers."""

import numpy as np
import pandas as pd
import pytest

from lamina.core import ShapeError
from lamina.data import find_leaks, k_fold


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.uint8, bool])
def test_as_by_comparing_every_pair(dtype):
    rng = np.random.default_rng(0)
    train, test = rng.integers(0, 3, (60, 4)).astype(dtype), rng.integers(0, 3, (50, 4)).astype(dtype)
    equal = (train[:, None] == test[None]).all(axis=-1)
    leaks = find_leaks(train, test)
    assert leaks.test.tolist() == np.flatnonzero(equal.any(axis=0)).tolist() and 0 < len(leaks.test)
    assert leaks.train.tolist() == equal.argmax(axis=0)[leaks.test].tolist()  # the first of them


def test_pictures_planted_in_folds():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3, 3)).astype(np.float32)
    x[17] = x[5]
    for seed in range(10):
        splits = k_fold(40, 4, seed=seed)
        together = any({5, 17} <= set(split.validation.tolist()) for split in splits)
        leaks = [split.leaks(x) for split in splits]
        pairs = [(int(i), int(j)) for leak in leaks for i, j in zip(leak.train, leak.test, strict=True)]
        assert sorted(pairs) == ([] if together else [(5, 17), (17, 5)])


def test_zeros_nans_types_and_layouts():
    assert find_leaks([[0.0, np.nan]], [[-0.0, -np.nan]]).test.tolist() == [0]
    assert find_leaks(np.array([[1, 2]], np.int8), np.array([[1.0, 2.0]])).test.tolist() == [0]
    assert find_leaks(np.asfortranarray([[1, 2], [3, 4]]), np.array([[3, 4]])).train.tolist() == [1]
    assert find_leaks([1, 2], [[1], [2]][0]).test.tolist() == [0]
    assert find_leaks([[0.1]], [[0.1 + 1e-12]]).test.tolist() == []


def test_texts_and_frames():
    assert find_leaks(["a", "bb"], ["bb", "ccc"]).test.tolist() == [0]
    train = pd.DataFrame({"age": [30.0, 41.0], "blood": [1, 2]})
    assert find_leaks(train, train[::-1]).train.tolist() == [1, 0]
    objects = np.array([["a", 1], ["b", 2]], object)
    assert find_leaks(objects, objects[1:]).train.tolist() == [1]


def test_sentence():
    rows = np.arange(7)
    assert find_leaks(rows, rows).sentence == (
        "7 of 7 test rows are also training rows: 0 (= 0), 1 (= 1), 2 (= 2), 3 (= 3), 4 (= 4), ..."
    )


def test_other_shapes_are_refused():
    with pytest.raises(ShapeError, match="rows of one shape"):
        find_leaks(np.zeros((3, 2)), np.zeros((3, 4)))
