"""Padding and cutting sequences; the expected arrays are written out by hand."""

import numpy as np
import pytest

from lamina.core import ArgumentError, DTypeError, ShapeError
from lamina.data import pad_sequences

ROWS = [[1], [2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, [[0, 0, 1], [0, 2, 3], [4, 5, 6]]),
        ({"padding": "post"}, [[1, 0, 0], [2, 3, 0], [4, 5, 6]]),
        ({"value": -1}, [[-1, -1, 1], [-1, 2, 3], [4, 5, 6]]),
        ({"maxlen": 2}, [[0, 1], [2, 3], [5, 6]]),
        ({"maxlen": 2, "truncating": "post"}, [[0, 1], [2, 3], [4, 5]]),
        ({"maxlen": 2, "truncating": "post", "padding": "post"}, [[1, 0], [2, 3], [4, 5]]),
        ({"maxlen": 4}, [[0, 0, 0, 1], [0, 0, 2, 3], [0, 4, 5, 6]]),
        ({"maxlen": 0}, [[], [], []]),
    ],
)
def test_sides(options: dict, wanted: list) -> None:
    made = pad_sequences(ROWS, **options)
    assert made.dtype == "int32" and made.tolist() == wanted


def test_items_with_axes_and_empty_sequences() -> None:
    made = pad_sequences([[], np.ones((1, 2)), np.full((3, 2), 2.0)], dtype="float32", value=9.0)
    assert made.dtype == "float32" and made.shape == (3, 3, 2)
    assert made[:, :, 0].tolist() == [[9, 9, 9], [9, 9, 1], [2, 2, 2]]
    assert pad_sequences([]).shape == (0, 0) and pad_sequences([[], []]).shape == (2, 0)


def test_integers_may_change_their_size() -> None:
    assert pad_sequences([[255]], dtype="uint8").tolist() == [[255]]
    assert pad_sequences([[1, 2]], dtype="float32").tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("rows", "options", "error", "sentence"),
    [
        ([[1], [0.5, 2.0]], {}, DTypeError,
         "Expected items that int32 can hold, received np.float64(0.5) ... of dtype float64 in sequence 1"),
        ([[2**31]], {}, DTypeError, "items that int32 can hold"),
        ([[-1]], {"dtype": "uint8"}, DTypeError, "items that uint8 can hold"),
        ([["a"]], {}, DTypeError, "items that int32 can hold"),
        ([[1], 2], {}, ShapeError, "Expected a list of sequences, received the single value 2 in sequence 1"),
        ([[[1, 2]], [[1, 2, 3]]], {}, ShapeError, "Expected items of shape (2,), received (3,) in sequence 1"),
        ([[[1, 2], [3]]], {}, ShapeError, "received a ragged sequence in sequence 0"),
        (ROWS, {"padding": "left"}, ArgumentError, "padding names one side. Expected 'pre' or 'post', received 'left'"),
        (ROWS, {"truncating": "left"}, ArgumentError, "truncating names one side"),
        (ROWS, {"maxlen": -1}, ArgumentError, "maxlen is a length"),
    ],
)  # fmt: skip
def test_refused(rows: list, options: dict, error: type, sentence: str) -> None:
    with pytest.raises(error) as raised:
        pad_sequences(rows, **options)
    assert sentence in str(raised.value)
