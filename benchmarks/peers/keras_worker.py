"""Keras; the environment variable KERAS_BACKEND says on what."""

from __future__ import annotations

import importlib.metadata
import os

import keras
from keras_jobs import KerasJob
from worker import Job, Workload, serve


def make_job(workload: Workload, seed: int) -> Job:
    keras.utils.set_random_seed(seed)
    return KerasJob(keras, workload)


def versions() -> str:
    package = {"tensorflow": "tensorflow-cpu", "jax": "jax"}[os.environ["KERAS_BACKEND"]]
    return f"Keras {keras.__version__}, {package} {importlib.metadata.version(package)}"


if __name__ == "__main__":
    serve(make_job, versions)
