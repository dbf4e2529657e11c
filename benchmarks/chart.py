"""The chart: one line a workload, one mark a framework, further to the right the slower beside Lamina."""

from __future__ import annotations

from pathlib import Path

import targets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator
from results import FAMILIES, Results

COLOURS = dict(zip(FAMILIES, ("#c8553d", "#e09f3e", "#52796f", "#3d5a80"), strict=True))
LANES = dict(zip(FAMILIES, (-0.27, -0.09, 0.09, 0.27), strict=True))  # so that equal marks do not hide each other


def shown(results: Results) -> list[str]:
    """The workloads in which somebody can be compared with Lamina."""
    return [name for name in results.workloads if any(results.best(name, family) for family in FAMILIES)]


def mark(axes: Axes, results: Results, name: str, line: int) -> None:
    """The frameworks' ratios of one workload, and what they are to be at least."""
    least = targets.ratios(results.workloads[name]) or (None,) * len(FAMILIES)
    for family, wanted in zip(FAMILIES, least, strict=True):
        place, ratio = line + LANES[family], results.best(name, family)
        if ratio is not None:
            axes.plot(ratio, place, "o", color=COLOURS[family], markersize=6)
        if wanted is not None:
            axes.plot(wanted, place, "|", color=COLOURS[family], markersize=9, markeredgewidth=2)


def chart(results: Results) -> Figure:
    names = shown(results)
    figure = Figure(figsize=(8, 1.5 + 0.36 * len(names)), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xscale("log")
    for line, name in enumerate(names):
        mark(axes, results, name, line)
        if line % 2:
            axes.axhspan(line - 0.5, line + 0.5, color="#f4f1ec", zorder=0)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("time of the framework / time of Lamina (log scale; right of 1 Lamina is faster)")
    keys = [Line2D([], [], marker="o", linestyle="", color=COLOURS[family], label=family) for family in FAMILIES]
    keys.append(Line2D([], [], marker="|", linestyle="", color="grey", label="least ratio aimed for"))
    figure.legend(handles=keys, loc="outside upper center", ncols=len(keys), frameon=False, fontsize=8)
    return figure


def draw(results: Results, path: Path) -> None:
    chart(results).savefig(path, dpi=120)
