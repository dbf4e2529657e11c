"""Where the command line writes, and how its tables look."""

import sys
from collections.abc import Sequence

import rich
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text


def out() -> Console:
    """Results: standard output, shared with the progress bar."""
    return rich.get_console()


def errors() -> Console:
    """Complaints: standard error."""
    return Console(file=sys.stderr, highlight=False)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], right: bool = True) -> Table:
    """A plain table; all columns but the first are right-aligned unless told otherwise. Cells are taken as they are."""
    made = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", show_header=any(columns))
    for place, name in enumerate(columns):
        made.add_column(name, justify="right" if place and right else "left", overflow="fold")
    for row in rows:
        made.add_row(*map(Text, row))
    return made


def size(count: int | None) -> str:
    """Bytes for people.

    Example:
        >>> size(54_880_000), size(17_179_869_184), size(None)
        ('52 MiB', '16 GiB', '?')
    """
    if count is None:
        return "?"
    value, units = float(count), ["B", "KiB", "MiB", "GiB", "TiB"]
    while value >= 1024 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{value:.0f} {units[0]}"
