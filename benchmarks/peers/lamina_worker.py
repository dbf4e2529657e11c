"""Lamina."""

from __future__ import annotations

import jax
from keras_jobs import KerasJob
from worker import Job, Workload, serve

import lamina


def make_job(workload: Workload, seed: int) -> Job:
    lamina.set_seed(seed)
    return KerasJob(lamina, workload)


def versions() -> str:
    return f"Lamina {lamina.__version__}, jax {jax.__version__}"


if __name__ == "__main__":
    serve(make_job, versions)
