"""Mistakes in the targets: classes that are missing, rare or in order, numbers out of proportion."""

from collections.abc import Iterator

import numpy as np

from ...core import DataError, LaminaError, ShapeError
from .case import REGRESSION, SPARSE, Case, Head
from .finding import Finding

_RARE = 20.0  # rows of the largest class for one of the smallest, from which on it is said
_FEW_CLASSES = 50  # with more of them, rare ones are usual
_LARGE = 1000.0  # root mean square of the targets of a regression


def targets_refused(case: Case) -> Iterator[Finding]:
    """What the losses themselves say of the targets: shapes, ranges, sums."""
    try:
        case.model.objective.check_targets(case.y, case.x)
    except ShapeError as error:
        yield Finding.of_error("target-shape", error)
    except DataError as error:
        yield Finding.of_error("target-values", error)
    except LaminaError as error:
        yield Finding.of_error("targets-refused", error)


def one_class(case: Case) -> Iterator[Finding]:
    """All rows have the same answer."""
    for head in case.heads:
        y = head.y[case.rows]
        if case.n >= 10 and y.size and (head.y == head.y[0]).all() and head.y[0].size == 1:
            kind = "class" if head.is_classification else "number"
            yield Finding(
                "one-class",
                "error",
                f"all targets of {head.where} are the same {kind}",
                f"{head.y.flat[0]:g} in all of {case.n:,} rows",
                "Look at how the targets were read; there is nothing to tell apart",
            )


def class_imbalance(case: Case) -> Iterator[Finding]:
    """A class that is rare: accuracy then says little."""
    for head in case.heads:
        labels = head.labels(head.y)
        if labels is None or case.n < 100:
            continue
        classes, counts = np.unique(labels, return_counts=True)
        if 2 <= len(classes) <= _FEW_CLASSES and counts.max() >= _RARE * counts.min() and not case.weighted:
            most, fewest = int(counts.argmax()), int(counts.argmin())
            yield Finding(
                "class-imbalance",
                "warning",
                f"class {classes[fewest]} of {head.where} is rare",
                f"{counts[fewest]:,} of {case.n:,} rows; always answering {classes[most]} is right for "
                f"{100 * counts[most] / case.n:.1f} %",
                "Judge by precision, recall or F1, and pass class_weight=lamina.data.class_weights(y)",
            )


def unused_units(case: Case) -> Iterator[Finding]:
    """Far more outputs than classes."""
    for head in case.heads:
        labels, units = head.labels(head.y), head.shape[-1]
        if labels is None or not isinstance(head.loss, SPARSE) or units is None or case.n < 50 * units:
            continue
        classes = len(np.unique(labels))
        if units > 1.5 * classes:
            yield Finding(
                "unused-units",
                "warning",
                f"{head.where} has more units than there are classes",
                f"{units} units, {classes} classes in {case.n:,} rows",
                f"Give the last layer {classes} units, or look for classes that were lost",
            )


def validation_classes(case: Case) -> Iterator[Finding]:
    """A class that one of the two parts does not have."""
    for head in case.heads:
        labels, judged = head.labels(head.y), head.labels(head.y_val)
        if labels is None or judged is None:
            continue
        known, counts = np.unique(labels, return_counts=True)
        seen = np.unique(judged)
        unknown = np.setdiff1d(seen, known)
        if len(unknown):
            yield Finding(
                "class-not-trained",
                "warning",
                f"the validation part of {head.where} has classes that training never shows",
                f"class {unknown[0]}: {int((judged == unknown[0]).sum())} of {len(judged)} validation rows, "
                f"none of {case.n:,} training rows; {len(unknown)} such classes",
                'Split with split_mode="stratified"; validation_split takes the last rows by default',
            )
        expected = counts * len(judged) / case.n
        missing = known[(expected >= 10) & ~np.isin(known, seen)]
        if len(missing):
            yield Finding(
                "class-not-validated",
                "warning",
                f"the validation part of {head.where} lacks classes",
                f"class {missing[0]}: none of {len(judged)} validation rows, about "
                f"{expected[known == missing[0]][0]:.0f} were to be expected; {len(missing)} such classes",
                'Split with split_mode="stratified"; validation_split takes the last rows by default',
            )


def sorted_labels(case: Case) -> Iterator[Finding]:
    """Rows in the order of their classes, which nobody shuffles: a step sees one class only."""
    if case.shuffle or not case.whole:
        return
    for head in case.heads:
        labels = head.labels(head.y)
        if labels is None or case.n < 4 * case.batch_size or case.n < 20:
            continue
        changes = int((labels[1:] != labels[:-1]).sum())
        if 0 < changes < len(np.unique(labels)):
            yield Finding(
                "sorted-labels",
                "warning",
                f"the rows are sorted by the class of {head.where}, and shuffle=False",
                f"{changes + 1} runs of one class each in {case.n:,} rows, batches of {case.batch_size}",
                "Leave shuffle on, or shuffle the rows once",
            )


def unscaled_targets(case: Case) -> Iterator[Finding]:
    """Targets of a regression that are far larger than what a network puts out at the start."""
    for head in case.heads:
        if not isinstance(head.loss, REGRESSION):
            continue
        y = head.y[case.rows].astype(np.float64)
        size = float(np.sqrt(np.mean(y**2)))
        if size > _LARGE and not _has_scale_of_its_own(head):
            yield Finding(
                "unscaled-targets",
                "warning",
                f"the targets of {head.where} are large numbers",
                f"from {y.min():.4g} to {y.max():.4g}, root mean square {size:.4g}; a network starts at about 1",
                "Subtract their mean and divide by their standard deviation, and undo that after predict",
            )


def _has_scale_of_its_own(head: Head) -> bool:
    """Something follows the last layer, which may well be the scale."""
    return head.layer is None or type(head.layer).__name__ in ("Rescaling", "Normalization")
