"""Where batches come from: arrays that stay on the device, or a stream that passes by."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..core import DataError
from ..data import ArrayData, as_batches, permutation
from .run_folder import fingerprint

_CHUNK_STEPS = 16
_CHUNK_BYTES = 64 * 2**20
_FEW_BYTES = 2**16  # what a program takes from the host with its other arguments sooner than it would be sent


class Portion(NamedTuple):
    """Some steps' worth of data.

    Attributes:
        data: (x, y, sample_weight) on the device, each array (N, ...).
        rows: row numbers of the batches, (steps, batch); few of them stay on the host.
        steps: how many of these rows are to be used.
    """

    data: Any
    rows: Any
    steps: int


def _each_sent(data: Any) -> Any:
    """Copies of all arrays on the device; one that is there twice, as in an autoencoder's `fit(x, x)`, is sent once."""
    sent: dict[int, jax.Array] = {}

    def once(host: np.ndarray) -> jax.Array:
        if id(host) not in sent:
            sent[id(host)] = jax.device_put(np.array(host))  # the user may change the host's
        return sent[id(host)]

    return jax.tree.map(once, data)


class ArrayFeed:
    """Batches of arrays in memory: sent to the device once, as stored; the rows are gathered there.

    Args:
        data: the arrays.
        batch_size: rows in a batch.
        shuffle: whether each epoch has its own order, a function of (seed, epoch).
        steps: most batches in an epoch; None for all.
    """

    def __init__(self, data: ArrayData, batch_size: int, shuffle: bool = False, steps: int | None = None) -> None:
        self.host, self.batch_size, self.shuffle, self.limit = data, batch_size, shuffle, steps
        self._device: Any = None

    @property
    def steps(self) -> int:
        """Batches in an epoch, the smaller last one included."""
        full = -(-self.host.n // self.batch_size)
        return full if self.limit is None else min(full, self.limit)

    def facts(self) -> dict[str, Any]:
        """What the order of batches depends on, and the SHA-256 of the data."""
        arrays = jax.tree.leaves((self.host.x, self.host.y, self.host.sample_weight))
        sizes = {"rows": self.host.n, "batch_size": self.batch_size, "shuffle": self.shuffle, "steps": self.steps}
        return sizes | {"data_sha256": fingerprint(*arrays)}

    def example(self) -> Any:
        """The first batch, as host arrays."""
        first = self.host.take(slice(0, self.batch_size))
        return first.x, first.y, first.sample_weight

    def epoch(self, seed: int, epoch: int) -> Iterator[Portion]:
        """The whole batches, then the smaller last one if there is one."""
        if self._device is None:
            self._device = _each_sent((self.host.x, self.host.y, self.host.sample_weight))
        n, size = self.host.n, self.batch_size
        order = permutation(n, seed, epoch) if self.shuffle else np.arange(n, dtype=np.int32)
        whole = min(n // size, self.steps)
        if whole:
            yield self._portion(order[: whole * size].reshape(whole, size))
        if whole < self.steps:
            yield self._portion(order[None, whole * size :])

    def _portion(self, rows: np.ndarray) -> Portion:
        return Portion(self._device, rows if rows.nbytes <= _FEW_BYTES else jax.device_put(rows), len(rows))


class StreamFeed:
    """Batches of an iterable: several of one shape are joined, so that they need one dispatch.

    A Dataset, a list or a loader starts anew every epoch; a generator goes on where it stopped.

    Args:
        source: a Dataset, or any iterable of (x, y) or (x, y, sample_weight).
        steps: most batches in an epoch; needed when the stream does not end.
        every_step: do not join batches.
        who: the method named in error sentences.
    """

    def __init__(self, source: Any, steps: int | None = None, every_step: bool = False, who: str = "fit") -> None:
        self.source, self.limit, self.who = source, steps, who
        self.most = 1 if every_step else _CHUNK_STEPS
        self.check: Callable[[Any, Any], None] = lambda y, x: None
        self._running = as_batches(source, who=who) if hasattr(source, "__next__") else None

    @property
    def steps(self) -> int | None:
        """Batches in an epoch, when they can be counted."""
        try:
            length = len(self.source)
        except TypeError:
            return self.limit
        return length if self.limit is None else min(length, self.limit)

    def facts(self) -> dict[str, Any]:
        """What the order of batches depends on, as far as it is known.

        Raises:
            DataError: a generator, which cannot start again from where a run was stopped.
        """
        if self._running is not None:
            raise DataError(
                self.who,
                "a run that is kept can read its data again",
                expected="arrays, a Dataset or a list of batches",
                received="a generator",
                remedy="Pass Dataset.from_generator(the function that makes it)",
            )
        return {"steps": self.steps}

    def _open(self, epoch: int) -> Iterator[Any]:
        stream = self._running or as_batches(self.source, who=self.who, epoch=epoch)
        return itertools.islice(stream, self.limit)

    def example(self) -> Any:
        """The first batch; of a generator it is kept, and still comes first in the first epoch."""
        first = next(self._open(0))
        if self._running is not None:
            self._running = itertools.chain([first], self._running)
        return first

    def epoch(self, seed: int, epoch: int) -> Iterator[Portion]:
        """Portions of at most 16 batches of equal shapes."""
        waiting: list[Any] = []
        empty = True
        for batch in self._open(epoch):
            self.check(batch[1], batch[0])
            empty = False
            if waiting and _shapes(batch) != _shapes(waiting[0]):
                yield self._join(waiting)
                waiting = []
            waiting.append(batch)
            if len(waiting) == self._room(batch):
                yield self._join(waiting)
                waiting = []
        if waiting:
            yield self._join(waiting)
        if empty:
            raise DataError(
                self.who,
                "the stream has ended",
                expected=f"batches for epoch {epoch + 1}",
                received="none",
                remedy="Pass steps_per_epoch with an endless generator, or a Dataset or list, which start anew",
            )

    def _room(self, batch: Any) -> int:
        size = sum(a.nbytes for a in jax.tree.leaves(batch))
        most = max(1, min(self.most, _CHUNK_BYTES // max(size, 1)))
        return most if self.steps is None else min(most, self.steps)

    def _join(self, batches: list[Any]) -> Portion:
        """One set of arrays for several batches, filled up to a fixed number so that shapes recur."""
        room, count = self._room(batches[0]), len(batches)
        size = jax.tree.leaves(batches[0])[0].shape[0]
        padded = batches + batches[-1:] * (room - count)
        data = jax.tree.map(lambda *parts: jnp.asarray(np.concatenate(parts)), *padded)
        return Portion(data, jnp.arange(room * size, dtype=jnp.int32).reshape(room, size), count)


def _shapes(batch: Any) -> list[tuple[int, ...]]:
    return [a.shape for a in jax.tree.leaves(batch)]
