"""Reading ahead in a thread: order, errors, and no thread left behind."""

import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator

import pytest

from lamina.data.prefetch import prefetched


def threads() -> int:
    return sum(thread.name == "lamina-prefetch" for thread in threading.enumerate())


@pytest.mark.parametrize("size", [1, 2, 100])
def test_the_same_elements_in_the_same_order(size: int) -> None:
    assert list(prefetched(lambda: iter(range(50)), size)) == list(range(50))
    assert threads() == 0


def test_nothing_starts_before_the_first_element_is_asked_for() -> None:
    stream = prefetched(lambda: iter([1]), 2)
    assert threads() == 0
    assert next(stream) == 1


def test_it_stays_at_most_size_ahead() -> None:
    made: list[int] = []

    def source() -> Iterator[int]:
        for i in range(20):
            made.append(i)
            yield i

    stream = prefetched(source, 3)
    next(stream)
    deadline = time.monotonic() + 5
    while len(made) < 5 and time.monotonic() < deadline:  # 1 taken, 3 waiting, 1 in the producer's hand
        time.sleep(0.005)
    time.sleep(0.05)
    assert made == [0, 1, 2, 3, 4]


def test_it_works_ahead_while_the_consumer_is_busy() -> None:
    second = threading.Event()

    def source() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    stream = prefetched(source, 1)
    next(stream)
    assert second.wait(5)


def test_an_error_reaches_the_consumer_after_the_elements_before_it() -> None:
    def source() -> Iterator[int]:
        yield from (1, 2)
        raise KeyError("broken file")

    seen = []
    with pytest.raises(KeyError, match="broken file") as error:
        for item in prefetched(source, 5):
            seen.append(item)
    assert seen == [1, 2] and threads() == 0
    assert any(entry.name == "source" for entry in error.traceback)  # the user's line is in the traceback


def test_an_error_while_making_the_source() -> None:
    def make() -> Iterator[int]:
        raise OSError("no such file")

    with pytest.raises(OSError, match="no such file"):
        next(prefetched(make, 1))


def test_a_consumer_that_stops_leaves_no_thread_and_closes_the_source() -> None:
    closed = threading.Event()

    def source() -> Iterator[int]:
        try:
            yield from range(10**9)
        finally:
            closed.set()

    for item in prefetched(source, 2):
        if item == 3:
            break
    assert closed.wait(5) and threads() == 0


def test_an_error_of_the_consumer_leaves_no_thread() -> None:
    def consume() -> None:
        for _ in prefetched(lambda: iter(range(10**9)), 2):
            raise RuntimeError("the step failed")

    with pytest.raises(RuntimeError):
        consume()
    assert threads() == 0


def test_nested_prefetching_ends_together() -> None:
    stream = prefetched(lambda: prefetched(lambda: iter(range(10**9)), 2), 2)
    assert [next(stream) for _ in range(3)] == [0, 1, 2]
    stream.close()
    deadline = time.monotonic() + 5
    while threads() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert threads() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent the POSIX way")
def test_ctrl_c_stops_a_waiting_consumer() -> None:
    script = """
        import signal, time
        from lamina.data.prefetch import prefetched

        signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job starts with it ignored

        def source():
            yield 1
            print("waiting", flush=True)
            time.sleep(1.0)
            yield 2

        try:
            for item in prefetched(source, 1):
                pass
        except KeyboardInterrupt:
            print("stopped at", item, flush=True)
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "waiting\n"
    time.sleep(0.2)  # the consumer is now waiting for the second element
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert output == "stopped at 1\n" and process.returncode == 0
