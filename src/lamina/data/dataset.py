"""Elements that can be mapped, shuffled, batched and read ahead; an epoch asked for twice is the same twice."""

from collections.abc import Callable, Iterator
from itertools import count as count_up
from itertools import islice
from typing import Any

import jax
import numpy as np

from ..core import ArgumentError, DTypeError, ShapeError
from .arrays import ArrayData, as_array_data
from .convert import to_tree
from .parallel import mapped
from .prefetch import prefetched
from .randomness import BUFFER, MAP, generator, permutation


class Dataset:
    """Elements in epochs; each method returns a new dataset and leaves this one as it is.

    A dataset keeps no position: `epoch(e)` starts epoch e afresh whenever it is called, and what it gives
    depends on e and the seeds only. `fit` asks for epoch 0, 1, 2 ...; a plain `for` loop is epoch 0.
    An element is whatever the source gives; for `fit` a batch `x`, `(x, y)` or `(x, y, sample_weight)`.

    Args:
        epoch: function from the number of the epoch to an iterator over its elements.
        length: number of elements in an epoch; None if that is not known.
        batched: whether elements are batches; None if that is not known.

    Example:
        >>> squares = Dataset.from_arrays(np.arange(5), np.arange(5) ** 2).shuffle(seed=1).batch(2)
        >>> [y.tolist() for x, y in squares.epoch(0)], [y.tolist() for x, y in squares.epoch(1)]
        ([[9, 4], [0, 1], [16]], [[0, 9], [16, 4], [1]])
        >>> len(squares)
        3

    Differs from tf.data, where an unseeded shuffle changes by itself from one iteration to the next.
    """

    def __init__(
        self, epoch: Callable[[int], Iterator[Any]], length: int | None = None, batched: bool | None = None
    ) -> None:
        self._epoch = epoch
        self.length = length
        self.batched = batched

    @staticmethod
    def from_arrays(x: Any, y: Any = None, sample_weight: Any = None) -> "Dataset":
        """One element per row, from anything that `fit` takes as arrays; nothing is copied before batching."""
        data = as_array_data(x, y, sample_weight, who="Dataset.from_arrays")
        everything = np.arange(data.n, dtype=np.int32)
        return _Rows(data, lambda epoch: everything, data.n)

    @staticmethod
    def from_generator(make: Callable[[], Iterator[Any]], length: int | None = None) -> "Dataset":
        """The elements of `make()`, which is called anew for every epoch.

        Example:
            >>> list(Dataset.from_generator(lambda: iter("abc")).take(2))
            ['a', 'b']
        """
        if not callable(make):
            raise DTypeError(
                "Dataset.from_generator",
                "the source is a function, so that every epoch can start afresh",
                expected="a function without arguments that returns an iterator",
                received=f"a {type(make).__name__}",
                remedy="Pass the generator function itself, without calling it",
            )
        return Dataset(lambda epoch: iter(make()), length)

    def epoch(self, epoch: int) -> Iterator[Any]:
        """A fresh iterator over epoch number `epoch`."""
        return self._epoch(epoch)

    def __iter__(self) -> Iterator[Any]:
        return self.epoch(0)

    def __len__(self) -> int:
        if self.length is None:
            raise DTypeError(
                "Dataset",
                "the length is not known",
                expected="a source of known length",
                received="a generator or an endless repetition",
                remedy="Pass length= to Dataset.from_generator, or steps_per_epoch= to fit",
            )
        return self.length

    def __bool__(self) -> bool:
        return True  # not by length, which may be unknown

    def __repr__(self) -> str:
        return f"Dataset(length={self.length}, batched={self.batched})"

    def _sized(self, epoch: Callable[[int], Iterator[Any]], size: Callable[[int], int]) -> "Dataset":
        """A dataset whose length follows from this one's."""
        return Dataset(epoch, None if self.length is None else size(self.length), self.batched)

    def map(self, fn: Callable[..., Any], seed: int | None = None, threads: int = 1) -> "Dataset":
        """Apply `fn` to every element; a tuple is passed as separate arguments.

        An error in `fn` is raised where the dataset is iterated, with a note that numbers the element.

        Args:
            fn: function of an element.
            seed: if given, fn also gets `rng=`, a NumPy generator that depends on (seed, epoch, position) only,
                so that random changes of the data are the same in every run and new in every epoch.
            threads: how many elements to work on at a time, for a `fn` that waits for files or spends its time in
                NumPy; they are the same elements in the same order for every number. `fn` is then called from
                several threads, and the source is read some elements ahead. With 1, the consumer does it all.

        Example:
            >>> noisy = Dataset.from_arrays(np.zeros(2)).map(lambda x, rng: x + rng.integers(9), seed=3, threads=4)
            >>> list(noisy) == list(noisy), list(noisy) == list(noisy.epoch(1))
            (True, False)

        Differs from tf.data, whose name for the threads is num_parallel_calls, and where random changes depend on them.
        """
        _check_count("map", "threads", threads, 1)

        def epoch(e: int) -> Iterator[Any]:
            def one(numbered: tuple[int, Any]) -> Any:
                i, element = numbered
                arguments = element if isinstance(element, tuple) else (element,)
                try:
                    return fn(*arguments) if seed is None else fn(*arguments, rng=generator(seed, e, MAP, i))
                except Exception as error:
                    error.add_note(f"In Dataset.map, element {i} of epoch {e}.")
                    raise

            def source() -> Iterator[Any]:
                return enumerate(self.epoch(e))

            return mapped(one, source, threads) if threads > 1 else (one(element) for element in source())

        return self._sized(epoch, lambda n: n)

    def shuffle(self, seed: int = 0, buffer: int | None = None) -> "Dataset":
        """Visit the elements in an order that depends on (seed, epoch) only.

        Args:
            seed: any integer.
            buffer: how many elements may wait to be drawn from; None holds all of them (free for arrays).
        """

        def epoch(e: int) -> Iterator[Any]:
            waiting: list[Any] = []
            rng = generator(seed, e, BUFFER)
            for element in self.epoch(e):
                if buffer is None or len(waiting) < buffer:
                    waiting.append(element)
                else:
                    drawn = int(rng.integers(buffer))
                    yield waiting[drawn]
                    waiting[drawn] = element
            for i in permutation(len(waiting), seed, e):
                yield waiting[i]

        if buffer is not None:
            _check_count("shuffle", "buffer", buffer, 1)
        return self._sized(epoch, lambda n: n)

    def batch(self, batch_size: int, drop_remainder: bool = False) -> "Dataset":
        """Join `batch_size` elements into one whose arrays have an axis of rows (N, ...) in front.

        Args:
            batch_size: rows of a batch.
            drop_remainder: whether to leave out a last, smaller batch.
        """
        _check_count("batch", "batch_size", batch_size, 1)

        def epoch(e: int) -> Iterator[Any]:
            elements = self.epoch(e)
            while rows := list(islice(elements, batch_size)):
                if len(rows) == batch_size or not drop_remainder:
                    yield _stack(rows)

        length = None if self.length is None else _batches(self.length, batch_size, drop_remainder)
        return Dataset(epoch, length, batched=True)

    def prefetch(self, buffer_size: int = 2) -> "Dataset":
        """Read up to `buffer_size` elements ahead in a thread, which ends with the iteration."""
        _check_count("prefetch", "buffer_size", buffer_size, 1)
        return self._sized(lambda e: prefetched(lambda: self.epoch(e), buffer_size), lambda n: n)

    def take(self, count: int) -> "Dataset":
        """The first `count` elements of each epoch."""
        _check_count("take", "count", count, 0)
        return self._sized(lambda e: islice(self.epoch(e), count), lambda n: min(n, count))

    def skip(self, count: int) -> "Dataset":
        """Each epoch without its first `count` elements."""
        _check_count("skip", "count", count, 0)
        return self._sized(lambda e: islice(self.epoch(e), count, None), lambda n: max(n - count, 0))

    def repeat(self, count: int | None = None) -> "Dataset":
        """`count` epochs as one: epoch e has this dataset's epochs e*count ... e*count + count-1.

        With None it does not end: epoch e has this dataset's epochs e, e+1, ...
        """
        if count is not None:
            _check_count("repeat", "count", count, 0)

        def epoch(e: int) -> Iterator[Any]:
            for inner in count_up(e) if count is None else range(e * count, (e + 1) * count):
                empty = True
                for element in self.epoch(inner):
                    empty = False
                    yield element
                if empty:
                    return  # an endless repetition of nothing would never return

        length = None if self.length is None or count is None else self.length * count
        return Dataset(epoch, length, self.batched)


class _Rows(Dataset):
    """Rows of arrays in memory: the order is an index array, so shuffling and batching never touch single rows."""

    def __init__(self, data: ArrayData, order: Callable[[int], np.ndarray], length: int) -> None:
        def rows(e: int) -> Iterator[Any]:
            return (_pack(data.take(i)) for i in order(e))

        super().__init__(rows, length, batched=False)
        self._data, self._order, self._count = data, order, length

    def shuffle(self, seed: int = 0, buffer: int | None = None) -> Dataset:
        if buffer is not None and buffer < self._count:
            return super().shuffle(seed, buffer)
        return _Rows(self._data, lambda e: self._order(e)[permutation(self._count, seed, e)], self._count)

    def take(self, count: int) -> Dataset:
        _check_count("take", "count", count, 0)
        return _Rows(self._data, lambda e: self._order(e)[:count], min(self._count, count))

    def skip(self, count: int) -> Dataset:
        _check_count("skip", "count", count, 0)
        return _Rows(self._data, lambda e: self._order(e)[count:], max(self._count - count, 0))

    def batch(self, batch_size: int, drop_remainder: bool = False) -> Dataset:
        _check_count("batch", "batch_size", batch_size, 1)
        batches = _batches(self._count, batch_size, drop_remainder)

        def epoch(e: int) -> Iterator[Any]:
            order = self._order(e)
            for i in range(batches):
                yield _pack(self._data.take(order[i * batch_size : (i + 1) * batch_size]))

        return Dataset(epoch, batches, batched=True)


def _batches(elements: int, batch_size: int, drop_remainder: bool) -> int:
    """How many batches the elements make."""
    return elements // batch_size if drop_remainder else -(-elements // batch_size)


def _pack(data: ArrayData) -> Any:
    """The element that stands for some rows: x, (x, y) or (x, y, sample_weight); several inputs alone are (x,)."""
    if data.sample_weight is not None:
        return data.x, data.y, data.sample_weight
    if data.y is not None:
        return data.x, data.y
    return (data.x,) if isinstance(data.x, tuple | list) else data.x


def _stack(elements: list[Any]) -> Any:
    """Elements of equal structure, joined array by array."""
    trees = [_element_tree(element) for element in elements]
    try:
        return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)
    except ValueError as error:
        shapes = [str(jax.tree.map(np.shape, tree)) for tree in trees]
        odd = next(shape for shape in shapes if shape != shapes[0])
        raise ShapeError(
            "Dataset.batch",
            "the elements of a batch must have one structure and one shape",
            expected=f"elements like the first, of shape {shapes[0]}",
            received=f"{odd} in element {shapes.index(odd)} of the batch",
            remedy="Bring them to one shape first, with .map(...)",
        ) from error


def _element_tree(element: Any) -> Any:
    if not isinstance(element, tuple):
        return to_tree(element, "the element", "Dataset.batch")
    return tuple(None if part is None else to_tree(part, "the element", "Dataset.batch") for part in element)


def _check_count(method: str, argument: str, value: int, least: int) -> None:
    if value < least:
        raise ArgumentError(
            f"Dataset.{method}",
            f"{argument} counts elements",
            expected=f"an integer of at least {least}",
            received=value,
            remedy=f"Pass a larger {argument}",
        )
