"""Lamina beside PyTorch and Keras in one paired run: `make bench`, or `python benchmarks/run.py --help`.

Every peer lives in an environment of its own that this command makes and keeps. Workers of all peers are alive together
and are measured in turns, A B C A B C ..., one at a time with all others stopped, so that a drift of the machine meets
everybody. Nothing else may run meanwhile: the command looks first, and refuses a busy machine.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
from contest import PEERS, Contest, Entry
from environments import KEPT, make
from machine import QUIET, busy_cpus, cpu_count, describe
from peers.worker import DIGITS, QUICK, WORKLOADS
from report import show, write
from rich.console import Console

from lamina.datasets import mnist


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--rounds", type=int, default=7, help="measurements of each peer (whole jobs: at most 3)")
    parser.add_argument("--threads", type=int, default=cpu_count(), help="CPUs that each worker may use")
    parser.add_argument("--quick", action="store_true", help="tiny sizes and one round: does everything run?")
    parser.add_argument("--force", action="store_true", help="measure on a busy machine all the same")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, help="folder for results.json and results.png"
    )
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


def main(arguments: list[str]) -> int:
    options, console = parse(arguments), Console()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])  # workers inherit it
    KEPT.mkdir(exist_ok=True)
    for environment in sorted({PEERS[peer].environment for peer in options.peers} - {None}):
        make(environment)
    export_digits()
    busy = refuse_if_busy(console, options.force or options.quick)
    machine = describe()
    rounds, size = (1, "quick") if options.quick else (options.rounds, "full")
    entries: list[Entry] = []
    with tempfile.TemporaryDirectory() as folder:
        for workload in options.workloads:
            turns = min(rounds, 3) if WORKLOADS[workload].whole_job else rounds
            peers = [peer for peer in options.peers if PEERS[peer].takes_part(WORKLOADS[workload])]
            contest = Contest(peers, turns, size, options.threads, Path(folder), console.log)
            entries += contest.run((QUICK if options.quick else WORKLOADS)[workload])
    show(entries, machine, console)
    about = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": machine,
        "busy_cpus_before": round(busy, 3),
        "settings": {"rounds": rounds, "size": size, "threads": options.threads},
        "workloads": {name: asdict(workload) for name, workload in WORKLOADS.items()},
    }
    folder_out = options.out or (None if options.quick else Path(__file__).parent)
    if folder_out:
        write(entries, about, folder_out)
    return 1 if any(entry.error for entry in entries) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
