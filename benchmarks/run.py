"""Lamina beside PyTorch, Keras and Flax in one paired run: `make bench`, or `python benchmarks/run.py --help`.

Every peer lives in an environment of its own that this command makes and keeps. Workers of all peers are alive together
and are measured in turns, A B C A B C ..., one at a time with all others stopped, so that a drift of the machine meets
everybody. Nothing else may run meanwhile: the command looks first, and refuses a busy machine.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import page
from chart import draw
from contest import PEERS, Contest
from environments import KEPT, make
from machine import QUIET, busy_cpus, cpu_count, describe
from report import show
from results import Results, read, write
from rich.console import Console
from workloads import DIGITS, FULL, SIZES

from lamina.datasets import mnist

HERE = Path(__file__).parent
FILES = {"full": "results", "heldout": "heldout", "quick": "quick"}


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--workloads", nargs="+", choices=FULL, default=list(FULL), metavar="NAME", help="see README.md"
    )
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--sizes", choices=FILES, default="full", help="heldout: odd sizes that nothing was made for")
    parser.add_argument("--quick", dest="sizes", action="store_const", const="quick", help="tiny sizes and one round")
    parser.add_argument("--rounds", type=int, default=7, help="measurements of each peer (whole jobs: at most 3)")
    parser.add_argument("--limit", type=float, default=100, help="seconds after which a workload has no more rounds")
    parser.add_argument("--threads", type=int, default=cpu_count(), help="CPUs that each worker may use")
    parser.add_argument("--force", action="store_true", help="measure on a busy machine all the same")
    parser.add_argument("--add", action="store_true", help="keep the results of workloads that are not measured now")
    parser.add_argument("--out", type=Path, help="folder for the results; this one, unless they are quick")
    return parser.parse_args(arguments)


def refuse_if_busy(console: Console, force: bool) -> float:
    """Look for a second at how busy the machine is; end the command if others use it."""
    busy = busy_cpus()
    if busy > QUIET:
        console.print(
            f"The machine is busy: other processes use {busy:.2f} CPUs (at most {QUIET} allowed).", style="red"
        )
        if not force:
            sys.exit("Stop them, or use --force and do not trust the figures.")
    return busy


def export_digits() -> None:
    """Write the digits once where every peer can read them."""
    if not DIGITS.exists():
        (x_train, y_train), (x_test, y_test) = mnist()
        arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
        np.savez(DIGITS, **{name: np.asarray(value, "uint8") for name, value in arrays.items()})


def prepare(options: argparse.Namespace) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # workers inherit it
    KEPT.mkdir(exist_ok=True)
    for environment in sorted({PEERS[peer].environment for peer in options.peers} - {None}):
        make(environment)
    export_digits()


def measured(options: argparse.Namespace, results: Results, console: Console) -> None:
    """Measure the chosen workloads one after the other."""
    chosen = [results.workloads[name] for name in options.workloads if name in results.workloads]
    with tempfile.TemporaryDirectory() as folder:
        for workload in chosen:
            peers = {name: PEERS[name] for name in options.peers if PEERS[name].takes_part(workload)}
            rounds = results.settings["rounds"]
            contest = Contest(peers, rounds, options.limit, options.sizes, options.threads, Path(folder), console.log)
            results.entries += contest.run(workload)


def keep(results: Results, sizes: str, folder: Path, add: bool) -> None:
    """Write the results, and what is made from them."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{FILES[sizes]}.json"
    if add and path.exists():
        results.keep(read(path))
    write(results, path)
    draw(results, path.with_suffix(".png"))
    if folder == HERE:
        page.PAGE.write_text(page.make(), encoding="utf-8")


def main(arguments: list[str]) -> int:
    options, console = parse(arguments), Console(width=None if sys.stdout.isatty() else 170)
    quick = options.sizes == "quick"
    prepare(options)
    busy = refuse_if_busy(console, options.force or quick)
    settings = {
        "rounds": 1 if quick else options.rounds,
        "size": options.sizes,
        "threads": options.threads,
        "busy_cpus_before": round(busy, 3),
    }
    results = Results(describe(), settings, dict(SIZES[options.sizes]))
    measured(options, results, console)
    show(results, console)
    folder = options.out or (None if quick else HERE)
    failed = any(entry.error for entry in results.entries)
    if folder:
        keep(results, options.sizes, folder, options.add)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
