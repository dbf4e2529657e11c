"""How the process asks the system for memory."""

import ctypes
import os

# What malloc.h calls M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD and M_ARENA_MAX, and our values.
_SETTINGS = {-1: 2**31 - 1, -2: 2**26, -3: 2**30, -8: 1}


def keep_freed_memory() -> None:
    """Let the C library keep blocks that were freed, for the next step will ask for them again.

    Otherwise every call of a program gets fresh pages for its intermediate values, and touching them for the first
    time takes a quarter of the step of a small GPT on a CPU (65,000 page faults). Four settings work together: large
    blocks come from a heap, a heap does not shrink, it grows by 64 MiB at once, and the threads of XLA share the one
    heap that can hold blocks larger than that. The process then holds on to the most memory that it has needed.

    It has to happen before XLA's threads start, so `import lamina` does it. `LAMINA_MALLOC=system` in the environment
    leaves the C library as it is; with another one than glibc nothing happens.

    Example:
        >>> keep_freed_memory()
    """
    if os.environ.get("LAMINA_MALLOC") == "system" or "CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", {}):
        return
    library = ctypes.CDLL(None)
    for name, value in _SETTINGS.items():
        library.mallopt(name, value)
