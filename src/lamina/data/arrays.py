"""A data set in memory: inputs, targets and weights with one number of rows, checked before anything is trained."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..core import DataError, ShapeError, floatx, is_float
from .convert import Tree, is_structure, to_tree

_FEW = 4096  # values


@dataclass(frozen=True)
class ArrayData:
    """Inputs, targets and weights: arrays, or dicts, tuples or lists of arrays, with N rows each.

    Args:
        x: inputs, each (N, ...).
        y: targets, each (N, ...), or None.
        sample_weight: weights of the rows, each (N,) or (N, ...), or None.

    Example:
        >>> data = ArrayData(np.arange(6).reshape(3, 2), np.array([0, 1, 0]))
        >>> data.n, data.take(np.array([2, 0])).x.tolist()
        (3, [[4, 5], [0, 1]])
    """

    x: Tree
    y: Tree = None
    sample_weight: Tree = None

    @property
    def n(self) -> int:
        """Number of rows."""
        first = self.x if isinstance(self.x, np.ndarray) else jax.tree.leaves(self.x)[0]
        return int(first.shape[0])

    def take(self, rows: Any) -> "ArrayData":
        """The given rows of every array; a slice gives views, an index array copies, an integer drops the axis."""
        parts = (jax.tree.map(lambda a: a[rows], part) for part in (self.x, self.y, self.sample_weight))
        return ArrayData(*parts)


def as_array_data(
    x: Any, y: Any = None, sample_weight: Any = None, *, who: str = "fit", float_dtype: str | None = None
) -> ArrayData:
    """Bring what a user passes as data into one form, and refuse what cannot be trained on.

    Floats become `float_dtype` (one cast, none if they are already), 64-bit integers int32; other integers
    and booleans stay as stored and are not copied.

    Args:
        x: array, tensor, frame, series, list of numbers, or dict, tuple or list of these; each (N, ...).
        y: the same, or None.
        sample_weight: the same, or None; becomes float.
        who: the function named in error sentences.
        float_dtype: name of a float type; None is the dtype policy's.

    Raises:
        DataError: no rows, unequal numbers of rows, NaN or infinite values, integers beyond 32 bits.
        ShapeError: a lone number, or rows of unequal length.
        DTypeError: text, dates, objects.

    Example:
        >>> data = as_array_data([[0.0, 1.0], [2.0, 3.0]], [0, 1])
        >>> data.n, data.x.dtype.name, data.y.dtype.name
        (2, 'float32', 'int32')
        >>> as_array_data(np.zeros((3, 2)), np.zeros(2))
        Traceback (most recent call last):
        lamina.core.errors.DataError: fit: all arrays must have the same number of rows. ...

    Differs from Keras, which trains on NaN, and takes a list of numbers as a list of inputs.
    """
    if y is None and sample_weight is None and float_dtype is None and _is_ready(x):
        return ArrayData(x)
    given = {"x": x} | {k: v for k, v in {"y": y, "sample_weight": sample_weight}.items() if v is not None}
    trees = {name: to_tree(value, name, who, float_dtype) for name, value in given.items()}
    if "sample_weight" in trees:
        weight_dtype = float_dtype or floatx()
        trees["sample_weight"] = jax.tree.map(lambda w: w.astype(weight_dtype, copy=False), trees["sample_weight"])
    _check_rows([leaf for name, tree in trees.items() for leaf in named_leaves(tree, name)], x, who)
    for name, tree in trees.items():
        check_finite(tree, who, name)
    return ArrayData(**trees)


def _is_ready(x: Any) -> bool:
    """Whether nothing needs to be changed, nor can be refused: so it is with the rows that a server answers."""
    if type(x) is not np.ndarray or x.ndim == 0 or not 0 < x.size <= _FEW:
        return False
    return x.dtype == np.int32 or (x.dtype == floatx() and bool(np.isfinite(x).all()))


def named_leaves(tree: Tree, name: str) -> Iterator[tuple[str, np.ndarray]]:
    """The arrays of a tree with the paths at which they stand, such as x['image'][0]."""
    if isinstance(tree, np.ndarray):
        yield name, tree
        return
    for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
        yield name + jax.tree_util.keystr(path), leaf


def check_finite(tree: Tree, who: str, name: str = "x") -> None:
    """Refuse NaN and infinite values, saying where the first one is; integers are not looked at.

    Args:
        tree: arrays, each (N, ...).
        who: the function that refuses.
        name: what error sentences call the data.

    Raises:
        DataError: a value is not finite.

    Example:
        >>> check_finite(np.array([1.0, np.nan, np.inf]), "fit", "y")
        Traceback (most recent call last):
        lamina.core.errors.DataError: fit: y has values that are not finite. Expected finite numbers,
        received 1 NaN and 1 infinite of 3 values, the first in row 1. ...
    """
    for path, array in named_leaves(tree, name):
        if is_float(array.dtype) and not _sum_is_finite(array):
            _refuse_non_finite(array, path, who)


def _sum_is_finite(array: np.ndarray) -> bool:
    """False if any value is not finite, since NaN and infinities survive addition; one pass, nothing stored.

    Of few values each is looked at, which takes less time than to silence NumPy's warnings.
    """
    if array.size <= _FEW:
        return bool(np.isfinite(array).all())
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(array.sum()))


def _refuse_non_finite(array: np.ndarray, name: str, who: str) -> None:
    finite = np.isfinite(array)
    if finite.all():  # only the sum had overflowed
        return
    nans, bad = int(np.isnan(array).sum()), int(array.size - finite.sum())
    raise DataError(
        who,
        f"{name} has values that are not finite",
        expected="finite numbers",
        received=f"{nans} NaN and {bad - nans} infinite of {array.size} values, "
        f"the first in row {int(np.argmin(finite)) // (array.size // array.shape[0])}",
        remedy="Drop these rows or fill them, for example with np.nan_to_num",
    )


def _check_rows(leaves: list[tuple[str, np.ndarray]], x: Any, who: str) -> None:
    """Every array has rows, and all have the same number of them."""
    for name, array in leaves:
        if array.ndim == 0:
            raise ShapeError(
                who,
                f"{name} must have an axis of rows",
                expected="shape (N, ...)",
                received=f"the single value {array}",
                remedy="Pass one row per sample; a Dataset of single rows needs .batch(32)",
            )
    sizes = {name: array.shape[0] for name, array in leaves}
    if len(set(sizes.values())) > 1:
        raise DataError(
            who,
            "all arrays must have the same number of rows",
            expected="one number of rows",
            received=", ".join(f"{name} with {n}" for name, n in sizes.items()),
            remedy="Turn the list of rows into one array with np.stack(x)"
            if isinstance(x, list) and is_structure(x) and len(x) in sizes.values()
            else "Check how the arrays were cut or filtered",
        )
    if not sizes or any(array.size == 0 for _, array in leaves):
        shapes = ", ".join(f"{name} of shape {array.shape}" for name, array in leaves)
        raise DataError(
            who,
            "there is no data",
            expected="at least one row and one value in it",
            received=shapes or "no arrays at all",
            remedy="Check the file or the filter that the data came from",
        )
