"""What users pass as data becomes dicts, tuples and lists of NumPy arrays, without a copy where none is needed."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core import ArgumentError, DataError, DTypeError, ShapeError, floatx, is_float

Tree = Any  # an array, or a dict, tuple or list of trees

_REMEDIES = {  # by kind of dtype
    "U": "Turn text into numbers first, for example with np.unique(labels, return_inverse=True)",
    "M": "Turn dates into numbers first, for example into days since the first one",
    "c": "Pass the real and the imaginary part as two arrays",
    "O": "Make one array of numbers first, for example with np.asarray(rows, dtype='float32')",
}
_REMEDIES |= {"S": _REMEDIES["U"], "T": _REMEDIES["U"], "m": _REMEDIES["M"]}


def is_array_like(value: Any) -> bool:
    """Arrays, tensors, frames and series: what turns itself into a NumPy array with at least one axis."""
    converts = hasattr(value, "__array__") or hasattr(value, "to_numpy")
    return converts and getattr(value, "ndim", 1) != 0


def is_structure(value: Any) -> bool:
    """Whether `value` holds several arrays. A list of numbers, or of lists of numbers, is one array."""
    if isinstance(value, list | tuple):
        return any(is_array_like(item) or is_structure(item[:1] if _is_list(item) else item) for item in value)
    return isinstance(value, Mapping)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def to_tree(value: Any, name: str, who: str, float_dtype: str | None = None) -> Tree:
    """`value` with every leaf turned into an array by `to_array`; a leaf is named by its path, as x['image'][0]."""
    if not is_structure(value):
        return to_array(value, name, who, float_dtype)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise ArgumentError(
                    who,
                    f"the keys of {name} are names",
                    expected="strings",
                    received=repr(key),
                    remedy="Use the names of the model's inputs or outputs",
                )
        return {key: to_tree(item, f"{name}[{key!r}]", who, float_dtype) for key, item in value.items()}
    items = [to_tree(item, f"{name}[{i}]", who, float_dtype) for i, item in enumerate(value)]
    return tuple(items) if isinstance(value, tuple) else items


def to_array(value: Any, name: str, who: str, float_dtype: str | None = None) -> np.ndarray:
    """One array of numbers: floats become `float_dtype`, 64-bit integers int32, the rest stays as stored.

    Args:
        value: array, tensor, frame, series, or (nested) list of numbers.
        name: what error sentences call it.
        who: the function that refuses.
        float_dtype: type of floats; None is the policy's.

    Raises:
        DTypeError: text, dates, objects, complex numbers.
        ShapeError: rows of unequal length.
        DataError: an integer beyond int32, a masked value.
    """
    array = raw_array(value, name, who)
    if array.dtype == (float_dtype or floatx()):
        return array
    if array.dtype.kind == "f" or is_float(array.dtype):  # the second also knows bfloat16
        with np.errstate(over="ignore"):  # what overflows becomes infinite, which check_finite reports
            return array.astype(float_dtype or floatx(), copy=False)
    if array.dtype.kind in "iu":
        narrow = _to_int32(array, name, who) if array.dtype.itemsize == 8 else array
        return narrow.astype(narrow.dtype.newbyteorder("="), copy=False)
    if array.dtype.kind == "b":
        return array
    raise DTypeError(
        who,
        f"{name} must hold numbers",
        expected="floats, integers or booleans",
        received=_describe(value, array),
        remedy=_REMEDIES.get("U" if _holds_text(array) else array.dtype.kind, _REMEDIES["O"]),
    )


def _holds_text(array: np.ndarray) -> bool:
    """Text that pandas or polars handed over as objects."""
    return array.size > 0 and isinstance(array.flat[0], str)


def raw_array(value: Any, name: str, who: str) -> np.ndarray:
    """`value` as a NumPy array of whatever type it has."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise DataError(
            who,
            f"{name} has masked values",
            expected="a value everywhere",
            received=f"{np.ma.count_masked(value)} masked values",
            remedy="Fill them with value.filled(...), or drop their rows",
        )
    if hasattr(value, "to_numpy"):
        array = np.asarray(value.to_numpy())
        return array if array.dtype.kind in "biuf" or array.ndim != 2 else _join_columns(value, name, who)
    try:
        return np.asarray(value)
    except ValueError as error:
        if not _is_list(value):
            raise
        raise ShapeError(
            who,
            f"the rows of {name} must have one length",
            expected="rows of one shape",
            received=_unequal_rows(value),
            remedy="Pad the rows to one length with lamina.data.pad_sequences",
        ) from error


def _join_columns(frame: Any, name: str, who: str) -> np.ndarray:
    """A frame whose columns differ in type, column by column: booleans beside floats are fine, text is named."""
    items = frame.items() if hasattr(frame, "items") else ((column.name, column) for column in frame.iter_columns())
    columns = [(label, column.to_numpy()) for label, column in items]
    refused = [f"{label!r} ({column.dtype})" for label, column in columns if column.dtype.kind not in "biuf"]
    if refused:
        raise DTypeError(
            who,
            f"every column of {name} must hold numbers",
            expected="floats, integers or booleans",
            received=f"column {', '.join(refused)}",
            remedy="Drop these columns, fill their gaps, or turn them into numbers",
        )
    return np.column_stack([column for _, column in columns])


def _to_int32(array: np.ndarray, name: str, who: str) -> np.ndarray:
    limits = np.iinfo(np.int32)
    if array.size and (array.max() > limits.max or array.min() < limits.min):
        flat = int(np.argmax((array > limits.max) | (array < limits.min)))
        raise DataError(
            who,
            f"an integer of {name} does not fit into 32 bits",
            expected=f"values from {limits.min} to {limits.max}",
            received=f"{array.flat[flat]} in row {np.unravel_index(flat, array.shape)[0] if array.ndim else 0}",
            remedy="Number the distinct values from 0, or pass floats",
        )
    return array.astype(np.int32)


def _unequal_rows(rows: Any) -> str:
    """The shape of the first row and the first other shape, or the first row that is itself ragged."""
    shapes = []
    for i, row in enumerate(rows):
        try:
            shapes.append(np.shape(row))
        except ValueError:
            return f"a ragged row {i}"
        if shapes[i] != shapes[0]:
            return f"shape {shapes[0]} in row 0 and {shapes[i]} in row {i}"
    return "rows that NumPy cannot join"


def _describe(value: Any, array: np.ndarray) -> str:
    """What came, in the user's words: a lone object by its type, an array by its dtype and first item."""
    if array.ndim == 0:
        return f"{value!r}" if isinstance(value, str) else f"a {type(value).__name__}"
    first = f", first {array.flat[0]!r}" if array.size else ""
    return f"dtype {array.dtype}{first}"
