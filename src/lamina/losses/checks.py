"""What labels must be, checked on the host before training: an error that names the row, not a NaN an epoch later."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import DataError, ShapeError

Shape = Sequence[int | None]


def _fits(shape: Sequence[int], wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(m is None or n == m for n, m in zip(shape, wanted, strict=True))


def _first(wrong: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), wrong.shape))


def _where(y: np.ndarray, place: tuple[int, ...]) -> str:
    more = f", element {list(place[1:])}" if any(place[1:]) or y.ndim > 1 and y[0].size > 1 else ""
    return f"{y[place].item()!r} in row {place[0]}{more}"


def check_same_shape(who: str, y: np.ndarray, output_shape: Shape, remedy: str) -> None:
    """Labels have the shape of the predictions, but for a last axis of size 1.

    Raises:
        ShapeError: they do not.

    Example:
        >>> check_same_shape("MeanSquaredError", np.zeros(8), (None, 1), "")
        >>> check_same_shape("MeanSquaredError", np.zeros(8), (None, 2), "Use 1 unit")
        Traceback (most recent call last):
        lamina.core.errors.ShapeError: MeanSquaredError: labels have the shape of the predictions.
        Expected (N, 2), received (8,). Use 1 unit.
    """
    wanted = tuple(output_shape)[1:]
    shapes = [wanted, *([wanted[:-1]] if wanted[-1:] == (1,) else [(*wanted, 1)])]
    if not any(_fits(y.shape[1:], shape) for shape in shapes):
        raise ShapeError(
            who,
            "labels have the shape of the predictions",
            expected=f"({', '.join(map(str, ('N', *wanted)))})",
            received=y.shape,
            remedy=remedy,
        )


def check_numbers(who: str, y: np.ndarray, low: float, high: float, remedy: str) -> None:
    """Labels are finite numbers within [low, high].

    Raises:
        DataError: one is not; its row is named.

    Example:
        >>> check_numbers("BinaryCrossentropy", np.array([0.0, 2.0]), 0, 1, "Divide by the largest")
        Traceback (most recent call last):
        lamina.core.errors.DataError: BinaryCrossentropy: a label is out of range.
        Expected numbers within [0, 1], received 2.0 in row 1. Divide by the largest.
    """
    if y.dtype.kind not in "biuf":
        remedy = "Encode them first"
        raise DataError(who, "labels are numbers", expected="a number type", received=y.dtype, remedy=remedy)
    wrong = ~((y >= low) & (y <= high) & np.isfinite(y))
    if wrong.any():
        expected = "finite numbers" if low == -np.inf else f"numbers within [{low:g}, {high:g}]"
        received = _where(y, _first(wrong))
        rule = "a label is out of range" if low > -np.inf else "a label is not finite"
        raise DataError(who, rule, expected=expected, received=received, remedy=remedy)


def check_distributions(who: str, y: np.ndarray, axis: int, tolerance: float = 1e-3) -> None:
    """Labels sum to 1 over the classes.

    Raises:
        DataError: a row does not.

    Example:
        >>> check_distributions("CategoricalCrossentropy", np.array([[0.0, 1.0], [1.0, 1.0]]), axis=-1)
        Traceback (most recent call last):
        lamina.core.errors.DataError: CategoricalCrossentropy: the labels of a sample sum to 1.
        Expected one-hot rows or probabilities, received a sum of 2 in row 1. ...
    """
    sums = y.sum(axis=axis, dtype="float64")
    wrong = np.abs(sums - 1.0) > tolerance
    if wrong.any():
        place = _first(wrong)
        raise DataError(
            who,
            "the labels of a sample sum to 1",
            expected="one-hot rows or probabilities",
            received=f"a sum of {sums[place]:g} in row {place[0]}",
            remedy="Use BinaryCrossentropy if several classes can be true at once, or divide by the sum",
        )


def check_class_numbers(who: str, y: np.ndarray, output_shape: Shape, axis: int, ignored: int | None) -> None:
    """Labels are whole numbers from 0 to the number of classes - 1, one per sample.

    Raises:
        ShapeError: there is not one per sample.
        DataError: a label is not whole or names no class; its row is named.

    Example:
        >>> check_class_numbers("SparseCategoricalCrossentropy", np.array([1, 2, 3]), (None, 3), -1, None)
        Traceback (most recent call last):
        lamina.core.errors.DataError: SparseCategoricalCrossentropy: a label names no class. Expected whole numbers
        from 0 to 2 (the output has 3 classes), received 3 in row 2. Labels count from 0: subtract 1.
    """
    output = list(output_shape)
    classes = output.pop(axis)
    if not (_fits(y.shape[1:], output[1:]) or _fits(y.shape[1:], [*output[1:], 1])):
        one_hot = _fits(y.shape[1:], tuple(output_shape)[1:])
        raise ShapeError(
            who,
            "there is one class number per sample",
            expected=f"({', '.join(map(str, ('N', *output[1:])))})",
            received=y.shape,
            remedy="Use CategoricalCrossentropy for one-hot labels" if one_hot else "Remove the class axis",
        )
    check_numbers(who, y, -np.inf, np.inf, "Remove or fill rows without a label")
    check_whole(who, y)
    _check_classes(who, y, classes, ignored)


def check_whole(who: str, y: np.ndarray) -> None:
    """Labels are whole numbers, whatever their type.

    Raises:
        DataError: one is not; its row is named.

    Example:
        >>> check_whole("Circle", np.array([0.0, 1.5]))
        Traceback (most recent call last):
        lamina.core.errors.DataError: Circle: class numbers are whole.
        Expected whole numbers, received 1.5 in row 1. ...
    """
    wrong = y != np.floor(y) if y.dtype.kind == "f" else np.zeros(1, bool)
    if wrong.any():
        raise DataError(
            who,
            "class numbers are whole",
            expected="whole numbers",
            received=_where(y, _first(wrong)),
            remedy="Use MeanSquaredError for quantities, or CategoricalCrossentropy for probabilities",
        )


def _check_classes(who: str, y: np.ndarray, classes: int | None, ignored: int | None) -> None:
    wrong = (y < 0) | (y >= classes if classes is not None else False)
    if ignored is not None:
        wrong &= y != ignored
    if not wrong.any():
        return
    last = "the number of classes - 1" if classes is None else f"{classes - 1} (the output has {classes} classes)"
    raise DataError(
        who,
        "a label names no class",
        expected=f"whole numbers from 0 to {last}",
        received=_where(y, _first(wrong)),
        remedy=_class_remedy(y, classes),
    )


def _class_remedy(y: np.ndarray, classes: int | None) -> Any:
    low, high = int(y.min()), int(y.max())
    if classes == 1:
        return "Give the last layer one unit per class, or use BinaryCrossentropy"
    if classes is not None and low >= 1 and high == classes:
        return "Labels count from 0: subtract 1"
    if low < 0:
        return f"Use ignore_class={low} if it marks samples to leave out, or renumber the labels from 0"
    return f"Give the last layer {high + 1} units, or renumber the labels from 0 without gaps"
