"""Splits: every row once, shares as promised, classes in both parts, time in order."""

import numpy as np
import pandas as pd
import pytest
import sklearn.model_selection

from lamina.core import ArgumentError, DataError
from lamina.data import train_test_split, validation_split

LABELS = np.repeat([0, 1, 2], [70, 25, 5])


@pytest.mark.parametrize("mode", ["tail", "random", "stratified", "time"])
@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 0.9])
def test_every_row_is_in_one_part(mode: str, fraction: float) -> None:
    split = validation_split(100, fraction, mode, y=LABELS, seed=3)
    assert split.train.dtype == split.validation.dtype == np.int32
    assert np.array_equal(np.sort(np.concatenate([split.train, split.validation])), np.arange(100))
    assert len(split.train) == int(100 * (1 - fraction))  # as Keras cuts


def test_tail_is_as_in_keras() -> None:
    split = validation_split(1000, 0.2)
    assert split.train.tolist() == list(range(800)) and split.validation.tolist() == list(range(800, 1000))
    assert (
        split.sentence == "validation: the last 200 of 1000 rows as they stand, cut off before shuffling (mode 'tail')"
    )


@pytest.mark.parametrize("mode", ["random", "stratified"])
def test_chance_depends_on_the_seed_only(mode: str) -> None:
    first, again, other = (validation_split(100, 0.3, mode, y=LABELS, seed=seed).validation for seed in (1, 1, 2))
    assert np.array_equal(first, again) and set(first) != set(other)
    assert not np.array_equal(first, np.sort(first))  # in random order


def test_random_takes_every_row_equally_often() -> None:
    counts = np.zeros(20)
    for seed in range(2000):
        counts[validation_split(20, 0.25, "random", seed=seed).validation] += 1
    assert np.abs(counts - 500).max() < 5 * np.sqrt(2000 * 0.25 * 0.75)


@pytest.mark.parametrize(
    ("fraction", "wanted"), [(0.2, [14, 5, 1]), (0.5, [35, 13, 2]), (0.03, [1, 1, 1]), (0.97, [69, 24, 4])]
)
def test_stratified_shares(fraction: float, wanted: list[int]) -> None:
    """Worked out by hand: largest remainder (the first class on a tie), at least one row of a class in each part."""
    split = validation_split(100, fraction, "stratified", y=LABELS)
    assert np.bincount(LABELS[split.validation]).tolist() == wanted


@pytest.mark.parametrize(
    "y", [LABELS[:, None], np.eye(3)[LABELS], np.array(["a", "b", "c"])[LABELS], pd.Series(LABELS)]
)
def test_kinds_of_labels(y: object) -> None:
    wanted = validation_split(100, 0.2, "stratified", y=LABELS).validation
    assert np.array_equal(validation_split(100, 0.2, "stratified", y=y).validation, wanted)


@pytest.mark.parametrize("seed", range(20))
def test_stratified_shares_are_near_for_any_classes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(2, 60, rng.integers(2, 12))
    labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    held = int(rng.integers(len(counts), counts.sum() - len(counts) + 1))
    _, test = train_test_split(labels, test_size=held, stratify=labels)
    shares = np.bincount(test, minlength=len(counts))
    assert shares.sum() == held and (shares >= 1).all() and (shares < counts).all()
    quota = counts * held / counts.sum()
    free = (quota >= 1) & (quota <= counts - 1)
    assert (np.abs(shares - quota)[free] < 2).all()


def test_time_holds_out_the_latest_rows() -> None:
    times = np.random.default_rng(0).permutation(50)
    split = validation_split(50, 0.2, "time", times=times)
    assert times[split.train].max() < times[split.validation].min() and len(split.validation) == 10
    assert split.sentence == "validation: the latest 10 of 50 rows (mode 'time')"
    dates = pd.Series(pd.date_range("2020-01-01", periods=50))[::-1]
    assert validation_split(50, 0.2, "time", times=dates).validation.tolist() == list(range(9, -1, -1))
    assert validation_split(50, 0.2, "time").validation.tolist() == list(range(40, 50))


def test_rows_of_one_time_stay_together() -> None:
    split = validation_split(10, 0.3, "time", times=[0, 0, 1, 1, 1, 2, 2, 2, 2, 2])
    assert split.validation.tolist() == [5, 6, 7, 8, 9]
    with pytest.raises(ArgumentError, match="both parts must have rows.*received rows of one time together"):
        validation_split(10, 0.3, "time", times=np.zeros(10))


def test_classes_in_one_part_only_are_told() -> None:
    assert validation_split(100, 0.1, y=LABELS).sentence.endswith("; beware, classes in one part only: 0, 2")
    assert validation_split(100, 0.04, y=LABELS[:, None]).sentence.endswith("only: 0, 1")
    assert validation_split(20, 0.5, y=np.arange(20)).sentence.endswith("only: 0, 1, 2, 3, 4, ...")
    assert "beware" not in validation_split(100, 0.1, "stratified", y=LABELS).sentence
    assert "beware" not in validation_split(100, 0.1, y=LABELS.astype(float)).sentence


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((10, 0.0), ArgumentError,
         "both parts must have rows. Expected a size that leaves 1 to 9 of 10 rows in each part, received fraction 0"),
        ((10, 1.0), ArgumentError, "both parts must have rows"),
        ((1, 0.5), ArgumentError, "both parts must have rows"),
        ((10, 0.2, "head"), ArgumentError,
         "the mode is not known. Expected one of tail, random, stratified, time, received 'head'"),
        ((10, 0.2, "stratified"), ArgumentError, "needs the class of every row. Expected 10 labels, received none"),
        ((10, 0.2, "stratified", [0, 1]), ArgumentError, "Expected 10 labels, received 2 labels"),
        ((4, 0.5, "stratified", [0, 0, 0, 1]), DataError,
         "at least 2 rows of each class and 2 in each part, received a smallest class of 1, parts of 2 and 2"),
        ((6, 0.2, "stratified", [0, 0, 1, 1, 2, 2]), DataError, "and 3 in each part"),
        ((10, 0.2, "time", None, 0, [1, 2]), ArgumentError,
         "times has one time per row. Expected shape (10,), received shape (2,)"),
    ],
)  # fmt: skip
def test_refused(arguments: tuple, error: type, sentence: str) -> None:
    with pytest.raises(error) as raised:
        validation_split(*arguments)
    assert sentence in str(raised.value) and str(raised.value).startswith("validation_split: ")


def test_train_test_split_keeps_rows_together_and_types() -> None:
    x, y = np.arange(40).reshape(20, 2), [f"label {i}" for i in range(20)]
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, seed=5)
    assert x_train.dtype == x.dtype and len(x_test) == 6 and len(x_train) == 14
    assert [f"label {row[0] // 2}" for row in x_train] == y_train.tolist()
    assert [f"label {row[0] // 2}" for row in x_test] == y_test.tolist()
    assert sorted(np.concatenate([x_train, x_test])[:, 0]) == list(range(0, 40, 2))


@pytest.mark.parametrize(("size", "n", "wanted"), [(0.25, 10, 3), (0.25, 8, 2), (0.5, 3, 2), (4, 10, 4), (0.01, 10, 1)])
def test_sizes_are_rounded_as_in_scikit_learn(size: float | int, n: int, wanted: int) -> None:
    ours = [len(part) for part in train_test_split(np.arange(n), test_size=size)]
    assert (
        ours
        == [len(part) for part in sklearn.model_selection.train_test_split(np.arange(n), test_size=size)]
        == [n - wanted, wanted]
    )


def test_stratified_train_test_split_mixes_the_classes() -> None:
    labels = np.repeat([0, 1], 50)
    train, test = train_test_split(labels, test_size=0.2, stratify=labels)
    assert np.bincount(train).tolist() == [40, 40] and np.bincount(test).tolist() == [10, 10]
    assert 20 < np.count_nonzero(np.diff(train)) < 60  # not sorted by class, so a tail split of it makes sense


@pytest.mark.parametrize(
    ("arrays", "options", "error", "sentence"),
    [
        ((), {}, DataError, "received no arrays"),
        (([1, 2], [1]), {}, DataError, "received (2,), (1,)"),
        (([1, 2],), {"test_size": 2}, ArgumentError, "received test_size 2"),
        (([1, 2],), {"test_size": 0.0}, ArgumentError, "received test_size 0.0"),
        (([],), {}, ArgumentError, "of 0 rows"),
        (([1, 2, 3],), {"stratify": [0, 1]}, ArgumentError, "Expected 3 labels, received 2 labels"),
    ],
)
def test_train_test_split_refuses(arrays: tuple, options: dict, error: type, sentence: str) -> None:
    with pytest.raises(error) as raised:
        train_test_split(*arrays, **options)
    assert sentence in str(raised.value)


def test_groups_go_to_one_part() -> None:
    groups = np.random.default_rng(0).integers(0, 30, 300)
    rows = np.arange(300)
    held = []
    for seed in range(20):
        train, test = train_test_split(rows, test_size=0.3, seed=seed, groups=groups)
        assert not set(groups[train]) & set(groups[test])
        assert np.array_equal(np.sort(np.concatenate([train, test])), rows)
        assert abs(len(test) - 90) <= np.bincount(groups).max() / 2
        held.append(set(test.tolist()))
    assert len({frozenset(part) for part in held}) > 15
    pair = train_test_split(rows, test_size=1, groups=np.repeat(["a", "b"], [299, 1]))
    assert sorted(map(len, pair)) == [1, 299]  # both parts keep a group


def test_groups_that_cannot_be_kept_apart() -> None:
    with pytest.raises(ArgumentError, match=r"shape \(4,\), 1 groups"):
        train_test_split(np.zeros(4), groups=[1, 1, 1, 1])
    with pytest.raises(ArgumentError, match="one value per row"):
        train_test_split(np.zeros(4), groups=[1, 2])
    with pytest.raises(ArgumentError, match="Expected stratify or groups, received both"):
        train_test_split(np.zeros(4), groups=[1, 1, 2, 2], stratify=[0, 1, 0, 1])
