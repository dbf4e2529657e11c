"""optax: steps of Adam on many small tensors, many in one jitted and donated program."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import optax
from arrays import tensors
from job import Job
from workloads import Workload


class UpdatingJob(Job):
    def __init__(self, workload: Workload) -> None:
        self.workload, self.optimizer = workload, optax.adam(1e-3)
        self.parameters = [jnp.asarray(value) for value in tensors(workload.batch)]
        self.gradients = [jnp.asarray(value) for value in tensors(workload.batch)]
        self.state = self.optimizer.init(self.parameters)

    @functools.partial(jax.jit, static_argnums=0, donate_argnums=(1, 2))
    def steps(self, parameters: Any, state: Any, gradients: Any) -> Any:
        def one(carry: Any, _: None) -> Any:
            parameters, state = carry
            updates, state = self.optimizer.update(gradients, state, parameters)
            return (optax.apply_updates(parameters, updates), state), None

        return jax.lax.scan(one, (parameters, state), length=self.workload.rows)[0]

    def fit(self) -> float:
        self.parameters, self.state = self.steps(self.parameters, self.state, self.gradients)
        return float(jnp.mean(jnp.stack([jnp.abs(p).mean() for p in self.parameters])))

    def accuracy(self) -> float:
        return 1.0  # there is nothing to be right about


def make_job(workload: Workload, seed: int) -> Job:
    return UpdatingJob(workload)


def versions() -> str:
    return f"optax {optax.__version__}, jax {jax.__version__}"
