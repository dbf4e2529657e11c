"""Lamina; PEER_DTYPE is the type of the arithmetic, if it is not that of the weights."""

from __future__ import annotations

import os
from collections.abc import Callable

import jax
import numpy as np
from arrays import data_of, tensors
from job import Job
from keras_jobs import KerasJob
from workloads import PROMPT, Workload

import lamina


class WritingJob(Job):
    """A GPT that writes after beginnings, each token the most probable one."""

    def __init__(self, workload: Workload) -> None:
        self.workload, self.prompts = workload, data_of(workload)[0][:, :PROMPT]
        self.model = lamina.zoo.GPT(workload.vocabulary, layers=4, heads=8, width=workload.width, context=workload.time)

    def write(self, prompt: np.ndarray) -> list[int]:
        return self.model.generate(prompt.tolist(), self.workload.time - PROMPT, temperature=0).ids

    def fit(self) -> float:
        for prompt in self.prompts:
            self.write(prompt)
        return 0.0  # nothing is learned

    def accuracy(self) -> float:
        """The share of tokens that are the most probable ones without a cache, too."""
        text = np.array([[*self.prompts[0], *self.write(self.prompts[0])]], np.int32)
        best = self.model.predict(text[:, :-1])[0].argmax(-1)
        return float((best[PROMPT - 1 :] == text[0, PROMPT:]).mean())


class UpdatingJob(Job):
    """Steps of Adam on many small tensors, as the steps of `fit`: many in one program."""

    def __init__(self, workload: Workload) -> None:
        self.workload, self.variables = workload, [lamina.Variable(value) for value in tensors(workload.batch)]
        self.gradients = [lamina.Tensor(value) for value in tensors(workload.batch)]
        optimizer = lamina.optimizers.Adam()
        optimizer.build(self.variables)

        def steps(*gradients: lamina.Tensor) -> None:
            def one(count: lamina.Tensor, _: None) -> tuple[lamina.Tensor, None]:
                optimizer.apply(gradients, self.variables)
                return count + 1, None

            lamina.ops.scan(one, 0, length=workload.rows)

        self.steps = lamina.compile(steps)

    def fit(self) -> float:
        with lamina.no_grad():
            self.steps(*self.gradients)
        return float(np.mean([np.abs(v.numpy()).mean() for v in self.variables]))

    def accuracy(self) -> float:
        return 1.0  # there is nothing to be right about


class LaminaJob(KerasJob):
    """Keras' lines; the callable is the model in one program."""

    def __init__(self, workload: Workload) -> None:
        super().__init__(lamina, workload)

        def forward(x: lamina.Tensor) -> lamina.Tensor:
            with lamina.no_grad():
                return self.model(x, training=False)

        self.forward = lamina.compile(forward)

    def bound(self, batch: np.ndarray) -> Callable[[], np.ndarray]:
        tensor = lamina.Tensor(batch)
        return lambda: self.forward(tensor).numpy()


KINDS = {"token": WritingJob, "update": UpdatingJob}


def make_job(workload: Workload, seed: int) -> Job:
    lamina.set_seed(seed)
    if os.environ.get("PEER_DTYPE"):
        lamina.set_dtype_policy(f"mixed_{os.environ['PEER_DTYPE']}")
    return KINDS.get(workload.per, LaminaJob)(workload)


def versions() -> str:
    return f"Lamina {lamina.__version__}, jax {jax.__version__}"
