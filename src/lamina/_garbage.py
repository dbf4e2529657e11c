"""A pause in Python's search for garbage, where much is made and nearly all of it stays."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Let nobody look for unreachable objects inside the block.

    While modules are imported, and while a step is traced and compiled, Python would look through all that has been
    made, JAX's modules too, some fifty times: a third of the time that `import lamina` takes, and a tenth to a third of
    a first step whose program is in JAX's cache.

    Example:
        >>> with no_garbage_collection():
        ...     gc.isenabled()
        False
        >>> gc.isenabled()
        True
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
