"""Whatever a file makes Python do is watched: opening, importing, running, connecting."""

import gc
import resource
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FORBIDDEN = (
    "exec", "compile", "import", "subprocess.", "socket.", "os.", "shutil.", "pickle.", "marshal.", "ctypes.",
    "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.", "tempfile.", "glob.", "mmap.", "fcntl.", "pty.",
    "sqlite3.", "signal.", "code.", "open",
)  # fmt: skip
_allowed: set[str] | None = None  # the files that may be opened for reading, while somebody watches
_seen: list[str] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _allowed is None or not event.startswith(FORBIDDEN):
        return
    if event == "open" and arguments[0] in _allowed and arguments[1] in ("r", "rb", None):
        return
    _seen.append(f"{event} {arguments!r:.200}")
    raise PermissionError(f"a file made Python do this: {_seen[-1]}")


sys.addaudithook(_hook)


@contextmanager
def sandbox(*files: Path) -> Iterator[list[str]]:
    """What was done inside beyond reading `files` (and source, for a traceback); it is forbidden as well."""
    global _allowed
    _seen.clear()
    source = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
    source |= {frame.f_code.co_filename for frame, _ in traceback.walk_stack(None)}  # pytest-xdist's is no module
    _allowed = {*map(str, files), *source}
    try:
        yield _seen
    finally:
        _allowed = None


@contextmanager
def at_most(seconds: float, megabytes: float) -> Iterator[None]:
    """Time of the processor and memory of what happens inside, without cleaning up after other tests."""
    start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
    took, grown = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert took < seconds, f"it took {took:.2f} s"
    assert grown < megabytes * 1000 * (1 if sys.platform != "darwin" else 1000), f"memory grew by {grown} KB"
