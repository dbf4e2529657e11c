"""Lamina."""

from __future__ import annotations

import jax
import numpy as np
from keras_jobs import KerasJob
from worker import PROMPT, Job, Workload, data_of, serve, tensors

import lamina


class WritingJob(Job):
    """A GPT that writes after beginnings, each token the most probable one."""

    def __init__(self, workload: Workload) -> None:
        self.workload, self.prompts = workload, data_of(workload)[0][:, :PROMPT]
        self.model = lamina.zoo.GPT(workload.vocabulary, layers=4, heads=8, width=256, context=workload.time)

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


KINDS = {"token": WritingJob, "update": UpdatingJob}


def make_job(workload: Workload, seed: int) -> Job:
    lamina.set_seed(seed)
    return KINDS[workload.per](workload) if workload.per in KINDS else KerasJob(lamina, workload)


def versions() -> str:
    return f"Lamina {lamina.__version__}, jax {jax.__version__}"


if __name__ == "__main__":
    serve(make_job, versions)
