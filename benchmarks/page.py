"""`docs/performance.md`: `python benchmarks/page.py` writes it from the results, and draws the chart. What stands below
`BY_HAND` there is left as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import results as kept
import targets
from chart import draw
from linear import LARGEST, Growth
from report import milliseconds, number, share_of_peak
from results import FAMILIES, Entry, Results
from workloads import Workload

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
BY_HAND = "<!-- written by hand from here on: `python benchmarks/page.py` leaves it as it is -->"
HEAD = ("workload and peer", "time", "of peak", "first step s", "cached s", "import s", "MB")
NEAR = 0.15  # how much the ratios may differ in other sizes


def rows(head: Iterable[str], *lines: Iterable[str]) -> list[str]:
    """A table of figures."""
    head = list(head)
    rule = ["---", *("---:" for _ in head[1:])]
    return ["| " + " | ".join(cells) + " |" for cells in (head, rule, *lines)]


def judged(ratio: float | None, least: float | None) -> str:
    """A ratio, and whether it is as large as it is to be."""
    if ratio is None:
        return "-"
    return f"{ratio:.3g}" + ("" if least is None else f" {'✓' if ratio >= least else '✗'} ({least:g})")


def within(value: float | None, most: float, form: str = ".2f") -> str:
    """A figure, and whether it is as small as it is to be."""
    return "-" if value is None else f"{value:{form}} {'✓' if value <= most else '✗'}"


def ratio_line(results: Results, workload: Workload, what: str = "seconds") -> list[str]:
    least = targets.ratios(workload) or (None,) * len(FAMILIES)
    ratios = (results.best(workload.name, family, what) for family in FAMILIES)
    return [f"`{workload.name}`", *(judged(a, b) for a, b in zip(ratios, least, strict=True))]


def ratios(results: Results) -> list[str]:
    """The frameworks' times over Lamina's."""
    compared = [w for w in results.workloads.values() if any(results.best(w.name, family) for family in FAMILIES)]
    return rows(["workload", *FAMILIES], *(ratio_line(results, workload) for workload in compared))


def callables(results: Results) -> list[str]:
    """The same for answers without `predict`; Keras has no such callable but the model itself, run op by op."""
    answers = [w for w in results.workloads.values() if w.per == "call" and results.of(w.name)]
    lines = []
    for workload in answers:
        ratios = (results.best(workload.name, family, "called") for family in FAMILIES)
        lines.append([f"`{workload.name}`", *(judged(ratio, None) for ratio in ratios)])
    return rows(["workload", *FAMILIES], *lines) if lines else []


def figures_line(results: Results, workload: Workload, entry: Entry) -> list[str]:
    ours = entry.peer == "lamina"
    share = share_of_peak(entry, workload, results.machine)
    bound = ours and workload.name in targets.MATMUL_BOUND
    scale = 1 if workload.whole_job else 1000
    return [
        f"`{workload.name}` {entry.title}",
        number(None if entry.middle is None else scale * entry.middle, ".3g") + epochs(entry),
        "-" if share is None else f"{share:.0%}" + (f" {'✓' if share >= targets.PEAK else '✗'}" if bound else ""),
        within(entry.first_seconds, targets.first_step(workload)) if ours else number(entry.first_seconds, ".2f"),
        within(entry.warm_seconds, targets.CACHED),
        number(entry.import_seconds, ".2f"),
        memory(results, entry),
    ]


def epochs(entry: Entry) -> str:
    """How many a whole job needed, which is a draw from a hat."""
    return f" ({', '.join(map(str, entry.epochs))} epochs)" if entry.epochs else ""


def memory(results: Results, entry: Entry) -> str:
    """Peak memory; Lamina's is not to be more than PyTorch's."""
    torch = [other.peak_mb for other in results.of(entry.workload) if other.peer in FAMILIES["PyTorch"]]
    return within(entry.peak_mb, min(torch), ".0f") if entry.peer == "lamina" and torch else f"{entry.peak_mb:.0f}"


def figures(results: Results) -> list[str]:
    """Times, starts and memory of everybody."""
    works = (workload for workload in results.workloads.values() if workload.per != "call")
    pairs = ((workload, entry) for workload in works for entry in results.of(workload.name))
    return rows(HEAD, *(figures_line(results, workload, entry) for workload, entry in pairs))


def answers(results: Results) -> list[str]:
    """Median and slow end of the answering times, rows a second, and the rest that `figures` tells of training."""
    lines = []
    for workload in results.workloads.values():
        for entry in results.of(workload.name) if workload.per == "call" else ():
            times = (milliseconds(v) for v in (entry.seconds, entry.p99, entry.called, entry.called_p99))
            speed = None if entry.middle is None else workload.batch / entry.middle
            cells = figures_line(results, workload, entry)
            lines.append([cells[0], *times, number(speed, ",.0f"), *cells[2:]])
    head = ("workload and peer", "predict p50", "p99", "callable p50", "p99", "rows a second", *HEAD[2:])
    return rows(head, *lines) if lines else []


def other_sizes(results: Results, heldout: Results) -> list[str]:
    """The ratios in sizes that nothing was made for, over those above."""
    lines = []
    for name, workload in heldout.workloads.items():
        if not any(heldout.best(name, family) for family in FAMILIES):
            continue
        cells = [f"`{name}` {workload.title}"]
        for family in FAMILIES:
            here, there = results.best(name, family), heldout.best(name, family)
            near = here is not None and there is not None and there >= (1 - NEAR) * here
            cells.append("-" if there is None else f"{there:.3g} {'✓' if near else '✗'}")
        lines.append(cells)
    return rows(["workload", *FAMILIES], *lines)


def elsewhere(others: list[Results]) -> list[str]:
    """The ratios on other machines, one table below the other."""
    return [line for results in others for line in ("", *machine(results)[:1], "", *ratios(results))][1:]


def machine(results: Results) -> list[str]:
    """What was measured on; its first line says which machine, and when."""
    about, settings = results.machine, results.settings
    dates = sorted(entry.date for entry in results.entries if entry.date)
    when = f", between {dates[0][:10]} and {dates[-1][:10]}" if dates else ""
    lines = [
        f"{about['cpu']}, {about['cpus']} CPUs, {about['memory_gb']} GB, {about['system']}; the matrix product reaches "
        f"{about['matmul_gflops']} GFLOP/s. {settings['rounds']} rounds, {settings['threads']} threads{when}.",
        "",
        "Versions: " + "; ".join(sorted({entry.versions for entry in results.entries if entry.versions})) + ".",
    ]
    if "import_jax_s" in about:
        added = about["import_lamina_s"] - about["import_jax_s"]
        lines += ["", f"`import jax` takes {about['import_jax_s']:.2f} s, `import lamina` with it "
                      f"{within(added, targets.IMPORT)} s more (at most {targets.IMPORT})."]  # fmt: skip
    return lines


def names(results: Results) -> list[str]:
    measured = [w for w in results.workloads.values() if results.of(w.name)]
    return [f"- `{w.name}`: {w.title} ({w.unit})" for w in measured]


def growing(tables: list[Growth]) -> list[str]:
    """The tables of `growth.py`, one below the other."""
    return [line for table in tables for line in ("", *table.lines())][1:]


def callback_cost(found: list[dict[str, Any]]) -> list[str]:
    """What `callback_cost.py` measured."""
    lines = ([f"`{one['workload']}`", f"{1000 * one['seconds']:.3g}", within(one["ratio"], targets.CALLBACKS, ".3f")]
             for one in found)  # fmt: skip
    return rows(["workload", "ms a step", "with callbacks, times that"], *lines) if found else []


def page(
    results: Results,
    heldout: Results | None,
    others: list[Results],
    growth: list[Growth],
    callbacks: list[Any],
    by_hand: str,
) -> str:
    """The document; `others` were measured on other machines, `by_hand` is its last part."""
    how = "Time of each framework, used in the way that is fastest there, over Lamina's: medians of paired ratios."
    checks = "✓ and ✗ say whether it is as much as was aimed for, which stands in brackets."
    parts: list[tuple[str, str, list[str]]] = [
        ("The machine", "", machine(results)),
        ("What is measured", "How, says [`benchmarks/README.md`](../benchmarks/README.md).", names(results)),
        (
            "How many times faster than the others",
            f"{how} {checks}\n\n![ratios](../benchmarks/results.png)",
            ratios(results),
        ),
        (
            "Times, starts, memory",
            "Time in the unit of the workload. Of peak: of the machine's matrix product. First step: compiling it and "
            "making it, without imports; cached: with JAX's persistent cache filled. MB: the most memory held. "
            "Lamina's marks: first step at most "
            f"{targets.FIRST:g} s (the GPT {targets.FIRST_GPT:g}), cached {targets.CACHED:g}; of peak at least "
            f"{targets.PEAK:.0%} where it is mostly matrix products; no more memory than PyTorch.",
            figures(results),
        ),
        ("Answers", "Milliseconds; through `predict`, and through a callable bound to one batch.", answers(results)),
        ("The callables beside Lamina's", "Ratios, as above.", callables(results)),
    ]  # fmt: skip
    if heldout is not None:
        text = f"✓: at most {NEAR:.0%} below the ratio above."
        parts.append(("The same in other sizes", text, other_sizes(results, heldout)))
    text = "Which library knows a processor well differs, and so do the ratios."
    parts.append(("On other machines", text, elsewhere(others)))
    text = "From `python benchmarks/growth.py`: the cost per row, token or operation over that of the first line."
    parts.append(("How the cost grows", f"{text} ✓: at most {LARGEST:g}.", growing(growth)))
    text = (
        "From `python benchmarks/callback_cost.py`: a step of `fit` with a live progress bar, logs to files and "
        f"`EarlyStopping`, over one without. ✓: at most {targets.CALLBACKS:g}."
    )
    parts.append(("What callbacks and logs cost", text, callback_cost(callbacks)))
    made = "Made by `python benchmarks/page.py` from `benchmarks/results.json`, which `make bench` writes."
    lines = ["# Performance", "", made]
    for title, text, body in parts:
        if body:
            lines += ["", f"## {title}", *([text, ""] if text else []), *body]
    return "\n".join(lines) + f"\n\n{BY_HAND}\n{by_hand}"


def hand_written(text: str) -> str:
    """What stands below the mark; nothing of a page that has none."""
    return text.partition(BY_HAND + "\n")[2]


def make(folder: Path = HERE, path: Path = PAGE) -> str:
    """The page as it should be, from the results in `folder` and the hand-written part of the page at `path`."""
    heldout = folder / "heldout.json"
    tables = [Growth(**table) for table in listed(folder / "growth.json")]
    by_hand = hand_written(path.read_text("utf-8")) if path.exists() else ""
    odd = kept.read(heldout) if heldout.exists() else None
    others = [kept.read(file) for file in sorted(folder.glob("results-*.json"))]
    callbacks = listed(folder / "callbacks.json")
    return page(kept.read(folder / "results.json"), odd, others, tables, callbacks, by_hand)


def listed(path: Path) -> list[Any]:
    """What a script of its own has measured, if it has."""
    return list(json.loads(path.read_text())) if path.exists() else []


if __name__ == "__main__":
    draw(kept.read(HERE / "results.json"), HERE / "results.png")
    PAGE.write_text(make(), encoding="utf-8")
