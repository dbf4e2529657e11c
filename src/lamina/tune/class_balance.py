"""How unequal the classes are, and what to do about it."""

from typing import Any, NamedTuple

import numpy as np

from ..data import class_weights
from ..data.labels import class_codes

_EQUAL, _RARE = 1.5, 10.0  # imbalance ratios below which nothing is needed, above which accuracy says little


class ClassBalance(NamedTuple):
    """What `class_balance` found.

    Args:
        counts: rows by class.
        ratio: rows of the largest class over those of the smallest.
        baseline: accuracy of always answering the largest class, which a model has to beat.
        weights: by class, as `fit(class_weight=...)` takes them; every class then counts the same.
        advice: in words.

    Example:
        >>> class_balance([0, 0, 1, 1]).advice
        'The classes are balanced: accuracy is a fair score, beyond the 0.5 of always answering 0'
    """

    counts: dict[Any, int]
    ratio: float
    baseline: float
    weights: dict[Any, float]
    advice: str


def class_balance(y: Any) -> ClassBalance:
    """Count the classes and say whether training and scores should allow for their sizes.

    Args:
        y: labels (N,) or (N, 1) of any type, or one-hot rows (N, K).

    Returns:
        `ClassBalance`; the weights are n / (K · n_k), of `lamina.data.class_weights`.

    Raises:
        ShapeError: y does not hold one class per row.

    Example:
        >>> found = class_balance([0] * 95 + [1] * 5)
        >>> found.ratio, found.baseline, found.weights[1]
        (19.0, 0.95, 10.0)
        >>> print(found.advice)
        Class 1 is rare (5 of 100 rows, ratio 19): answering always 0 is right for 0.95 of the rows, so judge by
        precision and recall (PR-AUC, F1), pass class_weight, split stratified, and choose the threshold by its cost

    Reference: King and Zeng 2001, Logistic regression in rare events data; He and Garcia 2009, Learning from
    imbalanced data.
    """
    classes, codes = class_codes(y, "class_balance")
    counts = np.bincount(codes)
    most, fewest = int(counts.argmax()), int(counts.argmin())
    ratio, baseline = float(counts[most] / counts[fewest]), float(counts[most] / len(codes))
    rare = f"Class {classes[fewest]} is {{}} ({counts[fewest]} of {len(codes)} rows, ratio {ratio:.3g}): "
    rare += f"answering always {classes[most]} is right for {baseline:.3g} of the rows, so "
    if ratio < _EQUAL:
        advice = "The classes are balanced: accuracy is a fair score, "
        advice += f"beyond the {baseline:.3g} of always answering {classes[most]}"
    elif ratio < _RARE:
        advice = rare.format("smaller") + "report balanced accuracy or F1 beside accuracy, and split stratified"
    else:
        advice = rare.format("rare") + "judge by precision and recall (PR-AUC, F1), pass class_weight, "
        advice += "split stratified, and choose the threshold by its cost"
    table = dict(zip(classes.tolist(), counts.tolist(), strict=True))
    return ClassBalance(table, ratio, baseline, class_weights(y), advice)
