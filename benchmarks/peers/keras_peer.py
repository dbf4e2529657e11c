"""Keras; KERAS_BACKEND says on what. KERAS_STEPS is how many steps `fit` makes at once, 1 as Keras has it."""

from __future__ import annotations

import importlib.metadata
import os

import keras
from job import Job
from keras_jobs import KerasJob
from workloads import Workload

BACKEND = os.environ["KERAS_BACKEND"]


def make_job(workload: Workload, seed: int) -> Job:
    keras.utils.set_random_seed(seed)
    return KerasJob(keras, workload, steps_per_execution=int(os.environ.get("KERAS_STEPS", "1")))


def versions() -> str:
    package = {"tensorflow": "tensorflow-cpu", "jax": "jax"}[BACKEND]
    return f"Keras {keras.__version__}, {package} {importlib.metadata.version(package)}"
