"""Apply a function to elements in several threads; the results come out in the order in which the elements went in."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextvars import copy_context
from queue import SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

from .prefetch import PATIENCE, prefetched

_AHEAD = 2  # elements per thread that are begun or done and not yet taken: the next one is there when a thread is free


class _Crew:
    """Daemon threads that work on whatever comes; unlike an executor's they never hold up the end of a program."""

    def __init__(self, fn: Callable[[Any], Any], threads: int) -> None:
        self._fn, self._closed = fn, False
        self._jobs: SimpleQueue[tuple[Future[Any], Any] | None] = SimpleQueue()
        self._threads = [
            Thread(target=copy_context().run, args=(self._work,), name="lamina-map", daemon=True)
            for _ in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def begin(self, element: Any) -> Future[Any]:
        """A slot for what becomes of `element`."""
        slot: Future[Any] = Future()
        self._jobs.put((slot, element))
        return slot

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None and not self._closed:
            slot, element = job
            try:
                slot.set_result(self._fn(element))
            except BaseException as error:  # whatever it is, the consumer shall see it
                slot.set_exception(error)
            del job, slot, element  # a waiting thread holds no data

    def close(self) -> None:
        """Let each thread end after the element it is working on."""
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)

    def join(self, seconds: float) -> None:
        """Wait for the threads, but not for a function that hangs."""
        end = monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, end - monotonic()))


def mapped(fn: Callable[[Any], Any], make: Callable[[], Iterator[Any]], threads: int) -> Iterator[Any]:
    """`fn` of every element of `make()`, computed in `threads` threads and given in the order of the elements.

    The source runs in one more thread, and at most 2 * threads + 1 elements ahead of the consumer. An error of the
    source or of `fn` reaches the consumer in its turn, after the elements before it. When the consumer stops early
    (break, error, Ctrl-C), each thread ends after the element it is working on.
    """
    crew = _Crew(fn, threads)
    slots = prefetched(lambda: map(crew.begin, make()), _AHEAD * threads)
    try:
        for slot in slots:
            yield slot.result()
    finally:
        crew.close()
        slots.close()
        crew.join(PATIENCE)
