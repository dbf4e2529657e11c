"""Many steps in one dispatch: the loop over batches runs inside one compiled program.

A step of a small network takes microseconds, and calling a program costs as much, so the loop over
steps is part of the program. How many steps one call makes is a number that the program is given:
it is chosen so that a call takes some tens of milliseconds, and never compiles anything anew.
Every step's losses, metrics, learning rate and gradient norm come back exactly.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core import Tensor, as_array, compile, functional, touched

CAPACITY = 2048  # most steps in one dispatch: rows of the log that comes back


class Program:
    """A step made into a program that runs many of them.

    Args:
        step: (x, y, sample_weight) -> dict of Tensors; reads and writes Variables.
        example: one batch, of real values, with which the step is looked at before it is compiled.
        name: shown in the compilation log.
        eager: run every step op by op instead.

    Attributes:
        names: names of the scalars that every step reports.
        vectors: names of results with axes, such as scores per class; these are read at the end of an epoch.
        pace: how many steps the next dispatch makes.
        written: the Variables that a step changes.

    Example:
        >>> from lamina import Variable
        >>> total = Variable(0.0, trainable=False)
        >>> def step(x, y, sample_weight):
        ...     return {"total": total.assign(total + x.sum())}
        >>> data = (np.arange(6.0, dtype=np.float32), None, None)
        >>> program = Program(step, data, "step")
        >>> program(data, np.array([[0, 1], [2, 3], [4, 5]]), start=0, count=3)
        array([[ 1.], [ 6.], [15.]], dtype=float32)
    """

    def __init__(
        self, step: Callable[..., dict[str, Any]], example: Sequence[Any], name: str, eager: bool = False
    ) -> None:
        self.names: list[str] = []
        self.vectors: list[str] = []
        self.pace = Pace()
        self._step, self._eager = step, eager
        self.written, _ = touched(lambda: self._scalars(example))
        self._run = compile(self._loop, max_compiles=64)
        self._run.__name__ = name

    def _scalars(self, batch: Sequence[Any]) -> jax.Array:
        """One step; its scalars as a row."""
        logs = self._step(*jax.tree.map(Tensor, tuple(batch)))
        self.names = [k for k, v in logs.items() if v.shape == ()]
        self.vectors = [k for k in logs if k not in self.names]
        return jnp.stack([as_array(logs[k]).astype(jnp.float32) for k in self.names])

    def _loop(self, data: Any, rows: Tensor, start: Tensor, count: Tensor) -> Tensor:
        sources, tree = jax.tree.flatten(data)

        def one(*leaves: Any) -> jax.Array:
            return self._scalars(jax.tree.unflatten(tree, leaves))

        pure = functional(one, self.written)

        def body(i: Any, carry: Any) -> Any:
            values, log = carry
            chosen = jax.lax.dynamic_index_in_dim(rows.array, start.array + i, keepdims=False)
            line, values = pure(values, *(jnp.take(s.array, chosen, axis=0, mode="clip") for s in sources))
            return values, log.at[i].set(line)

        values = [v.array for v in self.written]
        log = jnp.zeros((CAPACITY, len(self.names)), jnp.float32)
        values, log = jax.lax.fori_loop(0, count.array, body, (values, log))
        for variable, value in zip(self.written, values, strict=True):
            variable.assign(value)
        return Tensor(log)

    def _one_by_one(self, data: Any, rows: Any, start: int, count: int) -> np.ndarray:
        chosen = (np.asarray(rows[start + i]) for i in range(count))
        return np.stack([self._scalars(jax.tree.map(lambda a: a[some], data)) for some in chosen])  # noqa: B023

    def __call__(self, data: Any, rows: Any, start: int, count: int) -> np.ndarray:
        """Run `count` steps on the batches `rows[start : start + count]` of `data`.

        Args:
            data: arrays (x, y, sample_weight), each (N, ...), on the device.
            rows: row numbers (steps, batch).

        Returns:
            One line of scalars per step, (count, len(names)).
        """
        if self._eager:
            return self._one_by_one(data, rows, start, count)
        begin = time.perf_counter()
        lines = np.asarray(self._run(data, rows, np.int32(start), np.int32(count)).array)[:count]
        self.pace.note(count, time.perf_counter() - begin)
        return lines

    @property
    def compilations(self) -> list[str]:
        """Why each program was compiled."""
        return self._run.compilations


class Pace:
    """How many steps the next dispatch makes: as many as fill `seconds`, found by measuring.

    Args:
        seconds: aim for the length of one dispatch; short enough for Ctrl-C and the progress bar.

    Example:
        >>> pace = Pace(seconds=0.1)
        >>> pace.note(steps=1, seconds=0.02); pace.count
        5
    """

    def __init__(self, seconds: float = 0.075) -> None:
        self.seconds, self.count = seconds, 1

    def note(self, steps: int, seconds: float) -> None:
        """Take in that `steps` steps took `seconds`; growth is gradual, for the first ones mislead."""
        wanted = int(self.seconds * steps / max(seconds, 1e-9))
        self.count = max(1, min(wanted, 16 * self.count, CAPACITY))
