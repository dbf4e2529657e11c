"""Files are written whole or not at all."""

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_UNSUPPORTED = (errno.EINVAL, errno.ENOTSUP, errno.ENOLCK, errno.ENOSYS)  # file systems without locks or folder syncs


def write_whole(path: str | Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader sees the old file or the new one, never a part.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_whole(f"{folder}/a.txt", b"whole")
        ...     Path(f"{folder}/a.txt").read_bytes(), len(os.listdir(folder))
        (b'whole', 1)
    """
    with open_whole(path) as file:
        file.write(data)


@contextmanager
def open_whole(path: str | Path) -> Iterator[BinaryIO]:
    """A new file that takes the name `path` when the block ends, and never does if it fails.

    The bytes go to a temporary file in the same folder, are forced to the disk, and take the name in
    one step. After an error the old file is untouched and the temporary one removed; what a killed
    process left behind goes with the next write of that name.

    Raises:
        OSError: of the system, with a note that says which file was not written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with open_whole(f"{folder}/a.txt") as file:
        ...         before = Path(f"{folder}/a.txt").exists()
        ...     before, Path(f"{folder}/a.txt").exists()
        (False, True)
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path)
        temporary, file = _create(path)
        try:
            with file:
                yield file
                file.flush()
                os.fsync(file.fileno())
                if fcntl:
                    os.replace(temporary, path)  # while it is locked
            if not fcntl:
                os.replace(temporary, path)  # Windows renames no open file
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        error.add_note(f"{path} could not be written; a file of that name is whole, and most likely the one before")
        raise


def _create(path: Path) -> tuple[Path, BinaryIO]:
    """A temporary file beside `path`, locked while its writer lives."""
    while True:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
        file = os.fdopen(os.open(temporary, _CREATE, 0o666), "wb")
        try:
            if _lock(file.fileno()) and os.fstat(file.fileno()).st_nlink:
                return temporary, file
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            file.close()
            raise
        file.close()  # another writer took it for a leftover before it was locked


def _remove_leftovers(path: Path) -> None:
    """Remove temporary files of `path` whose writer is dead, for which nobody holds the lock."""
    pattern = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{16}}\.tmp")
    for name in filter(pattern.fullmatch, os.listdir(path.parent)):
        with suppress(OSError):
            descriptor = os.open(path.parent / name, os.O_RDONLY)
            try:
                if not fcntl or _lock(descriptor):
                    os.unlink(path.parent / name)
            finally:
                os.close(descriptor)


def _lock(descriptor: int) -> bool:
    if fcntl:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
    return True


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the system lets folders be synced."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    finally:
        os.close(descriptor)
