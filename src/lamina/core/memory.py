"""How the process asks the system for memory."""

import ctypes
import os

import jax

# What malloc.h calls M_TRIM_THRESHOLD, M_TOP_PAD and M_MMAP_THRESHOLD, and our values: never trim, and 2 GiB as the
# most that the last one can be.
_SETTINGS = {-1: -1, -2: 2**26, -3: 2**31 - 1}


def keep_freed_memory() -> None:
    """Let the C library keep blocks that were freed, for the next step will ask for them again.

    Otherwise every call of a program gets fresh pages for its intermediate values, and touching them for the first
    time takes a quarter of the step of a small GPT on a CPU (65,000 page faults). Three settings of glibc work
    together: large blocks come from a heap, a heap does not shrink, and it grows by 64 MiB at once. That is also the
    most that the heap of a thread can hold; only the heap of the main thread has no limit, so XLA is asked to run
    programs in the thread that calls them. The process then holds on to the most memory that it has needed.

    It has to happen before the first array is made, so `import lamina` does it. `LAMINA_MALLOC=system` in the
    environment leaves everything as it is; the settings of another C library than glibc are never touched.

    Example:
        >>> keep_freed_memory()
    """
    if os.environ.get("LAMINA_MALLOC") == "system" or "CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", {}):
        return
    library = ctypes.CDLL(None)
    for name, value in _SETTINGS.items():
        library.mallopt(name, value)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
