"""The report: a table for the terminal, `results.json` for programs, `results.png` for people."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from statistics import median
from typing import Any

from contest import Entry
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

TITLES = {
    "mlp": ("Textbook network 10-10-1", "ms an epoch of 32 steps"),
    "cnn32": ("Textbook CNN on MNIST, batch 32", "ms a step"),
    "cnn128": ("Textbook CNN on MNIST, batch 128", "ms a step"),
    "lstm": ("LSTM language model, batch 32, 64 steps, 256 units", "ms a step"),
    "gru": ("GRU language model, batch 32, 64 steps, 256 units", "ms a step"),
    "transformer": ("Textbook Transformer, batch 32, 128 steps, width 128", "ms a step"),
    "gpt": ("GPT of 4 layers, batch 16, 128 steps, width 256", "ms a step"),
    "updates": ("Adam on 200 small tensors, 300 steps in a program", "ms a step"),
    "generate": ("GPT-2 of 4 layers writes 224 tokens after 32, greedy, width 256", "ms a token"),
    "mnist99": ("Whole job: process start to 99 % test accuracy", "s"),
}
COLUMNS = ("peer", "median", "min", "ratio", "ready s", "MB", "loss", "correct")
"""Ratio: to Lamina. Ready: seconds to import, compile and warm up. MB: peak memory. Correct: share of the test rows."""


def scaled(entry: Entry) -> list[float]:
    """The measurements in the unit of their title."""
    return [value * (1000 if "ms" in TITLES[entry.workload][1] else 1) for value in entry.seconds]


def ratio(entry: Entry, reference: Entry | None) -> float | None:
    """How many times slower than Lamina: the median over the rounds, each measurement beside its neighbour in time."""
    if reference is None or not entry.seconds or len(entry.seconds) != len(reference.seconds):
        return None
    return median(theirs / ours for theirs, ours in zip(entry.seconds, reference.seconds, strict=True))


def references(entries: list[Entry]) -> dict[str, Entry]:
    return {entry.workload: entry for entry in entries if entry.peer == "lamina"}


def number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def show(entries: list[Entry], machine: dict[str, Any], console: Console) -> None:
    """Print one table a workload."""
    console.print(", ".join(f"{key} {value}" for key, value in machine.items()))
    console.print("; ".join(sorted({entry.versions for entry in entries if entry.versions})))
    ours = references(entries)
    for workload, (title, unit) in TITLES.items():
        mine = [entry for entry in entries if entry.workload == workload]
        if not mine:
            continue
        table = Table(title=f"{title} ({unit})", title_justify="left")
        for column in COLUMNS:
            table.add_column(column, justify="left" if column == "peer" else "right")
        for entry in mine:
            values = scaled(entry)
            table.add_row(
                entry.title,
                number(median(values) if values else None, ".3g"),
                number(min(values, default=None), ".3g"),
                number(ratio(entry, ours.get(workload)), ".2f"),
                number(entry.start_seconds or None, ".1f"),
                f"{entry.peak_mb:.0f}",
                number(entry.loss, ".4f"),
                number(entry.accuracy, ".4f"),
            )
        console.print(table)
        for entry in mine:
            if entry.error:
                console.print(f"{entry.title} failed: {entry.error}", style="red", markup=False)


def write(entries: list[Entry], about: dict[str, Any], folder: Path) -> None:
    """Write `results.json` and `results.png`."""
    ours = references(entries)
    rows = [{**dataclasses.asdict(entry), "ratio": ratio(entry, ours.get(entry.workload))} for entry in entries]
    (folder / "results.json").write_text(json.dumps({**about, "results": rows}, indent=1) + "\n")
    chart(entries).savefig(folder / "results.png", dpi=120)


def chart(entries: list[Entry]) -> Figure:
    """One panel a workload: a bar a peer, its median written at the end."""
    shown = [workload for workload in TITLES if any(e.workload == workload and e.seconds for e in entries)]
    figure = Figure(figsize=(8, 0.6 + 2.1 * max(1, len(shown))), layout="constrained")
    for place, workload in enumerate(shown):
        axes = figure.add_subplot(len(shown), 1, place + 1)
        mine = [e for e in entries if e.workload == workload and e.seconds][::-1]
        colours = ["#c8553d" if e.peer == "lamina" else "#8d99ae" for e in mine]
        bars = axes.barh([e.title for e in mine], [median(scaled(e)) for e in mine], color=colours)
        axes.bar_label(bars, fmt="%.3g", padding=3)
        axes.set_title(f"{TITLES[workload][0]} ({TITLES[workload][1]}, less is better)", loc="left", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.12)
    return figure
