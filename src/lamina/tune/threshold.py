"""From scores to decisions: the threshold that costs least, or that has the best F-score."""

from typing import Any, NamedTuple

import numpy as np

from ..core import ArgumentError, DataError


class Threshold(NamedTuple):
    """A decision rule: answer 1 where score >= value.

    Args:
        value: the threshold.
        criterion: its mean cost per row, or its F-score, on the rows it was chosen on.
        confusion: (2, 2), rows by true class (first) and answer (second).
        calibrated: the best threshold for these costs if the scores were true probabilities; None for an F-score.

    Example:
        >>> choose_threshold([0, 1], [0.2, 0.8]).value
        0.5
    """

    value: float
    criterion: float
    confusion: np.ndarray
    calibrated: float | None = None


def choose_threshold(y: Any, scores: Any, *, costs: Any = None, beta: float = 1.0) -> Threshold:
    """Try every threshold that tells the scores apart, and take the best.

    With a cost matrix, the mean of costs[true, answer] is made smallest; without,
    F_β = (1 + β²) TP / ((1 + β²) TP + β² FN + FP) is made largest. Choose on validation rows, not on those trained on:
    there the scores are too good.

    Args:
        y: true classes 0 or 1, (N,) or (N, 1); both must occur.
        scores: (N,) or (N, 1), larger for class 1; probabilities or logits.
        costs: [[C_00, C_01], [C_10, C_11]]: what the answer (second index) costs for a row of the true class (first).
        beta: β, how much more recall counts than precision; not used with costs.

    Returns:
        `Threshold`: midway between two scores; below or above all of them if one answer is best for every row.
        Of equally good ones the highest.

    Raises:
        ArgumentError: costs of another shape, or by which a wrong answer is not dearer than the right one; β <= 0.
        DataError: other classes than 0 and 1, one class only, scores that are not finite or of another length.

    Example:
        >>> y, scores = [0, 0, 1, 0, 1], [0.1, 0.3, 0.4, 0.6, 0.9]
        >>> choose_threshold(y, scores).value  # one false alarm, nothing missed
        0.35
        >>> found = choose_threshold(y, scores, costs=[[0, 5], [1, 0]])  # a false alarm costs five misses
        >>> found.value, found.criterion, found.confusion.tolist()
        (0.75, 0.2, [[3, 0], [1, 1]])

    Reference: Elkan 2001, The foundations of cost-sensitive learning; van Rijsbergen 1979, Information retrieval.
    """
    labels, values = _checked(y, scores)
    matrix = None if costs is None else _cost_matrix(costs)
    if beta <= 0:
        raise ArgumentError(
            "choose_threshold",
            "beta weighs recall against precision",
            expected="beta > 0",
            received=beta,
            remedy="Take 1, or 2 if misses are worse than false alarms",
        )
    cuts, confusions = _all_cuts(labels, values)
    if matrix is None:
        quality = _f_beta(confusions, beta)
        best, calibrated = int(quality.argmax()), None
    else:
        quality = (confusions * matrix).sum(axis=(1, 2)) / len(labels)
        best = int(quality.argmin())
        false_alarm, miss = matrix[0, 1] - matrix[0, 0], matrix[1, 0] - matrix[1, 1]
        calibrated = float(false_alarm / (false_alarm + miss))
    return Threshold(float(cuts[best]), float(quality[best]), confusions[best], calibrated)


def _all_cuts(labels: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Thresholds (M,) from above all scores to below them, and the confusion matrix (M, 2, 2) of each."""
    distinct, place = np.unique(-values, return_inverse=True)
    ends = np.r_[distinct[0] - 1.0, distinct, distinct[-1] + 1.0]
    cuts = -(ends[:-1] + ends[1:]) / 2
    answered = np.zeros((2, len(cuts)), np.int64)  # rows of each true class at or above the cut
    np.add.at(answered, (labels, place + 1), 1)
    answered = answered.cumsum(axis=1)
    totals = np.bincount(labels)[:, None]
    return cuts, np.stack([totals - answered, answered], axis=-1).transpose(1, 0, 2)


def _f_beta(confusions: np.ndarray, beta: float) -> np.ndarray:
    hits = (1 + beta**2) * confusions[:, 1, 1]
    f_beta: np.ndarray = hits / (hits + beta**2 * confusions[:, 1, 0] + confusions[:, 0, 1])
    return f_beta


def _checked(y: Any, scores: Any) -> tuple[np.ndarray, np.ndarray]:
    labels, values = np.asarray(y).ravel(), np.asarray(scores, np.float64).ravel()
    if set(labels.tolist()) == {0, 1} and labels.shape == values.shape and np.isfinite(values).all():
        return labels.astype(np.intp), values
    bad = int((~np.isfinite(values)).sum())
    raise DataError(
        "choose_threshold",
        "each row has a class, 0 or 1, and a finite score, and both classes occur",
        expected=f"{len(values)} classes of 0 and 1",
        received=f"{len(labels)} classes of {sorted(set(labels.tolist()))[:5]}, {bad} bad scores",
        remedy="Pass validation rows of both classes",
    )


def _cost_matrix(costs: Any) -> np.ndarray:
    matrix = np.asarray(costs, np.float64)
    if matrix.shape == (2, 2) and matrix[0, 1] > matrix[0, 0] and matrix[1, 0] > matrix[1, 1]:
        return matrix
    raise ArgumentError(
        "choose_threshold",
        "wrong answers cost more than right ones",
        expected="costs[true][answer], 2 x 2, the right answers on the diagonal",
        received=matrix.tolist(),
        remedy="For example [[0, 1], [5, 0]] if a miss costs five false alarms",
    )
