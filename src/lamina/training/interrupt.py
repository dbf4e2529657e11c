"""Ctrl-C and SIGTERM between steps, never in the middle of one: the state stays whole."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

_SIGNALS = signal.SIGINT, signal.SIGTERM


class Interrupt:
    """Signals that have arrived; called at a safe point, it raises what they mean.

    Attributes:
        pending: the number of the signal, or 0.
    """

    def __init__(self) -> None:
        self.pending = 0

    def __call__(self) -> None:
        if self.pending == signal.SIGTERM:
            raise SystemExit(128 + signal.SIGTERM)
        if self.pending:
            raise KeyboardInterrupt

    def take(self, number: int, frame: Any) -> None:
        """Remember a signal; a second one is not held back."""
        again, self.pending = self.pending, number
        if again:
            self()


@contextlib.contextmanager
def safe_interrupt() -> Iterator[Interrupt]:
    """Hold Ctrl-C and SIGTERM back inside the block; what is yielded raises them at a safe point, when it is called.

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
