"""How the process asks the system for memory while it trains."""

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # the names of malloc.h


def keep_freed_memory() -> None:
    """Let the C library keep large blocks that were freed, for the next step will ask for them again.

    Otherwise every dispatch gets fresh pages, and touching them for the first time takes a quarter of the
    time of a small CNN's step on a CPU. The process then holds on to the largest memory it has needed. Only
    with glibc; elsewhere nothing happens.

    Example:
        >>> keep_freed_memory()
    """
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, 2**30)
        library.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
