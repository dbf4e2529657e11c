"""Prepare elements in a background thread while the consumer works on earlier ones."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextvars import copy_context
from threading import Condition, Thread
from typing import Any

PATIENCE = 0.5  # seconds that a consumer who stops waits for the threads: a source that hangs must not hold up Ctrl-C


class _Belt:
    """A bounded conveyor between one producer thread and one consumer."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.items: deque[Any] = deque()
        self.error: BaseException | None = None
        self.ended = self.abandoned = False
        self.changed = Condition()

    def put(self, item: Any) -> bool:
        """Wait for room; False says that nobody wants more."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.items) < self.size or self.abandoned)
            self.items.append(item)
            self.changed.notify_all()
            return not self.abandoned

    def end(self, error: BaseException | None) -> None:
        with self.changed:
            self.ended, self.error = True, error
            self.changed.notify_all()

    def abandon(self) -> None:
        with self.changed:
            self.abandoned = True
            self.changed.notify_all()

    def __iter__(self) -> Iterator[Any]:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.items or self.ended)
                if not self.items:
                    break
                item = self.items.popleft()
                self.changed.notify_all()
            yield item
        if self.error is not None:
            raise self.error


def _produce(make: Callable[[], Iterator[Any]], belt: _Belt) -> None:
    error = None
    try:
        for item in make():
            if not belt.put(item):
                break
    except BaseException as caught:  # whatever it is, the consumer shall see it
        error = caught
    belt.end(error)


def prefetched(make: Callable[[], Iterator[Any]], size: int) -> Generator[Any, None, None]:
    """Iterate over `make()`, which runs in a thread and stays at most `size` elements ahead.

    An error in the thread reaches the consumer after the elements before it. When the consumer
    stops early (break, error, Ctrl-C), the thread ends after the element it is working on.
    """
    belt = _Belt(size)
    thread = Thread(target=copy_context().run, args=(_produce, make, belt), name="lamina-prefetch", daemon=True)
    thread.start()
    try:
        yield from belt
    finally:
        belt.abandon()
        thread.join(PATIENCE)
