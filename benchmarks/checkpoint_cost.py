"""What keeping the state of a large run costs: a GPT of 100 million weights, kept every 50 steps.

    .venv/bin/python benchmarks/checkpoint_cost.py

The same 50 steps are timed in turns with and without a state being written meanwhile; nothing else may run. The GPU, or
a larger batch, makes a step longer and the share smaller: a batch here is one text of 256 tokens.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time

import numpy as np

import lamina
from lamina.training import Checkpoints


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--layers", type=int, default=12)
    options = parser.parse_args()
    model = lamina.zoo.GPT(vocabulary_size=20_000, context=256, layers=options.layers, heads=12, width=768)
    model.compile("adam", lamina.losses.SparseCategoricalCrossentropy(from_logits=True))
    tokens = np.random.default_rng(0).integers(0, 20_000, (options.steps, 257)).astype(np.int32)
    x, y = tokens[:, :-1], tokens[:, 1:]
    model.fit(x[:3], y[:3], batch_size=1, verbose=0)
    print(f"{model.count_params() / 1e6:.0f} million weights, {options.steps} steps a round")
    ratios = []
    for _ in range(options.rounds):
        plain, kept = timed(model, x, y, None), timed(model, x, y, options.steps // 2 + 1)
        ratios.append(kept / plain)
        print(f"without {plain / options.steps * 1e3:.0f} ms a step, kept {kept / options.steps * 1e3:.0f}: "
              f"{ratios[-1] - 1:+.1%}", flush=True)  # fmt: skip
    print(f"median {statistics.median(ratios) - 1:+.1%}")


def timed(model: lamina.Model, x: np.ndarray, y: np.ndarray, steps: int | None) -> float:
    """Seconds of an epoch, in the middle of which a state is written if `steps` says so."""
    with tempfile.TemporaryDirectory(prefix="lamina-checkpoint-") as folder:
        run = None if steps is None else Checkpoints(folder, seconds=None, steps=steps)
        begin = time.perf_counter()
        model.fit(x, y, batch_size=1, shuffle=False, verbose=0, run=run, callbacks=[Watch()])
        return Watch.ended - begin


class Watch(lamina.callbacks.Callback):
    """When the last step ended: before the state at the end of the run is written, which happens once."""

    ended = 0.0
    replay_safe = True

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        Watch.ended = time.perf_counter()


if __name__ == "__main__":
    main()
