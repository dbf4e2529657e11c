"""Mapping in several threads: the same elements as in one, errors in their turn, and no thread left behind."""

import signal
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from lamina.core import ArgumentError
from lamina.data import Dataset
from lamina.data.parallel import mapped


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("lamina-")]


def numbers(n: int) -> Dataset:
    return Dataset.from_generator(lambda: iter(range(n)), length=n)


def wait_until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.002)
    return condition()


def augmented(count: int) -> Dataset:
    """A loader as people build it: shuffled, changed at random, one element slower than the next, batched."""

    def change(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        time.sleep(float(x[0]) % 7 * 1e-4)
        return x + rng.normal(size=x.shape).astype(np.float32), y

    rows = Dataset.from_arrays(np.arange(120, dtype=np.float32).reshape(60, 2), np.arange(60))
    return rows.shuffle(seed=1).map(change, seed=2, threads=count).batch(8).prefetch()


@pytest.mark.parametrize("count", [2, 4, 13])
def test_the_same_batches_for_every_number_of_threads(count: int) -> None:
    for epoch in (0, 3):
        one, many = list(augmented(1).epoch(epoch)), list(augmented(count).epoch(epoch))
        assert len(one) == len(many) == 8
        for batch, other in zip(one, many, strict=True):
            assert all(a.tobytes() == b.tobytes() for a, b in zip(batch, other, strict=True))
    assert not threads()


def test_the_threads_work_at_the_same_time() -> None:
    meeting = threading.Barrier(4, timeout=5)
    assert list(numbers(8).map(lambda i: (meeting.wait(), i)[1], threads=4)) == list(range(8))


def test_nothing_starts_before_the_first_element_is_asked_for() -> None:
    stream = iter(numbers(3).map(lambda i: i, threads=2))
    assert not threads() and next(stream) == 0


@pytest.mark.parametrize("count", [1, 4])
def test_an_error_is_raised_in_its_turn_with_the_users_line_and_the_elements_number(count: int) -> None:
    def broken(i: int) -> int:
        if i >= 7:
            raise KeyError("no such picture")  # the line that the user must see
        return i

    seen = []
    with pytest.raises(KeyError, match="no such picture") as caught:
        for item in numbers(50).map(broken, threads=count).epoch(2):
            seen.append(item)
    assert seen == list(range(7)) and not threads()
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert last.filename == __file__ and last.line is not None and "the line that the user must see" in last.line
    assert caught.value.__notes__ == ["In Dataset.map, element 7 of epoch 2."]


@pytest.mark.parametrize("count", [1, 4])
def test_an_error_of_the_source_comes_after_the_elements_before_it(count: int) -> None:
    def source() -> Iterator[int]:
        yield from range(5)
        raise OSError("the disk is gone")

    seen = []
    with pytest.raises(OSError, match="the disk is gone"):
        for item in Dataset.from_generator(source).map(lambda i: i * i, threads=count):
            seen.append(item)
    assert seen == [0, 1, 4, 9, 16] and not threads()


@pytest.mark.parametrize("count", [1, 4])
def test_a_stop_iteration_in_the_function_does_not_end_the_data(count: int) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        list(numbers(20).map(lambda i: next(iter(())), threads=count))


def test_even_an_exit_in_a_thread_is_seen() -> None:
    def leave(i: int) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        list(mapped(leave, lambda: iter(range(3)), 2))


def test_it_stays_a_few_elements_ahead() -> None:
    made: list[int] = []

    def source() -> Iterator[int]:
        for i in range(10_000):
            made.append(i)
            yield i

    stream = mapped(lambda i: i, source, 4)
    for taken in (1, 2, 100):
        while next(stream) + 1 < taken:
            pass
        assert wait_until(lambda: len(made) == taken + 9)  # noqa: B023  8 on the belt, 1 in the producer's hand
        time.sleep(0.02)
        assert len(made) == taken + 9


def test_elements_come_while_the_source_hangs() -> None:
    free = threading.Event()

    def source() -> Iterator[int]:
        yield from range(3)
        free.wait(20)
        yield 3

    stream = mapped(lambda i: i, source, 4)
    assert [next(stream) for _ in range(3)] == [0, 1, 2]
    free.set()
    assert list(stream) == [3]


def test_a_consumer_that_stops_leaves_no_thread() -> None:
    closed = threading.Event()

    def source() -> Iterator[int]:
        try:
            yield from range(10**9)
        finally:
            closed.set()

    for item in Dataset.from_generator(source).map(lambda i: i, threads=4):
        if item == 5:
            break
    assert not threads() and closed.is_set()


def test_a_failing_consumer_leaves_no_thread() -> None:
    def consume() -> None:
        for _ in numbers(10**6).map(lambda i: i, threads=4).map(str, threads=2).prefetch():
            raise RuntimeError("the step failed")

    with pytest.raises(RuntimeError, match="the step failed"):
        consume()
    assert wait_until(lambda: not threads())


def test_a_consumer_is_not_held_up_by_a_function_that_hangs() -> None:
    free = threading.Event()
    stream: Any = mapped(lambda i: i if i == 0 else free.wait(20), lambda: iter(range(100)), 4)
    assert next(stream) == 0
    begin = time.monotonic()
    stream.close()
    assert time.monotonic() - begin < 2
    free.set()
    assert wait_until(lambda: not threads())


def test_the_settings_of_the_caller_hold_in_the_threads() -> None:
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        list(numbers(3).map(lambda i: np.float64(1) / i, threads=2))


@pytest.mark.parametrize("count", [0, -1])
def test_the_number_of_threads_is_checked(count: int) -> None:
    with pytest.raises(ArgumentError, match=r"Dataset\.map: threads"):
        numbers(3).map(str, threads=count)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent the POSIX way")
@pytest.mark.parametrize("pipeline", ["mapped", "mapped.map(same, threads=2).prefetch()"])
def test_ctrl_c_ends_the_program_while_all_threads_are_stuck(pipeline: str) -> None:
    script = f"""
        import signal, time
        from lamina.data import Dataset

        signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job starts with it ignored

        def slow(i):
            if i:
                time.sleep(60)
            return i

        same = lambda i: i
        mapped = Dataset.from_generator(lambda: iter(range(100))).map(slow, threads=4)
        try:
            for item in {pipeline}:
                print("got", item, flush=True)
        except KeyboardInterrupt:
            print("stopped", flush=True)
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline() == "got 0\n"
        time.sleep(0.2)  # all four threads sleep now, and the consumer waits
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopped\n" and time.monotonic() - begin < 2
        assert process.wait(timeout=20) == 0  # the threads, which sleep for a minute, do not hold up the end
    finally:
        process.kill()
        process.communicate()
