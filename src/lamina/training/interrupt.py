"""Ctrl-C between steps, never in the middle of one: the state stays whole."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def safe_interrupt() -> Iterator[Callable[[], bool]]:
    """Hold Ctrl-C back inside the block; the function that is yielded raises it at a safe point.

    A second Ctrl-C is not held back. Outside the main thread, where signals do not arrive, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    pending = False
    previous = signal.getsignal(signal.SIGINT)

    def handler(number: int, frame: Any) -> None:
        nonlocal pending
        if pending:
            raise KeyboardInterrupt
        pending = True

    def check() -> bool:
        if pending:
            raise KeyboardInterrupt
        return False

    signal.signal(signal.SIGINT, handler)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, previous)
