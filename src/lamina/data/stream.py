"""Generators and other sources of batches, checked batch by batch on their way into training."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..core import ArgumentError, DataError
from .arrays import as_array_data
from .convert import Tree, is_array_like, is_structure
from .dataset import Dataset

Batch = tuple[Tree, Tree, Tree]


def is_stream(x: Any) -> bool:
    """Whether `x` is a source of batches rather than the data itself.

    Streams are datasets, generators, loaders and lists of `(x, y)` tuples; arrays, frames, dicts, tuples
    and lists of arrays or numbers are data.

    Example:
        >>> is_stream(zip([1], [2])), is_stream([[1, 2], [3, 4]])
        (True, False)
    """
    if isinstance(x, list):
        return bool(x) and all(isinstance(item, tuple) and is_structure(item) for item in x)
    if is_array_like(x) or isinstance(x, tuple | Mapping | str | bytes | bytearray | memoryview | range):
        return False
    return isinstance(x, Iterable) or _is_sequence(x)


def as_batches(source: Any, *, who: str = "fit", epoch: int = 0, float_dtype: str | None = None) -> Iterator[Batch]:
    """The batches of one epoch as `(x, y, sample_weight)`, each in the form and with the checks of `as_array_data`.

    Args:
        source: a `Dataset`, or any iterable of `x`, `(x, y)` or `(x, y, sample_weight)`.
        who: the function named in error sentences.
        epoch: which epoch of a `Dataset`; other sources are simply iterated.
        float_dtype: name of a float type; None is the dtype policy's.

    Raises:
        ArgumentError: a dataset of single rows.
        DataError: no batch at all, a batch of other parts than the first, or unusable data.

    Example:
        >>> batches = as_batches(iter([([[1.0], [2.0]], [0, 1])]))
        >>> x, y, w = next(batches)
        >>> x.shape, y.tolist(), w
        ((2, 1), [0, 1], None)
    """
    parts = 0
    for i, element in enumerate(_elements(source, epoch, who)):
        where = f"{who}, batch {i}"
        given = _unpack(element, where)
        parts = parts or len(given)
        if len(given) != parts:
            raise DataError(
                where,
                "every batch must have the same parts",
                expected=f"{_parts(parts)}, as in batch 0",
                received=_parts(len(given)),
                remedy="Let the source give the same parts each time",
            )
        data = as_array_data(*given, who=where, float_dtype=float_dtype)
        yield data.x, data.y, data.sample_weight
    if not parts:
        raise DataError(
            who,
            "the source gave no batch",
            expected="at least one batch",
            received=f"an empty or used-up {type(source).__name__}",
            remedy="A generator runs once: wrap the function that makes it in Dataset.from_generator",
        )


def _elements(source: Any, epoch: int, who: str) -> Iterator[Any]:
    if not isinstance(source, Dataset):
        return (source[i] for i in range(len(source))) if _is_sequence(source) else iter(source)
    if source.batched is False:
        raise ArgumentError(
            who,
            "a dataset must give batches",
            expected="a batched Dataset",
            received="a Dataset of single rows",
            remedy="Add .batch(32)",
        )
    return source.epoch(epoch)


def _is_sequence(source: Any) -> bool:
    """A loader with a length and numbered batches but without iteration, as Keras' PyDataset."""
    return not isinstance(source, Iterable) and hasattr(source, "__getitem__") and hasattr(source, "__len__")


def _unpack(element: Any, where: str) -> tuple[Any, ...]:
    """x, y and sample_weight of a batch, as far as they are there."""
    packed = isinstance(element, tuple) or isinstance(element, list) and is_structure(element)
    given = tuple(element) if packed else (element,)
    if not 1 <= len(given) <= 3:
        raise DataError(
            where,
            "a batch has one to three parts",
            expected="x, (x, y) or (x, y, sample_weight)",
            received=f"a {type(element).__name__} of {len(given)}",
            remedy="Put several inputs into one tuple or dict: ((x1, x2), y)",
        )
    while len(given) > 1 and given[-1] is None:
        given = given[:-1]
    return given


def _parts(count: int) -> str:
    return ("x alone", "x and y", "x, y and sample_weight")[count - 1]
