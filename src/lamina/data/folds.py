"""Folds: several splits of the same rows, each row held out once; by chance, class, group or time."""

from typing import Any

import numpy as np

from ..core import ArgumentError, DataError
from .convert import raw_array
from .labels import class_codes
from .randomness import SPLIT, permutation
from .splits import Split


def k_fold(
    n: int, k: int = 5, *, stratify: Any = None, groups: Any = None, repeats: int = 1, seed: int = 0
) -> list[Split]:
    """Cut `n` rows into k parts of equal size and hold out each of them once.

    Args:
        n: number of rows.
        k: number of folds.
        stratify: labels (N,): every fold gets the same share of each class.
        groups: (N,): rows of one group (a patient, a document) stay in one fold. Sizes and shares are then as equal
            as dealing out the groups, the largest first, to the fold that lacks most makes them.
        repeats: how often to cut anew, in another random order.
        seed: any integer; the same seed cuts in the same way.

    Returns:
        k · repeats splits.

    Raises:
        ArgumentError: k below 2, no repeats, labels or groups of another length.
        DataError: fewer rows, groups or rows of a class than folds.

    Example:
        >>> [split.validation.tolist() for split in k_fold(6, 3)]
        [[3, 5], [2, 1], [4, 0]]
        >>> [split.validation.tolist() for split in k_fold(6, 2, groups=["a", "a", "b", "b", "b", "c"])]
        [[3, 2, 4], [5, 1, 0]]

    Reference: Kohavi 1995, A study of cross-validation and bootstrap. As scikit-learn's KFold, StratifiedKFold,
    GroupKFold, StratifiedGroupKFold and their repeated forms, always shuffled.
    """
    _check(n, k, repeats)
    classes = np.zeros(n, np.intp) if stratify is None else _codes(stratify, n, "stratify")
    members = None if groups is None else _codes(groups, n, "groups")
    unit = "rows of each class" if members is None else "groups"
    units = int(np.bincount(classes).min() if members is None else members.max() + 1)
    if units < k:
        raise DataError(
            "k_fold",
            "each fold needs its share",
            expected=f"at least {k} {unit}",
            received=units,
            remedy="Take fewer folds",
        )
    kind = " and ".join(["stratified"] * (stratify is not None) + ["grouped"] * (groups is not None)) or "random"
    splits = []
    for repeat in range(repeats):
        order = permutation(n, seed, epoch=repeat, place=SPLIT)
        fold = _dealt(classes, order, k) if members is None else _dealt_groups(classes, members, order, k)
        for i in range(k):
            held = fold[order] == i
            sentence = f"validation: fold {i + 1} of {k}, {held.sum()} of {n} rows ({kind}, seed {seed}"
            sentence += f", repeat {repeat + 1} of {repeats})" if repeats > 1 else ")"
            splits.append(Split(order[~held], order[held], sentence))
    return splits


def _dealt(classes: np.ndarray, order: np.ndarray, k: int) -> np.ndarray:
    """The fold of each row: class after class, in random order within, dealt out like cards.

    Consecutive cards go to different hands, so that no two folds differ by more than one row, in any class or in all.
    """
    fold = np.empty(len(classes), np.intp)
    fold[order[np.argsort(classes[order], kind="stable")]] = np.arange(len(classes)) % k
    return fold


def _dealt_groups(classes: np.ndarray, groups: np.ndarray, order: np.ndarray, k: int) -> np.ndarray:
    """The fold of each row: whole groups, the largest first, each to the fold where the sum of squared shares,
    over all folds and classes, grows least. Random order decides between groups of one size."""
    counts = np.zeros((groups.max() + 1, classes.max() + 1))
    np.add.at(counts, (groups, classes), 1.0)
    share = counts / counts.sum(axis=0)
    shuffled = groups[order][np.sort(np.unique(groups[order], return_index=True)[1])]
    by_size = shuffled[np.argsort(-counts.sum(axis=1)[shuffled], kind="stable")]
    held, fold_of = np.zeros((k, share.shape[1])), np.empty(len(share), np.intp)
    for group in by_size:  # (h + s)² - h² = 2 h s + s², of which only the first part depends on the fold
        fold_of[group] = np.argmin(np.round(held @ share[group], 12))
        held[fold_of[group]] += share[group]
    return fold_of[groups]


def time_folds(
    n: int, k: int = 5, *, times: Any = None, size: int | None = None, gap: int = 0, window: int | None = None
) -> list[Split]:
    """Walk forward: train on the past and validate on what comes next, k times.

    Args:
        n: number of rows.
        k: number of folds.
        times: (N,), anything that can be sorted; None takes the rows to be in order of time.
        size: rows in each validation part; None is n // (k + 1).
        gap: rows left out between training and validation, as long as features look back or targets ahead.
        window: most rows of training; None trains on all of the past.

    Returns:
        k splits, the earliest first. Rows of one time can stand on both sides of a cut; a gap keeps them apart.

    Raises:
        ArgumentError: k below 2, times of another length, sizes below their least value.
        DataError: not enough rows for so many folds of that size.

    Example:
        >>> for split in time_folds(8, 3): print(split.train, split.validation)
        [0 1] [2 3]
        [0 1 2 3] [4 5]
        [0 1 2 3 4 5] [6 7]

    Reference: Bergmeir and Benítez 2012, On the use of cross-validation for time series predictor evaluation.
    As scikit-learn's TimeSeriesSplit, for rows in any order.
    """
    _check(n, k, 1)
    size = n // (k + 1) if size is None else size
    first = n - k * size
    if size < 1 or gap < 0 or (window is not None and window < 1) or first - gap < 1:
        raise DataError(
            "time_folds",
            "each fold needs rows before its validation part",
            expected=f"size >= 1, gap >= 0, window >= 1, and {k} · size + gap below {n}",
            received=f"size {size}, gap {gap}, window {window}",
            remedy="Take fewer or smaller folds, or a smaller gap",
        )
    order = np.argsort(_of_length(np.arange(n) if times is None else times, n, "times"), kind="stable").astype(np.int32)
    splits = []
    for i, start in enumerate(range(first, n, size)):
        train = order[max(0, start - gap - (window or n)) : start - gap]
        sentence = f"validation: fold {i + 1} of {k}, {size} rows after the {len(train)} that train"
        splits.append(Split(train, order[start : start + size], sentence))
    return splits


def _codes(values: Any, n: int, name: str) -> np.ndarray:
    labels = class_codes(values, "k_fold")[1] if name == "stratify" else values
    return np.unique(_of_length(labels, n, name), return_inverse=True)[1]


def _of_length(values: Any, n: int, name: str) -> np.ndarray:
    array = raw_array(values, name, "folds")
    if array.shape == (n,):
        return array
    raise ArgumentError(
        "folds",
        f"{name} has one value per row",
        expected=f"shape ({n},)",
        received=f"shape {array.shape}",
        remedy="Pass the values of the same rows",
    )


def _check(n: int, k: int, repeats: int) -> None:
    if k < 2 or repeats < 1 or n < k:
        raise ArgumentError(
            "folds",
            "there must be folds, and rows in each of them",
            expected=f"2 <= k <= {n} folds, and at least one repeat",
            received=f"k = {k}, repeats = {repeats}",
            remedy="Take 5 or 10 folds, or more rows",
        )
