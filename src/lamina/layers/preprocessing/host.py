"""What the user passes, text or numbers, as NumPy arrays on the host, and the layers that take it so."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...core import DataError, DTypeError, ShapeError, Symbol, Tensor, is_float
from ..layer import Layer


def is_traced(value: Any) -> bool:
    """Whether `value` stands for numbers that are not there yet: in a compiled step, or in a graph of layers."""
    return isinstance(value, Symbol) or isinstance(value, Tensor) and isinstance(value.array, jax.core.Tracer)


def in_program() -> bool:
    """Whether a program is being traced, where even constants are not computed yet."""
    return isinstance(jnp.zeros(()), jax.core.Tracer)


def is_text(array: np.ndarray) -> bool:
    """Whether an array from `to_host` holds strings."""
    return array.dtype.kind == "O"


def to_host(value: Any, who: str, encoding: str = "utf-8") -> np.ndarray:
    """Numbers as a NumPy array, text as an array of Python strings.

    Raises:
        ShapeError: lists of unequal length.
        DTypeError: neither numbers nor text, or both.

    Example:
        >>> to_host([["a", b"b"]], "StringLookup").tolist(), to_host([1, 2], "Hashing").dtype.kind
        ([['a', 'b']], 'i')
    """
    array = _as_numpy(value, who)
    if array.dtype.kind == "S":
        array = np.char.decode(array, encoding)
    if array.dtype.kind in "UT":
        return array.astype(object)
    if array.dtype.kind in "biuf" or is_float(array.dtype):
        return array
    if array.dtype.kind == "O" and all(isinstance(item, (str, bytes)) for item in array.flat):
        items = [item.decode(encoding) if isinstance(item, bytes) else item for item in array.flat]
        return _objects(items).reshape(array.shape)
    odd = next((item for item in array.flat if not isinstance(item, (str, bytes))), array.dtype)
    raise DTypeError(
        who,
        "the values must be all text or all numbers",
        expected="strings, integers or floats",
        received=f"{odd!r}",
        remedy="Fill missing values, and turn other things into strings or integers first",
    )


def _as_numpy(value: Any, who: str) -> np.ndarray:
    if hasattr(value, "to_numpy"):
        return np.asarray(value.to_numpy())
    if isinstance(value, str):
        return np.array(value, dtype=object)
    if not isinstance(value, (list, tuple)):
        return np.asarray(value)
    array = np.array(value, dtype=object)  # long texts would be padded to the longest otherwise
    if any(isinstance(item, (list, tuple)) for item in array.flat):
        raise ShapeError(
            who,
            "the rows must have one length",
            expected="lists of equal lengths",
            received=f"lengths {', '.join(str(len(row)) for row in value[:8])} ...",
            remedy="Pad the rows to one length, for example with the mask token",
        )
    return array if any(isinstance(item, (str, bytes)) for item in array.flat) else np.asarray(value)


def _objects(items: list[str]) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def whole_numbers(array: np.ndarray, who: str) -> np.ndarray:
    """`array` as integers; floats are taken if they are whole, text is not."""
    if array.dtype.kind in "iub":
        return array
    if is_text(array):
        raise DTypeError(
            who,
            "the values must be whole numbers",
            expected="integers",
            received=f"text, first {array.flat[0]!r}" if array.size else "text",
            remedy="StringLookup turns text into integers",
        )
    wrong = np.argwhere(array != np.trunc(array))
    if len(wrong):
        raise DataError(
            who,
            "the values must be whole numbers",
            expected="integers",
            received=f"{array[tuple(wrong[0])]} at {tuple(wrong[0].tolist())}",
            remedy="Discretization turns floats into integers",
        )
    return array.astype(np.int64)


def batches(data: Any, who: str, steps: int | None = None, encoding: str = "utf-8") -> Iterator[np.ndarray]:
    """The arrays to learn from: the data itself, or the elements of a Dataset or of another iterable.

    Of elements (x, y) the x is taken. A Dataset of single rows gives batches of one row.
    """
    if hasattr(data, "__array__") or hasattr(data, "to_numpy") or isinstance(data, str) or _is_one_array(data):
        yield to_host(data, who, encoding)
        return
    if not isinstance(data, Iterable):
        raise DTypeError(
            who,
            "adapt learns from an array, a list or an iterable of batches",
            expected="an array, a list of values, a Dataset or a generator",
            received=f"a {type(data).__name__}",
            remedy="Pass the inputs of the training data",
        )
    empty = True
    for element in itertools.islice(data, steps):
        empty = False
        batch = to_host(element[0] if isinstance(element, tuple) else element, who, encoding)
        yield batch[None] if getattr(data, "batched", None) is False else batch
    if empty:
        raise DataError(
            who,
            "there is nothing to learn from",
            expected="at least one batch",
            received=f"an empty {type(data).__name__}",
            remedy="A generator runs once: wrap the function that makes it in Dataset.from_generator",
        )


def _is_one_array(data: Any) -> bool:
    """A list of values or of lists of values; a list of arrays is several batches."""
    return isinstance(data, (list, tuple)) and not any(hasattr(item, "__array__") and np.ndim(item) for item in data)


class HostLayer(Layer):
    """A layer that takes text or 64-bit integers, which a device does not hold: it works with NumPy on the host.

    With `takes_numbers`, a compiled step or a graph of layers may also pass it numbers.
    """

    takes_numbers = True
    encoding = "utf-8"  # of bytes in the data

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(self._prepared(inputs), *args, **kwargs)

    def _prepared(self, value: Any) -> Any:
        if is_traced(value) and self.takes_numbers:
            return value
        if not is_traced(value):
            array = to_host(value, self.who, self.encoding)
            if self.takes_numbers and not is_text(array) or not in_program():
                return array
        raise DTypeError(
            self.who,
            "text is not part of a compiled step or of a graph of layers",
            expected="a call before the model",
            received="a call inside it",
            remedy="Call the layer first: model(layer(texts)), model.fit(layer(texts), y) or dataset.map(layer)",
        )

    def _as_input(self, value: Any) -> Any:
        """The values stay as they are: the number type of the layer would change them."""
        return value

    @property
    def who(self) -> str:
        """What error sentences call the layer."""
        return f"{type(self).__name__} {self.name!r}"
