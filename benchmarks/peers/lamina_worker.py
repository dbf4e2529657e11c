"""Lamina."""

from __future__ import annotations

import importlib.metadata

from keras_jobs import KerasJob
from worker import Job, Workload, serve

import lamina


def make_job(workload: Workload, seed: int) -> Job:
    lamina.set_seed(seed)
    return KerasJob(lamina, workload)


def versions() -> str:
    return ", ".join(f"{name.title()} {importlib.metadata.version(name)}" for name in ("lamina", "jax"))


if __name__ == "__main__":
    serve(make_job, versions)
