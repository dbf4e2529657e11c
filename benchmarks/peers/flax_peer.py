"""Flax NNX and optax: the jitted step that its guide on performance recommends, in a plain loop.

The model, the optimizer and the epoch's sums are taken apart once; the step is a pure function of their arrays, which
it gives away. The rows lie on the device and are gathered inside the step, and nothing is brought back to Python
before the epoch ends.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import flax
import jax
import jax.numpy as jnp
import numpy as np
import optax
from arrays import data_of
from flax import nnx
from flax_models import NETWORKS
from job import Job
from workloads import Workload

Array = jax.Array


class FlaxJob(Job):
    def __init__(self, workload: Workload, seed: int) -> None:
        self.workload, self.binary = workload, workload.model in ("mlp", "autoencoder")
        self.rng = np.random.default_rng(seed)
        self.x, self.y, self.x_test, self.y_test = data_of(workload)
        model = NETWORKS[workload.model](workload, nnx.Rngs(seed))
        optimizer = nnx.Optimizer(model, optax.adam(1e-3), wrt=nnx.Param)
        self.parts, self.state = nnx.split((model, optimizer))
        self.forward = jax.jit(self.answers)

    def loss(self, model: nnx.Module, x: Array, y: Array) -> tuple[Array, Array]:
        """The mean loss of a batch, and the answers."""
        answers = model(x).astype(jnp.float32)
        if self.binary:
            p = jnp.clip(answers, 1e-7, 1 - 1e-7)
            return -jnp.mean(y * jnp.log(p) + (1 - y) * jnp.log1p(-p)), answers
        return optax.softmax_cross_entropy_with_integer_labels(answers, y).mean(), answers

    def right(self, answers: Array, y: Array) -> Array:
        """How many answers are right; of an autoencoder, how near they are."""
        if self.workload.model == "autoencoder":
            return (1 - jnp.abs(answers - y)).sum()
        found = (answers > 0.5) == (y > 0.5) if self.binary else answers.argmax(-1) == y
        return found.sum().astype(jnp.float32)

    @functools.partial(jax.jit, static_argnums=0, donate_argnums=(1, 2))
    def step(self, state: Any, sums: Array, x: Array, y: Array, rows: Array) -> tuple[Any, Array]:
        """One step of Adam on `rows`; `sums` holds loss and right answers of the epoch."""
        model, optimizer = nnx.merge(self.parts, state)
        x, y = x[rows], y[rows]
        (loss, answers), gradients = nnx.value_and_grad(self.loss, has_aux=True)(model, x, y)
        optimizer.update(model, gradients)
        sums = sums + jnp.stack([loss * len(rows), self.right(answers, y)])
        return nnx.state((model, optimizer)), sums

    def answers(self, state: Any, x: Array) -> Array:
        model, _ = nnx.merge(self.parts, state)
        model.eval()
        return model(x)

    @functools.cached_property
    def rows(self) -> tuple[Array, Array]:
        return jnp.asarray(self.x), jnp.asarray(self.y)

    def fit(self) -> float:
        return [self.epoch() for _ in range(self.workload.epochs)][-1]

    def epoch(self) -> float:
        batch, sums = self.workload.batch, jnp.zeros(2)
        order = self.rng.permutation(len(self.x)).astype(np.int32)
        for start in range(0, len(order), batch):
            self.state, sums = self.step(self.state, sums, *self.rows, order[start : start + batch])
        return float(sums[0]) / len(self.x)

    def accuracy(self) -> float:
        starts = range(0, len(self.x_test), 500)
        pairs = ((self.x_test[i : i + 500], self.y_test[i : i + 500]) for i in starts)
        return sum(float(self.right(self.forward(self.state, x), y)) for x, y in pairs) / self.y_test.size

    def learn(self) -> tuple[float, int]:
        epochs = 0
        while epochs < self.workload.epochs:
            self.epoch()
            accuracy, epochs = self.accuracy(), epochs + 1
            if accuracy >= self.workload.target:
                break
        return accuracy, epochs

    def batches(self) -> Sequence[np.ndarray]:
        return np.split(self.x, self.workload.steps)

    def predict(self, batch: np.ndarray) -> np.ndarray:
        return np.asarray(self.forward(self.state, batch))

    def bound(self, batch: np.ndarray) -> Callable[[], Array]:
        x = jnp.asarray(batch)
        return lambda: self.forward(self.state, x).block_until_ready()


def make_job(workload: Workload, seed: int) -> Job:
    return FlaxJob(workload, seed)


def versions() -> str:
    return f"Flax {flax.__version__}, optax {optax.__version__}, jax {jax.__version__}"
