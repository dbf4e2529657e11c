"""One process for one peer and one workload: `python worker.py MODULE WORKLOAD SIZE SEED`, started by `contest.py`.

It imports the peer's module, prepares the model, says that it is ready, and then answers each line of its standard
input with one line of JSON. Between two lines it holds no thread busy, so that the measurements of several workers can
take turns. Only the standard library is imported here: importing is part of what is measured.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from job import Job
from workloads import SIZES, Workload


def peak_megabytes() -> float:
    """The most memory this process ever held. `VmHWM` counts this program alone; `ru_maxrss` would also count the one
    that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def timed(function: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    """Seconds, and what came out."""
    begin = time.perf_counter()
    result = function(*given)
    return time.perf_counter() - begin, result


def first(job: Job, workload: Workload) -> dict[str, Any]:
    """The first measurement, in which everything is compiled."""
    if workload.per == "call":
        return {"first": timed(job.predict, job.batches()[0])[0]}
    seconds, loss = timed(job.fit)
    return {"first": seconds, "loss": loss}


def measure(job: Job, workload: Workload) -> dict[str, Any]:
    """One measurement: seconds of one unit."""
    if workload.per == "call":
        return answers(job)
    seconds, loss = timed(job.fit)
    return {"seconds": seconds / workload.units, "loss": loss}


def answers(job: Job) -> dict[str, Any]:
    """Median and slow end of the answering times, through `predict` and through the bound callable."""
    batches = job.batches()
    predicted = sorted(timed(job.predict, batch)[0] for batch in batches)
    called = sorted(timed(job.bound(batch))[0] for batch in batches)

    def at(times: list[float], share: float) -> float:
        return times[round(share * (len(times) - 1))]

    return {
        "seconds": at(predicted, 0.5),
        "p99": at(predicted, 0.99),
        "called": at(called, 0.5),
        "called_p99": at(called, 0.99),
    }


def agreement(job: Job) -> float:
    """1 if `predict` and the bound callable give the same numbers."""
    numpy = importlib.import_module("numpy")
    batch = job.batches()[0]
    return float(numpy.allclose(job.predict(batch), numpy.asarray(job.bound(batch)()), atol=1e-4))


def main(module: str, name: str, size: str, seed: str) -> None:
    """Answer `contest.py`."""
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a framework prints must not end up between the replies
    workload = SIZES[size][name]
    import_seconds, peer = timed(importlib.import_module, module)

    def reply(**content: Any) -> None:
        print(json.dumps({**content, "peak_mb": peak_megabytes()}), file=replies)

    job = peer.make_job(workload, int(seed))
    about = {"versions": peer.versions(), "import_seconds": import_seconds}
    if workload.whole_job:
        accuracy, epochs = job.learn()
        reply(accuracy=accuracy, epochs=epochs, **about)
        return
    reply(**first(job, workload), **about)
    for line in sys.stdin:
        if line.strip() == "measure":
            reply(**measure(job, workload))
        else:
            reply(accuracy=agreement(job) if workload.per == "call" else job.accuracy())


if __name__ == "__main__":
    main(*sys.argv[1:])
