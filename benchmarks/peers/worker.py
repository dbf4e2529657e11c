"""What every worker shares: the workloads, the digits, and the conversation with `run.py`.

A worker is one process for one peer and one workload. It prepares the model, says that it is ready, and then answers
each line of its standard input with one line of JSON. Between two lines it holds no thread busy, so that the
measurements of several workers can take turns. Only the standard library and NumPy are imported here: importing is part
of what is measured.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

PROMPT = 32  # tokens that a generator is given
DIGITS = Path(__file__).parents[1] / ".envs" / "mnist.npz"


@dataclass(frozen=True)
class Workload:
    """One measurement is a `fit` of `epochs` epochs over `rows` rows in batches of `batch`; its time is told by the
    epoch or by the step. Told by the token it is the writing of `rows` texts of `time` tokens, one after the other;
    told by the update it is one step of Adam on `batch` small tensors, `rows` times.

    A whole job is measured from the start of its process, and ends when the test accuracy after an epoch reaches
    `target`. Rows of text have `time` tokens out of `vocabulary`.
    """

    name: str
    rows: int
    batch: int
    epochs: int = 1
    time: int = 0
    vocabulary: int = 0
    per: str = "step"
    target: float = 0.0
    whole_job: bool = False

    @property
    def units(self) -> int:
        """How many epochs, steps or tokens one measurement holds."""
        if self.per == "token":
            return self.rows * (self.time - PROMPT)
        if self.per == "update":
            return self.rows
        return self.epochs if self.per == "epoch" else self.epochs * -(-self.rows // self.batch)


WORKLOADS = {
    "mlp": Workload("mlp", rows=1000, batch=32, epochs=20, per="epoch"),
    "cnn32": Workload("cnn32", rows=6400, batch=32),
    "cnn128": Workload("cnn128", rows=12800, batch=128),
    "mnist99": Workload("mnist99", rows=60000, batch=32, epochs=10, target=0.99, whole_job=True),
    "lstm": Workload("lstm", rows=640, batch=32, time=64, vocabulary=256),
    "gru": Workload("gru", rows=640, batch=32, time=64, vocabulary=256),
    "transformer": Workload("transformer", rows=640, batch=32, time=128, vocabulary=1000),
    "gpt": Workload("gpt", rows=160, batch=16, time=128, vocabulary=512),
    "updates": Workload("updates", rows=300, batch=200, per="update"),
    "generate": Workload("generate", rows=2, batch=1, time=256, vocabulary=512, per="token"),
}
QUICK = {
    "mlp": replace(WORKLOADS["mlp"], epochs=2),
    "cnn32": replace(WORKLOADS["cnn32"], rows=320),
    "cnn128": replace(WORKLOADS["cnn128"], rows=640),
    "mnist99": replace(WORKLOADS["mnist99"], rows=640, epochs=1, target=0.0),
    **{name: replace(work, rows=2 * work.batch, time=PROMPT + 8) for name, work in WORKLOADS.items() if work.time},
}
"""The same work in tiny sizes: shows that a worker runs, measures nothing."""


class Job(Protocol):
    """A model of one framework together with the data of one workload."""

    def fit(self) -> float:
        """Train for one measurement, in the framework's usual public way, and return the last epoch's loss."""

    def accuracy(self) -> float:
        """The share of right answers on rows that were not trained on."""

    def learn(self) -> float:
        """Train until the accuracy after an epoch reaches the workload's target, and return that accuracy."""


def data_of(workload: Workload) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training rows, their targets, test rows and their targets."""
    if workload.time:
        return text(workload.rows, workload.time, workload.vocabulary)
    return table(workload.rows) if workload.name == "mlp" else digits(workload.rows)


def text(rows: int, time: int, vocabulary: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Token numbers (N, T) and the ones that follow them, of a language in which a token decides the next one nine
    times out of ten, and 64 further rows.
    """
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, vocabulary, (rows + 64, time + 1))
    for t in range(time):
        decided = rng.random(len(tokens)) < 0.9
        tokens[:, t + 1] = np.where(decided, (3 * tokens[:, t] + 1) % vocabulary, tokens[:, t + 1])
    x, y = tokens[:, :-1].astype("int32"), tokens[:, 1:].astype("int32")
    return x[:rows], y[:rows], x[rows:], y[rows:]


def digits(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The first training images (N, 28, 28, 1) in [0, 1], their labels (N,), and the 10,000 test images and labels."""
    with np.load(DIGITS) as file:
        x_train, y_train, x_test, y_test = (file[key] for key in ("x_train", "y_train", "x_test", "y_test"))
    return scaled(x_train[:rows]), y_train[:rows].astype("int32"), scaled(x_test), y_test.astype("int32")


def scaled(images: np.ndarray) -> np.ndarray:
    return images[..., None].astype("float32") / np.float32(255)


def tensors(count: int) -> list[np.ndarray]:
    """Small tensors as a network of many layers has: kernels and biases."""
    rng = np.random.default_rng(0)
    return [rng.normal(size=(32, 32) if i % 2 else (32,)).astype("float32") for i in range(count)]


def table(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The textbook network's random table, (N, 10) and (N, 1); there is nothing to generalise, so it is its own test
    set.
    """
    rng = np.random.default_rng(0)
    x, y = rng.random((rows, 10), dtype="float32"), rng.integers(0, 2, (rows, 1)).astype("float32")
    return x, y, x, y


def peak_megabytes() -> float:
    """The most memory this process ever held. `VmHWM` counts this program alone; `ru_maxrss` would also count the one
    that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def serve(make_job: Callable[[Workload, int], Job], versions: Callable[[], str]) -> None:
    """Answer `run.py`: arguments are the workload's name, the seed, and 'quick' or 'full'."""
    name, seed, size = sys.argv[1:]
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a framework prints must not end up between the replies
    workload = (QUICK if size == "quick" else WORKLOADS)[name]
    job = make_job(workload, int(seed))

    def reply(**content: Any) -> None:
        print(json.dumps({**content, "peak_mb": peak_megabytes()}), file=replies)

    if workload.whole_job:
        reply(accuracy=job.learn(), versions=versions())
        return
    loss = job.fit()
    reply(ready=True, loss=loss, versions=versions())
    for line in sys.stdin:
        if line.strip() == "accuracy":
            reply(accuracy=job.accuracy())
        else:
            start = time.perf_counter()
            loss = job.fit()
            reply(seconds=time.perf_counter() - start, loss=loss)
