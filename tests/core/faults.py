"""Every system call that Python code makes through `os`, counted, and made to fail or to be the last."""

import errno
import io
import os
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS)
PURE = {"fspath", "strerror", "urandom"}  # no system call on files


class Crash(BaseException):
    """The process is dead: this is raised by the call after the last one, and by all that follow."""


class Calls:
    """System calls by name, in the order in which they came; `before` may raise in place of the next one."""

    def __init__(self, before: Callable[[int, str], None]) -> None:
        self.names: list[str] = []
        self.open: set[int] = set()
        self._files: list[Raw] = []
        self._before = before

    def around(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.names.append(name)
            self._before(len(self.names) - 1, name)
            result = real(*args, **kwargs)
            if name == "open":
                self.open.add(result)
            elif name == "close":
                self.open.discard(args[0])
            return result

        return call

    def fdopen(self, descriptor: int, mode: str) -> Any:
        assert mode == "wb"
        self._files.append(Raw(descriptor))
        return io.BufferedWriter(self._files[-1], 4096)

    def end(self) -> None:
        """What the system does when a process ends: its files are closed as they are."""
        for file in self._files:
            file.dead = True
        for descriptor in self.open:
            os.close(descriptor)


class Raw(io.RawIOBase):
    """A file whose reads and writes go through `os`, where they are counted; what is buffered dies with the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self.dead = descriptor, False

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data) if self.dead else os.write(self._descriptor, data)

    def close(self) -> None:
        if not self.closed:
            super().close()
            if not self.dead:
                os.close(self._descriptor)


@contextmanager
def counted(before: Callable[[int, str], None] = lambda place, name: None) -> Iterator[Calls]:
    """Count the calls inside; `before(place, name)` runs first and may raise."""
    calls = Calls(before)
    real = {name: f for name, f in vars(os).items() if isinstance(f, types.BuiltinFunctionType) and name not in PURE}
    fdopen, flock = os.fdopen, getattr(fcntl, "flock", None)
    try:
        for name, function in real.items():
            setattr(os, name, calls.around(name, function))
        os.fdopen = calls.fdopen  # type: ignore[assignment]
        if flock:
            fcntl.flock = calls.around("flock", flock)  # type: ignore[assignment]
        yield calls
    finally:
        for name, function in real.items():
            setattr(os, name, function)
        os.fdopen = fdopen
        if flock:
            fcntl.flock = flock  # type: ignore[assignment]
        calls.end()


def fail_at(place: int, code: int) -> Callable[[int, str], None]:
    """The call at `place` fails with `code`; those after it work."""

    def before(at: int, name: str) -> None:
        if at == place:
            raise OSError(code, os.strerror(code), "injected")

    return before


def fail_from(place: int, code: int) -> Callable[[int, str], None]:
    """The disk breaks at the call at `place`, and stays broken; what is open can still be closed."""

    def before(at: int, name: str) -> None:
        if at >= place and name != "close":
            raise OSError(code, os.strerror(code), "injected")

    return before


def crash_at(place: int) -> Callable[[int, str], None]:
    """The process dies before the call at `place`."""

    def before(at: int, name: str) -> None:
        if at >= place:
            raise Crash

    return before
