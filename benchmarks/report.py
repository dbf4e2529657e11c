"""The report for the terminal: one table a workload."""

from __future__ import annotations

from statistics import median
from typing import Any

from flops import flops
from results import Entry, Results
from rich import box
from rich.console import Console
from rich.table import Table
from workloads import Workload

COLUMNS = (
    *("peer", "median", "min", "ratio", "peak %", "import s", "first s", "cached s"),
    *("ready s", "MB", "loss", "correct"),
)
ANSWERS = ("p99", "callable", "its p99", "its ratio")
"""Ratio: to Lamina. Peak: share of the machine's matrix product. First: seconds of the first step, cached: with JAX's
persistent cache. Ready: from process start to the end of the first measurement. MB: peak memory. Correct: share of the
test rows; "!" if it and the loss are far from the others'. Callable: the same answers without `predict`."""


def number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def milliseconds(values: list[float], form: str = ".3g") -> str:
    return number(1000 * median(values) if values else None, form)


def share_of_peak(entry: Entry, workload: Workload, machine: dict[str, Any]) -> float | None:
    """How much of the machine's matrix product the peer gets out of it."""
    operations = flops(workload)
    if operations is None or entry.middle is None:
        return None
    return operations / entry.middle / (1e9 * machine["matmul_gflops"])


def cells(entry: Entry, workload: Workload, results: Results) -> list[str]:
    scale = 1 if workload.whole_job else 1000
    values = [scale * seconds for seconds in entry.seconds]
    share = share_of_peak(entry, workload, results.machine)
    return [
        entry.title,
        number(median(values) if values else None, ".3g"),
        number(min(values, default=None), ".3g"),
        number(results.ratio(entry), ".2f"),
        number(None if share is None else 100 * share, ".0f"),
        number(entry.import_seconds, ".2f"),
        number(entry.first_seconds, ".2f"),
        number(entry.warm_seconds, ".2f"),
        number(entry.start_seconds or None, ".1f"),
        f"{entry.peak_mb:.0f}",
        number(entry.loss, ".4f"),
        number(entry.accuracy, ".4f") + ("" if results.agrees(entry) else " !"),
    ]


def answer_cells(entry: Entry, results: Results) -> list[str]:
    ratio = number(results.ratio(entry, "called"), ".2f")
    return [milliseconds(entry.p99), milliseconds(entry.called), milliseconds(entry.called_p99), ratio]


def table(workload: Workload, results: Results) -> Table:
    answers = workload.per == "call"
    made = Table(
        title=f"{workload.name}: {workload.title} ({workload.unit})", title_justify="left", box=box.SIMPLE_HEAD
    )
    for column in (*COLUMNS, *(ANSWERS if answers else ())):
        made.add_column(column, justify="left" if column == "peer" else "right", no_wrap=True)
    for entry in results.of(workload.name):
        made.add_row(*cells(entry, workload, results), *(answer_cells(entry, results) if answers else ()))
    return made


def show(results: Results, console: Console) -> None:
    """Print everything."""
    console.print(", ".join(f"{key} {value}" for key, value in results.machine.items()))
    console.print("; ".join(sorted({entry.versions for entry in results.entries if entry.versions})))
    for name, workload in results.workloads.items():
        if results.of(name):
            console.print(table(workload, results))
        for entry in results.of(name):
            if entry.error:
                console.print(f"{entry.title} failed: {entry.error}", style="red", markup=False)
