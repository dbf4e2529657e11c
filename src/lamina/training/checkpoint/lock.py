"""One process at a time in a folder."""

import os
from pathlib import Path
from typing import Any

from ...core import ArgumentError

try:
    import fcntl
except ImportError:  # Windows: there an open file that is being written cannot be replaced, which guards as well
    fcntl: Any = None  # type: ignore[no-redef]


class FolderLock:
    """Holds a folder until `release`, or until the process ends, however it ends.

    Args:
        folder: it has to exist.

    Raises:
        ArgumentError: another process (or another `fit` of this one) holds it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     lock = FolderLock(folder)
        ...     try: FolderLock(folder)
        ...     except ArgumentError: print("taken")
        ...     lock.release()
        taken
    """

    def __init__(self, folder: str | Path) -> None:
        self._file = os.open(Path(folder, ".lock"), os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(self._file, 32, 0).decode(errors="replace")
            os.close(self._file)
            raise ArgumentError(
                "fit",
                "one process at a time trains in a run's folder",
                expected=f"nobody else in {folder}",
                received=f"process {owner or 'unknown'} at work there",
                remedy="Wait for it, end it, or choose another folder",
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let others in."""
        os.close(self._file)
