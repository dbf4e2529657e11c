"""Folds: every row held out once a repeat, shares and groups as scikit-learn keeps them, time in order."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, StratifiedKFold, TimeSeriesSplit

from lamina.core import ArgumentError, DataError
from lamina.data import Split, k_fold, time_folds

LABELS = np.random.default_rng(0).permutation(np.repeat(["a", "b", "c"], [70, 23, 10]))
GROUPS = np.random.default_rng(1).integers(0, 25, len(LABELS))


def assert_partition(splits: list[Split], n: int, k: int) -> None:
    assert len(splits) == k
    assert np.array_equal(np.sort(np.concatenate([split.validation for split in splits])), np.arange(n))
    for split in splits:
        assert np.array_equal(np.sort(np.concatenate(split[:2])), np.arange(n))


@pytest.mark.parametrize("stratify", [None, LABELS])
@pytest.mark.parametrize("groups", [None, GROUPS])
@pytest.mark.parametrize("k", [2, 5, 10])
def test_each_repeat_holds_every_row_out_once(stratify, groups, k):
    n = len(LABELS)
    splits = k_fold(n, k, stratify=stratify, groups=groups, repeats=2, seed=3)
    first, second = splits[:k], splits[k:]
    assert_partition(first, n, k)
    assert_partition(second, n, k)
    assert [s.validation.tolist() for s in first] != [s.validation.tolist() for s in second]


def test_chance_depends_on_the_seed_only():
    held = [[s.validation.tolist() for s in k_fold(30, 3, seed=seed)] for seed in (1, 1, 2)]
    assert held[0] == held[1] != held[2]
    assert held[0] != np.arange(30).reshape(3, 10).tolist()


@pytest.mark.parametrize("n", [10, 11, 14])
def test_sizes_differ_by_one_row_at_most(n):
    sizes = [len(split.validation) for split in k_fold(n, 5)]
    assert sum(sizes) == n and max(sizes) - min(sizes) <= 1


def test_classes_are_shared_out_as_in_scikit_learn():
    _, codes = np.unique(LABELS, return_inverse=True)
    own = np.array([np.bincount(codes[split.validation]) for split in k_fold(len(codes), 5, stratify=LABELS)])
    peer = [np.bincount(codes[test]) for _, test in StratifiedKFold(5).split(codes, codes)]
    assert np.array_equal(np.sort(own, axis=0), np.sort(peer, axis=0))
    assert np.ptp(own.sum(axis=1)) <= 1


@pytest.mark.parametrize("stratify", [None, LABELS])
def test_groups_are_never_cut(stratify):
    for split in k_fold(len(GROUPS), 5, groups=GROUPS, stratify=stratify):
        assert not set(GROUPS[split.train]) & set(GROUPS[split.validation])


def test_groups_are_as_equal_as_in_scikit_learn():
    own = sorted(len(split.validation) for split in k_fold(len(GROUPS), 5, groups=GROUPS))
    peer = sorted(len(test) for _, test in GroupKFold(5).split(GROUPS, groups=GROUPS))
    assert own == peer


def test_groups_with_equal_shares_of_the_classes():
    """Each class has small groups of its own: shares must come out as if there were none."""
    y = np.repeat([0, 1], [80, 20])
    groups = np.arange(100) // 2
    for split in k_fold(100, 5, stratify=y, groups=groups):
        assert np.bincount(y[split.validation]).tolist() == [16, 4]


def test_the_sentence_says_how():
    assert k_fold(10, 5, seed=7)[1].sentence == "validation: fold 2 of 5, 2 of 10 rows (random, seed 7)"
    last = k_fold(103, 5, stratify=LABELS, groups=GROUPS, repeats=3)[-1].sentence
    assert last.startswith("validation: fold 5 of 5, ")
    assert last.endswith("(stratified and grouped, seed 0, repeat 3 of 3)")


@pytest.mark.parametrize(
    "options", [{}, {"gap": 2}, {"size": 5}, {"size": 3, "gap": 1, "window": 7}, {"k": 8}, {"window": 1}]
)
def test_time_folds_are_scikit_learns(options):
    names = {"k": "n_splits", "size": "test_size", "gap": "gap", "window": "max_train_size"}
    peer = TimeSeriesSplit(**{names[key]: value for key, value in options.items()})
    own = time_folds(43, **options)
    for split, (train, test) in zip(own, peer.split(np.zeros(43)), strict=True):
        assert split.train.tolist() == train.tolist() and split.validation.tolist() == test.tolist()


def test_time_folds_follow_the_times():
    times = pd.Series(pd.date_range("2020-01-01", periods=40))[::-1]
    for split in time_folds(40, 4, times=times):
        when = times.to_numpy()
        assert when[split.train].max() < when[split.validation].min()
    assert time_folds(40, 4, times=times)[0].validation.tolist() == list(range(31, 23, -1))
    assert time_folds(40, 4)[1].sentence == "validation: fold 2 of 4, 8 rows after the 16 that train"


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: k_fold(10, 1), ArgumentError, "there must be folds, .* received k = 1"),
        (lambda: k_fold(3, 4), ArgumentError, "there must be folds"),
        (lambda: k_fold(10, 2, repeats=0), ArgumentError, "repeats = 0"),
        (lambda: k_fold(4, 2, groups=[0, 1]), ArgumentError, r"groups has one value per row. Expected shape \(4,\)"),
        (lambda: k_fold(4, 2, stratify=[0, 1]), ArgumentError, "stratify has one value per row"),
        (lambda: k_fold(4, 2, stratify=[0, 0, 0, 1]), DataError, "at least 2 rows of each class, received 1"),
        (lambda: k_fold(4, 3, groups=[0, 0, 0, 1]), DataError, "at least 3 groups, received 2"),
        (lambda: time_folds(10, 5, size=2), DataError, "each fold needs rows before"),
        (lambda: time_folds(10, 2, gap=4), DataError, "received size 3, gap 4, window None"),
        (lambda: time_folds(10, 2, times=[1, 2]), ArgumentError, "times has one value per row"),
    ],
)  # fmt: skip
def test_refused(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
