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
from collections.abc import Iterator
from pathlib import Path

import page
from chart import draw
from contest import PEERS, Contest
from digits import export_digits
from environments import KEPT, make
from machine import QUIET, busy_cpus, cpu_count, describe
from report import show
from results import Results, read, write
from rich.console import Console
from workloads import FULL, SIZES

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


def prepare(options: argparse.Namespace) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # workers inherit it
    KEPT.mkdir(exist_ok=True)
    for environment in sorted({PEERS[peer].environment for peer in options.peers} - {None}):
        make(environment)
    export_digits()


def measured(options: argparse.Namespace, results: Results, console: Console) -> Iterator[None]:
    """Measure the chosen workloads one after the other, with a pause after each."""
    chosen = [results.workloads[name] for name in options.workloads if name in results.workloads]
    with tempfile.TemporaryDirectory() as folder:
        for workload in chosen:
            peers = {name: PEERS[name] for name in options.peers if PEERS[name].takes_part(workload)}
            rounds = results.settings["rounds"]
            contest = Contest(peers, rounds, options.limit, options.sizes, options.threads, Path(folder), console.log)
            results.entries += contest.run(workload)
            yield


def known(path: Path, results: Results, must_be: bool) -> Results | None:
    """What was measured on this machine before; `must_be`: end the command if it was another one."""
    older = read(path) if path.exists() else None
    if older is None or results.same_machine(older):
        return older
    if must_be:
        cpus = [found.machine.get("cpu") for found in (older, results)]
        raise SystemExit("The results to be kept come from another machine: {}, this is {}.".format(*cpus))
    return None


def measure_and_keep(options: argparse.Namespace, results: Results, console: Console, path: Path) -> None:
    """Write the results after every workload, beside older ones, so that a command that is cut off loses nothing; at
    the end what was asked for, and what is made from it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    older = known(path, results, must_be=options.add)
    for _ in measured(options, results, console):
        write(results.beside(older) if older else results, path)
    kept = results.beside(older) if older and options.add else results
    write(kept, path)
    draw(kept, path.with_suffix(".png"))
    if path.parent == HERE:
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
    folder = options.out or (None if quick else HERE)
    if folder:
        measure_and_keep(options, results, console, folder / f"{FILES[options.sizes]}.json")
    else:
        list(measured(options, results, console))
    show(results, console)
    return 1 if any(entry.error for entry in results.entries) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
