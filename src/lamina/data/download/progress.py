"""A bar that shows how much of a file has come."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ...core import require


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[[int, int | None], None]]:
    """Yields a function of (bytes so far, bytes in all or None); there is no bar where nobody watches a terminal."""
    rich = require("rich.progress")
    columns = (
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(),
        rich.DownloadColumn(),
        rich.TransferSpeedColumn(),
        rich.TimeRemainingColumn(),
    )
    console = require("rich.console").Console(stderr=True)
    with rich.Progress(*columns, console=console, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
