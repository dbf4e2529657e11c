"""One life of a run: `worker.py WORKLOAD FOLDER [PHASE COUNT]` trains, or kills itself in the COUNT-th PHASE.

A life goes on where the last one was killed. The one that comes to its end writes FOLDER/result.json.
"""

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import lamina
from lamina.core import files
from lamina.training import Checkpoints, Program, feed

_RANDOM = np.random.default_rng(0)


def mlp() -> tuple[Any, Any, Any]:
    model = lamina.Sequential([lamina.layers.Dense(16, activation="relu"), lamina.layers.Dense(3)])
    return model, _RANDOM.normal(size=(160, 6)).astype(np.float32), _RANDOM.integers(0, 3, 160)


def cnn() -> tuple[Any, Any, Any]:
    layers = lamina.layers
    model = lamina.Sequential(
        [
            *(layers.Conv2D(8, 3), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D()),
            *(layers.Dropout(0.3), layers.Flatten(), layers.Dense(3)),
        ]
    )
    return model, _RANDOM.normal(size=(160, 8, 8, 1)).astype(np.float32), _RANDOM.integers(0, 3, 160)


def lstm() -> tuple[Any, Any, Any]:
    layers = lamina.layers
    model = lamina.Sequential([layers.Embedding(20, 8), layers.LSTM(12), layers.Dropout(0.2), layers.Dense(3)])
    return model, _RANDOM.integers(0, 20, (160, 10)), _RANDOM.integers(0, 3, 160)


def gpt() -> tuple[Any, Any, Any]:
    model = lamina.zoo.GPT(vocabulary_size=20, context=12, layers=2, heads=2, width=16, dropout=0.1)
    tokens = _RANDOM.integers(0, 20, (160, 13))
    return model, tokens[:, :-1], tokens[:, 1:]


WORKLOADS: dict[str, Callable[[], tuple[Any, Any, Any]]] = {"mlp": mlp, "cnn": cnn, "lstm": lstm, "gpt": gpt}


def train(workload: str, folder: Path) -> dict[str, Any]:
    """Train to the end, from the state in `folder`; what came out, weights as a hash."""
    lamina.set_seed(7)
    model, x, y = WORKLOADS[workload]()
    rate = lamina.optimizers.schedules.CosineDecay(0.01, 60)
    optimizer = lamina.optimizers.Adam(rate, use_ema=True, ema_overwrite_frequency=7)
    model.compile(optimizer, lamina.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    kept = Checkpoints(folder, seconds=0.02, steps=3)
    history = model.fit(
        x, y, batch_size=16, epochs=6, verbose=0, validation_split=0.2, run=kept, resume=True, callbacks=[Life()]
    )
    digest = hashlib.sha256(b"".join(weight.tobytes() for weight in model.get_weights()))
    return {"weights": digest.hexdigest(), "history": history.history}


class Life(lamina.callbacks.Callback):
    """Says that training has begun, so that a kill from outside meets it at work."""

    def on_train_begin(self, logs: Any = None) -> None:
        print("training", flush=True)


PHASES: dict[str, tuple[Any, str]] = {
    "step": (Program, "__call__"),
    "evaluation": (lamina.Model, "_judge"),
    "shuffle": (feed, "permutation"),
    "fsync": (os, "fsync"),
    "rename": (os, "replace"),
    "folder": (files, "_sync_folder"),
    "cleanup": (Path, "unlink"),
}


class Writes:
    """A file that counts what is written to it."""

    def __init__(self, file: Any, counted: Callable[[], None]) -> None:
        self.file, self.counted = file, counted

    def write(self, data: Any) -> int:
        self.file.flush()  # what came before is in the file when the process is killed
        self.counted()
        return self.file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def __enter__(self) -> "Writes":
        return self

    def __exit__(self, *failure: Any) -> None:
        self.file.close()


def doom(phase: str, count: int) -> None:
    """Let this process be killed as it enters the `count`-th call that belongs to the phase."""
    calls = iter(range(count - 1))

    def counted() -> None:
        if next(calls, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    owner, name = PHASES.get(phase, (os, "fdopen"))
    real = getattr(owner, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        if phase == "write":
            return Writes(real(*args, **kwargs), counted)
        counted()
        return real(*args, **kwargs)

    setattr(owner, name, call)


if __name__ == "__main__":
    workload, folder = sys.argv[1], Path(sys.argv[2])
    if len(sys.argv) > 3:
        doom(sys.argv[3], int(sys.argv[4]))
    result = train(workload, folder)
    files.write_whole(folder / "result.json", json.dumps(result, sort_keys=True).encode())
