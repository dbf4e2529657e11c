"""Ctrl-C and SIGTERM between steps, never in the middle of one: the state stays whole."""

import contextlib
import signal
import threading
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
_SIGNALS = signal.SIGINT, signal.SIGTERM


_END = object()


class Interrupt:
    """Signals that have arrived; called between two steps, it raises what they mean.

    Attributes:
        pending: the number of the signal, or 0.
        abrupt: a second signal has ended a step in its middle.
    """

    def __init__(self) -> None:
        self.pending, self.abrupt, self._waiting = 0, False, False

    def __call__(self) -> None:
        if self.pending == signal.SIGTERM:
            raise SystemExit(128 + signal.SIGTERM)
        if self.pending:
            raise KeyboardInterrupt

    def take(self, number: int, frame: Any) -> None:
        """Remember a signal; it is not held back while data are waited for, and a second one never is."""
        again, self.pending = self.pending, number
        if again or self._waiting:
            self.abrupt = not self._waiting
            self()

    def awaited(self, source: Iterable[T]) -> Iterator[T]:
        """The elements of `source`; who waits for one that does not come can be interrupted at once."""
        iterator = iter(source)
        while True:
            self._waiting = True
            try:
                self()
                element = next(iterator, _END)
            finally:
                self._waiting = False
            if element is _END:
                return
            yield element  # type: ignore[misc]


@contextlib.contextmanager
def safe_interrupt() -> Iterator[Interrupt]:
    """Hold Ctrl-C and SIGTERM back inside the block; what is yielded raises them between two steps, when it is called.

    Ctrl-C is `KeyboardInterrupt`, SIGTERM the exit status 143. A second one is not held back. Outside the main
    thread, where signals do not arrive, nothing changes, and so for SIGTERM where the program has its own answer to it.
    """
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    previous = {number: signal.getsignal(number) for number in _SIGNALS}
    held = [number for number in _SIGNALS if number == signal.SIGINT or previous[number] == signal.SIG_DFL]
    for number in held:
        signal.signal(number, interrupt.take)
    try:
        yield interrupt
    finally:
        for number in held:
            signal.signal(number, previous[number])
