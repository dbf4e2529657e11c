"""What callbacks and logs cost: time of a step of `fit` with the usual ones, over the time without any.

    python benchmarks/callback_cost.py                 # prints them, and writes callbacks.json for docs/performance.md
    python benchmarks/callback_cost.py --quick         # does it run? measures nothing

The usual ones: a progress bar drawn for a terminal that leads nowhere, a line for every step and one for every epoch to
files, and stopping early; what is done per epoch and takes long, as saving a model, is left out. Both ways train models
of their own in turns, two epochs of one, then two of the other, so that a busy machine slows both; told is the median
of the quotients of neighbours. The accuracy is computed in both.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import rich
from digits import export_digits
from workloads import TRAINING, Workload, quick

import lamina
from lamina import callbacks

HERE = Path(__file__).parent
sys.path.append(str(HERE / "peers"))
from keras_jobs import KerasJob  # noqa: E402  (lives with the peers)

NAMES, ROUNDS, WARM = ("cnn32", "gpt"), 12, 2


def usual(folder: Path) -> list[Any]:
    """What people commonly hand to `fit`."""
    logs = [callbacks.CSVLogger(folder / "epochs.csv"), callbacks.MetricsLog(folder / "steps.jsonl", steps=True)]
    return [*logs, callbacks.EarlyStopping(monitor="loss", patience=1000)]


def seconds(job: KerasJob, listeners: list[Any], verbose: int) -> float:
    """Time of a step, over two epochs."""
    work, begin = job.workload, time.perf_counter()
    job.model.fit(job.x, job.y, batch_size=work.batch, epochs=2, callbacks=listeners, verbose=verbose)
    return (time.perf_counter() - begin) / (2 * work.steps)


def cost(work: Workload, rounds: int = ROUNDS) -> dict[str, Any]:
    """The step without callbacks in seconds, and with them as a multiple of it."""
    bare, watched = KerasJob(lamina, work), KerasJob(lamina, work)
    with tempfile.TemporaryDirectory() as folder:
        pairs = [(seconds(bare, [], 0), seconds(watched, usual(Path(folder)), 1)) for _ in range(rounds + WARM)][WARM:]
    return {"workload": work.name, "seconds": median(a for a, _ in pairs), "ratio": median(b / a for a, b in pairs)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="tiny sizes, and nothing is written")
    tiny = parser.parse_args().quick
    export_digits()
    found = []
    with open(os.devnull, "w") as nowhere:
        rich.reconfigure(file=nowhere, force_terminal=True, force_interactive=True)
        for name in NAMES:
            found.append(cost(quick(TRAINING[name]) if tiny else TRAINING[name], 1 if tiny else ROUNDS))
            print("{workload}: {seconds:.4f} s a step, with callbacks {ratio:.4f} times that".format(**found[-1]))
    if not tiny:
        (HERE / "callbacks.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
