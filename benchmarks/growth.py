"""How the cost grows with the work: the time of a step with the batch and the length, and compiling with everything.

    python benchmarks/growth.py                 # prints the tables, and writes growth.json for docs/performance.md
    python benchmarks/growth.py --quick         # does it run? measures nothing

Only Lamina is measured. A ratio compares the cost per row, token or operation with that of the first line of its
table: 1 is linear, less is better.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from typing import Any

import jax
import numpy as np
from digits import export_digits
from flops import flops
from linear import Growth, to_linear
from workloads import TRAINING, Workload

import lamina

HERE = Path(__file__).parent
sys.path.append(str(HERE / "peers"))
from keras_jobs import KerasJob  # noqa: E402  (lives with the peers)


class Compiling:
    """How long JAX traced and compiled inside the block; a trace inside another one counts twice."""

    seconds = 0.0

    def __enter__(self) -> Compiling:
        jax.monitoring.register_event_duration_secs_listener(self.note)
        return self

    def note(self, event: str, duration: float, **_: Any) -> None:
        if event.startswith("/jax/core/compile/"):
            self.seconds += duration

    def __exit__(self, *_: object) -> None:
        jax.monitoring.unregister_event_duration_listener(self.note)


def step_seconds(work: Workload, chunked: bool = False, rounds: int = 3) -> float:
    """The time of a step in `fit`, the median of several."""
    job = KerasJob(lamina, work)
    if chunked:
        for block in job.model.blocks:
            block.attention.flash_attention = True
    times = []
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        job.fit()
        times.append(time.perf_counter() - begin)
    return median(times[1:]) / work.steps


def by_batch(name: str, batches: Sequence[int], rows: int) -> Growth:
    works = [replace(TRAINING[name], batch=batch, rows=max(rows, 2 * batch), epochs=1, per="step") for batch in batches]
    seconds = [step_seconds(work) for work in works]
    return Growth(f"`{name}`: batch", batches, seconds, {"a row, to linear": to_linear(seconds, batches)})


def by_length(lengths: Sequence[int], batch: int = 2) -> Growth:
    """Attention's products grow with T², so the cost of an operation is told beside that of a token."""
    works = [replace(TRAINING["gpt"], batch=batch, rows=2 * batch, time=length) for length in lengths]
    seconds = [step_seconds(work, chunked=True) for work in works]
    ratios = {
        "a token, to linear": to_linear(seconds, lengths),
        "an operation, to linear": to_linear(seconds, [flops(work) for work in works]),
    }
    return Growth("`gpt`, attention in chunks: tokens", lengths, seconds, ratios)


def compiling(title: str, sizes: Sequence[int], trainer: Callable[[int], Callable[[], Any]]) -> Growth:
    """`trainer` gives for a size what trains; flat is told as the ratio to the first. Small programs that all sizes
    share are made before.
    """
    trainer(sizes[0])()
    seconds = []
    for size in sizes:
        train = trainer(size)
        with Compiling() as spent:
            train()
        seconds.append(spent.seconds)
    return Growth(title, sizes, seconds, {"to flat": [s / seconds[0] for s in seconds]})


def epochs(count: int) -> Callable[[], Any]:
    return KerasJob(lamina, replace(TRAINING["mlp"], epochs=count)).fit


def steps(count: int) -> Callable[[], Any]:
    return KerasJob(lamina, replace(TRAINING["cnn32"], rows=32 * count)).fit


def blocks(count: int) -> Callable[[], Any]:
    """The blocks of `layers.Repeat`, each a Transformer's."""
    x = np.random.default_rng(0).normal(size=(64, 16, 32)).astype("float32")
    block = lamina.layers.TransformerEncoder(64, 4)
    model = lamina.Sequential([lamina.layers.Repeat(block, count), lamina.layers.Dense(32)])
    model.compile("adam", "mse")
    return lambda: model.fit(x, x, verbose=0)


def tables(quick: bool) -> Iterable[Growth]:
    few = slice(2 if quick else None)
    for name in ("autoencoder",) if quick else ("cnn32", "autoencoder", "lstm", "transformer", "resnet20"):
        yield by_batch(name, (32, 64, 128, 256, 512)[few], rows=64 if quick else 1024)
    yield by_length((32, 64) if quick else (128, 256, 512, 1024, 2048))
    yield compiling("`mlp`, compiling: epochs", (1, 4, 16, 64)[few], epochs)
    yield compiling("`cnn32`, compiling: steps", (8, 32, 128)[few], steps)
    yield compiling("`Repeat`, compiling: blocks", (2, 8, 32)[few], blocks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="tiny sizes, and nothing is written")
    quick = parser.parse_args().quick
    warnings.simplefilter("ignore")  # of the doctor: the textbook's Transformer sees the tokens that it is to guess
    export_digits()
    found = []
    for table in tables(quick):
        found.append(table)
        print("\n".join(table.lines()), flush=True, end="\n\n")
    if not quick:
        (HERE / "growth.json").write_text(json.dumps([asdict(table) for table in found], indent=1) + "\n")


if __name__ == "__main__":
    main()
