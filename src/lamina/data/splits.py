"""Which rows train and which validate: by position, at random, class by class, or by time."""

from typing import Any, NamedTuple

import numpy as np

from ..core import ArgumentError, DataError
from .convert import raw_array
from .labels import class_codes
from .leaks import Leaks, compare_rows
from .randomness import SPLIT, permutation


class Split(NamedTuple):
    """Row numbers of two parts, and a sentence for the log that says how they were chosen.

    Args:
        train: int32 array.
        validation: int32 array; no row is in both.
        sentence: how the rows were chosen.

    Example:
        >>> Split(np.array([0]), np.array([1]), "validation: the last 1 of 2 rows").validation
        array([1])
    """

    train: np.ndarray
    validation: np.ndarray
    sentence: str

    def leaks(self, x: Any) -> Leaks:
        """The validation rows that equal a training row, both numbered as in the whole data x (N, ...).

        Example:
            >>> Split(np.array([0, 2]), np.array([1, 3]), "").leaks([[5], [6], [7], [5]]).sentence
            '1 of 2 test rows are also training rows: 3 (= 0)'
        """
        rows = raw_array(x, "x", "Split.leaks")
        return compare_rows(rows[self.train], rows[self.validation], self.train, self.validation)


def validation_split(
    n: int, fraction: float, mode: str = "tail", y: Any = None, seed: int = 0, times: Any = None
) -> Split:
    """Set n - floor(n * (1 - fraction)) of `n` rows apart for validation.

    Args:
        n: number of rows.
        fraction: between 0 and 1.
        mode: "tail" takes the last rows as they stand (Keras); "random" any rows; "stratified" the same share of
            every class; "time" the latest rows, and rows of one time stay together.
        y: labels (N,) or (N, 1), or one-hot rows; needed by "stratified". With the other modes, classes that
            would be missing from one part are named in the sentence.
        seed: of "random" and "stratified".
        times: (N,), anything that can be sorted, for "time"; None takes the rows to be in order of time.

    Returns:
        The row numbers of both parts and a sentence for the log.

    Raises:
        ArgumentError: an unknown mode, a fraction outside (0, 1), labels or times of another length.
        DataError: a part would be empty, or a class has too few rows for both parts.

    Example:
        >>> validation_split(10, 0.2).validation
        array([8, 9], dtype=int32)
        >>> validation_split(10, 0.2).sentence
        "validation: the last 2 of 10 rows as they stand, cut off before shuffling (mode 'tail')"

    Differs from Keras, which knows "tail" only and does not say so.
    """
    if mode not in _MODES:
        raise ArgumentError(
            "validation_split",
            "the mode is not known",
            expected=f"one of {', '.join(_MODES)}",
            received=repr(mode),
            remedy="Choose one of these",
        )
    held = n - int(n * (1.0 - fraction)) if 0.0 < fraction < 1.0 else 0
    _check_parts("validation_split", n, held, f"fraction {fraction}")
    if mode == "stratified":
        train, validation = _stratified(_labels(n, y, "validation_split"), held, seed, "validation_split")
    elif mode == "random":
        train, validation = _random(n, held, seed)
    elif mode == "time":
        train, validation = _latest(n, held, times)
    else:
        rows = np.arange(n, dtype=np.int32)
        train, validation = rows[: n - held], rows[n - held :]
    how = _MODES[mode].format(rows=f"{len(validation)} of {n} rows", seed=seed)
    sentence = f"validation: {how} (mode {mode!r})" + _missing_classes(train, validation, y)
    return Split(train, validation, sentence)


def train_test_split(
    *arrays: Any, test_size: float | int = 0.25, seed: int = 0, stratify: Any = None, groups: Any = None
) -> list[Any]:
    """Cut arrays into a training and a test part, rows chosen at random and kept in random order.

    Args:
        arrays: arrays, frames or lists, each (N, ...); types stay as they are.
        test_size: share of the rows (rounded up) or their number.
        seed: any integer; the same seed chooses the same rows.
        stratify: labels (N,) of which both parts get the same shares; None ignores classes.
        groups: (N,); rows of one group (a patient, a document) go to the same part, and the test part is as near to
            test_size as whole groups, drawn at random, allow. Not with stratify: see `k_fold` for both.

    Returns:
        [a_train, a_test, b_train, b_test, ...], as in scikit-learn.

    Raises:
        ArgumentError: a test_size outside the data, labels or groups of another length, or both of them.
        DataError: no arrays, unequal numbers of rows, or a class with too few rows for both parts.

    Example:
        >>> x_train, x_test = train_test_split(np.arange(4), test_size=1, seed=0)
        >>> x_train, x_test
        (array([2, 1, 0]), array([3]))
        >>> train_test_split(np.arange(4), groups=["a", "b", "b", "a"], test_size=0.5)
        [array([2, 1]), array([3, 0])]
    """
    who = "train_test_split"
    parts = [raw_array(array, f"array {i}", who) for i, array in enumerate(arrays)]
    sizes = {len(part) if part.ndim else 0 for part in parts}
    if len(sizes) != 1:
        raise DataError(
            who,
            "all arrays must have the same number of rows",
            expected="one number of rows",
            received=", ".join(str(part.shape) for part in parts) or "no arrays",
            remedy="Pass the arrays that belong together",
        )
    n = sizes.pop()
    held = int(np.ceil(test_size * n)) if isinstance(test_size, float) else test_size
    _check_parts(who, n, held, f"test_size {test_size}")
    if stratify is not None and groups is not None:
        raise ArgumentError(
            who,
            "rows are chosen by class or by group",
            expected="stratify or groups",
            received="both",
            remedy="Take the first split of lamina.data.k_fold(n, k, stratify=..., groups=...)",
        )
    if stratify is not None:
        train, test = _stratified(_labels(n, stratify, who), held, seed, who)
    elif groups is not None:
        train, test = _grouped(n, held, seed, groups)
    else:
        train, test = _random(n, held, seed)
    return [part[rows] for part in parts for rows in (train, test)]


_MODES = {
    "tail": "the last {rows} as they stand, cut off before shuffling",
    "random": "{rows} at random, seed {seed}",
    "stratified": "{rows}, the same share of every class, seed {seed}",
    "time": "the latest {rows}",
}


def _random(n: int, held: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    order = permutation(n, seed, place=SPLIT)
    return order[held:], order[:held]


def _grouped(n: int, held: int, seed: int, groups: Any) -> tuple[np.ndarray, np.ndarray]:
    """Hold out groups in random order, until the number of their rows is nearest to `held`; both parts keep one."""
    given = raw_array(groups, "groups", "train_test_split")
    if given.shape != (n,) or len(np.unique(given)) < 2:
        raise ArgumentError(
            "train_test_split",
            "groups has one value per row, and there are several of them",
            expected=f"shape ({n},) and two groups or more",
            received=f"shape {given.shape}, {len(np.unique(given))} groups",
            remedy="Pass the groups of the same rows",
        )
    order = permutation(n, seed, place=SPLIT)
    _, first, members, sizes = np.unique(given[order], return_index=True, return_inverse=True, return_counts=True)
    met = np.argsort(first)  # the groups in the order in which chance meets them
    count = 1 + int(np.argmin(np.abs(np.cumsum(sizes[met])[:-1] - held)))
    is_held = np.isin(members, met[:count])
    return order[~is_held], order[is_held]


def _latest(n: int, held: int, times: Any) -> tuple[np.ndarray, np.ndarray]:
    """Hold out at least `held` of the latest rows; none of them has the time of a row that trains."""
    when = np.arange(n) if times is None else raw_array(times, "times", "validation_split")
    if when.shape != (n,):
        raise ArgumentError(
            "validation_split",
            "times has one time per row",
            expected=f"shape ({n},)",
            received=f"shape {when.shape}",
            remedy="Pass times of the same rows, or none if the rows are in order",
        )
    order = np.argsort(when, kind="stable").astype(np.int32)
    first = int(np.searchsorted(when[order], when[order[n - held]], side="left"))
    _check_parts("validation_split", n, n - first, "rows of one time together")
    return order[:first], order[first:]


def _stratified(codes: np.ndarray, held: int, seed: int, who: str) -> tuple[np.ndarray, np.ndarray]:
    """Both parts in random order, with each class in both of them."""
    shares = _shares(np.bincount(codes), held, who)
    order = permutation(len(codes), seed, place=SPLIT)
    is_held = np.zeros(len(codes), bool)
    for code, share in enumerate(shares):
        is_held[order[codes[order] == code][:share]] = True
    return order[~is_held[order]], order[is_held[order]]


def _shares(counts: np.ndarray, held: int, who: str) -> np.ndarray:
    """How many rows of each class to hold out: proportional, at least one and not all, `held` in total.

    What rounding leaves over goes to the classes that are furthest from their share (largest remainder).
    """
    least = len(counts)
    if counts.min() < 2 or not least <= held <= counts.sum() - least:
        raise DataError(
            who,
            "a stratified split needs a row of every class in both parts",
            expected=f"at least 2 rows of each class and {least} in each part",
            received=f"a smallest class of {counts.min()}, parts of {counts.sum() - held} and {held}",
            remedy="Choose other sizes, join rare classes, or split at random",
        )
    quota = counts * (held / counts.sum())
    shares = np.clip(np.floor(quota).astype(int), 1, counts - 1)
    while (missing := held - shares.sum()) != 0:
        step = np.sign(missing)
        possible = (shares + step >= 1) & (shares + step <= counts - 1)
        shares[np.argmax(np.where(possible, step * (quota - shares), -np.inf))] += step
    return shares


def _labels(n: int, y: Any, who: str) -> np.ndarray:
    """Class codes of n rows."""
    codes = np.empty(0) if y is None else class_codes(y, who)[1]
    if len(codes) != n:
        raise ArgumentError(
            who,
            "a stratified split needs the class of every row",
            expected=f"{n} labels",
            received="none" if y is None else f"{len(codes)} labels",
            remedy="Pass the labels, or split at random",
        )
    return codes


def _missing_classes(train: np.ndarray, validation: np.ndarray, y: Any) -> str:
    """A warning, if classes occur in one part only."""
    labels = np.empty(0) if y is None else raw_array(y, "y", "validation_split")
    if labels.dtype.kind == "f" or labels.size != len(train) + len(validation):
        return ""
    labels = labels.ravel()
    one_sided = np.setxor1d(labels[train], labels[validation])
    shown = ", ".join(map(str, one_sided[:5])) + (", ..." if len(one_sided) > 5 else "")
    return f"; beware, classes in one part only: {shown}" if len(one_sided) else ""


def _check_parts(who: str, n: int, held: int, given: str) -> None:
    if not 0 < held < n:
        raise ArgumentError(
            who,
            "both parts must have rows",
            expected=f"a size that leaves 1 to {max(n - 1, 1)} of {n} rows in each part",
            received=given,
            remedy="Pass a fraction between 0 and 1 and enough rows",
        )
