"""Many steps in one dispatch: the loop over batches runs inside one compiled program.

A step of a small network takes microseconds, and calling a program costs as much, so the loop over
steps is part of the program. How many steps one call makes is a number that the program is given:
it is chosen so that a call takes a quarter of a second at most, and never compiles anything anew.
Every step's losses, metrics, learning rate and gradient norm come back exactly. A step that changes many numbers takes
long enough to be called by itself, and then it reads its old state where it lies, while a loop would copy it first.

A guard keeps a run from being spoiled by NaN. It costs the steps nothing, for they are not changed: the state before
a dispatch is kept beside it. If something in the state after it is not finite, the old one is put back, and the same
steps are made one by one, as far as the first bad one.
"""

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core import Compiled, Tensor, as_array, functional, touched
from ..native import in_loop
from .recorder.finite import all_finite
from .recorder.guard import Guard

CAPACITY = 2048  # most steps in one dispatch: rows of the log that comes back
SECONDS = 0.25  # length of one dispatch: each copies the state once, and Ctrl-C and the progress bar wait for its end
LONGEST = 0.5  # of one under a guard, if there is much state to keep
LARGE = 2**24  # bytes of state, above which each step is a call of its own


class Program:
    """A step made into a program that runs many of them.

    Args:
        step: (x, y, sample_weight) -> dict of Tensors; reads and writes Variables.
        example: one batch, of real values, with which the step is looked at before it is compiled.
        name: shown in the compilation log.
        eager: run every step op by op instead.
        reset: assigns Variables of the step anew, before the first step of the calls that ask for it; it becomes part
            of the program, which takes less time than a copy to the device for each of them.

    Attributes:
        names: names of the scalars that every step reports.
        vectors: names of results with axes, such as scores per class; these are read at the end of an epoch.
        step: the step.
        pace: how many steps the next dispatch makes.
        written, read: the Variables that a step changes, and those that it only reads.

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
        self,
        step: Callable[..., dict[str, Any]],
        example: Sequence[Any],
        name: str,
        eager: bool = False,
        reset: Callable[[], None] = lambda: None,
    ) -> None:
        self.names: list[str] = []
        self.vectors: list[str] = []
        self.pace = Pace()
        self.step, self._eager, self._reset = step, eager, reset
        self.written, self.read = touched(lambda: (self._scalars(example), self._reset()))
        self._size = sum(v.array.nbytes for v in self.written)
        self._by_itself = self._size > LARGE
        self._guard: Guard | None = None
        self._runs = {guarded: self._compiled(name, guarded) for guarded in (False, True)}

    def _compiled(self, name: str, guarded: bool) -> Any:
        """The program; under a guard the old state is not given away, so that it can be put back."""
        loop = functools.partial(self._loop, guarded)
        run = Compiled(loop, max_compiles=64, donate=not guarded, touches=lambda: (self.written, self.read))
        run.__name__ = name
        return run

    def _scalars(self, batch: Sequence[Any]) -> jax.Array:
        """One step; its scalars as a row."""
        logs = self.step(*jax.tree.map(Tensor, tuple(batch)))
        self.names = [k for k, v in logs.items() if v.shape == ()]
        self.vectors = [k for k in logs if k not in self.names]
        return jnp.stack([as_array(logs[k]).astype(jnp.float32) for k in self.names])

    def _loop(self, guarded: bool, data: Any, rows: Tensor, span: Tensor) -> tuple[Tensor, Tensor]:
        """The steps of a span: where it begins, how many they are, and whether to reset before them."""
        sources, tree = jax.tree.flatten(data)
        start, count, fresh = span.array
        self._reset_if(fresh != 0)

        def one(*leaves: Any) -> jax.Array:
            return self._scalars(jax.tree.unflatten(tree, leaves))

        pure = functional(one, self.written)

        def numbered(i: Any, values: Any) -> tuple[jax.Array, list[jax.Array]]:
            chosen = jax.lax.dynamic_index_in_dim(rows.array, start + i, keepdims=False)
            return pure(values, *(jnp.take(s.array, chosen, axis=0, mode="clip") for s in sources))

        def body(i: Any, carry: Any) -> Any:
            values, log = carry
            line, values = numbered(i, values)
            return values, jax.lax.dynamic_update_index_in_dim(log, line, i, 0)

        values = [v.array for v in self.written]
        if self._by_itself:
            line, values = numbered(0, values)
            log = line[None]
        else:
            log = jnp.zeros((CAPACITY, len(self.names)), jnp.float32)
            with in_loop():
                values, log = jax.lax.fori_loop(0, count, body, (values, log))
        for variable, value in zip(self.written, values, strict=True):
            variable.assign(value)
        return Tensor(log), Tensor(self._finite() if guarded else True)

    def _reset_if(self, wanted: jax.Array) -> None:
        """Within a program, which does not know beforehand whether it is to."""
        before = [v.array for v in self.written]
        self._reset()
        for variable, old in zip(self.written, before, strict=True):
            if variable.array is not old:
                variable.assign(jnp.where(wanted, variable.array, old))

    def _finite(self) -> jax.Array:
        """Whether everything that the guard judges is finite now."""
        judged = self._guard.judged(self.written) if self._guard is not None else []
        return all_finite([v.array for v in judged])

    def _one_by_one(self, data: Any, rows: Any, start: int, count: int) -> np.ndarray:
        chosen = (np.asarray(rows[start + i]) for i in range(count))
        return np.stack([self._scalars(jax.tree.map(lambda a: a[some], data)) for some in chosen])  # noqa: B023

    def _dispatch(self, data: Any, rows: Any, start: int, count: int, fresh: bool) -> tuple[np.ndarray, bool]:
        """The lines of `count` steps, and whether the guard accepts them and the state after them."""
        if self._eager:
            if fresh:
                self._reset()
            lines, finite = self._one_by_one(data, rows, start, count), self._finite()
        else:
            run, ahead = self._runs[self._guard is not None], 1 if self._by_itself else count
            logs = []
            for place in range(start, start + count, ahead):
                log, flag = run(data, rows, np.array([place, ahead, fresh and place == start], np.int32))
                logs.append(np.asarray(log.array)[:ahead])
            lines, finite = np.concatenate(logs), flag.array
        return lines, self._guard is None or (self._guard.accepts(self.names, lines) and bool(np.asarray(finite)))

    def _until_bad(self, data: Any, rows: Any, start: int, count: int, fresh: bool) -> np.ndarray:
        """The same steps one by one; the first that the guard does not accept leaves nothing behind."""
        done = [np.zeros((0, len(self.names)), np.float32)]
        for place in range(start, start + count):
            before = [v.array for v in self.written]
            line, good = self._dispatch(data, rows, place, 1, fresh and place == start)
            if not good:
                self._put_back(before)
                break
            done.append(line)
        return np.concatenate(done)

    def _put_back(self, arrays: Sequence[jax.Array]) -> None:
        for variable, array in zip(self.written, arrays, strict=True):
            variable.assign(array)

    @contextmanager
    def guarded(self, guard: Guard | None) -> Iterator[None]:
        """Inside the block a step that `guard` does not accept is not made, and nor are those after it.

        The state before a dispatch is kept beside it. Where the weights are many, a dispatch takes longer, so that
        keeping them stays a small part of it.
        """
        size = self._size if guard is not None else 0
        self._guard, self.pace.seconds = guard, min(LONGEST, SECONDS + 6e-9 * size)
        try:
            yield
        finally:
            self._guard, self.pace.seconds = None, SECONDS

    def __call__(self, data: Any, rows: Any, start: int, count: int, fresh: bool = False) -> np.ndarray:
        """Run `count` steps on the batches `rows[start : start + count]` of `data`.

        Args:
            data: arrays (x, y, sample_weight), each (N, ...), on the device.
            rows: row numbers (steps, batch).
            fresh: whether to reset before the first of them.

        Returns:
            One line of scalars per step, (count, len(names)); fewer lines, if the guard did not accept the next step.
        """
        before = [v.array for v in self.written] if self._guard is not None else []
        begin = time.perf_counter()
        lines, good = self._dispatch(data, rows, start, count, fresh)
        if not self._eager:
            self.pace.note(count, time.perf_counter() - begin)
        if good:
            return lines
        self._put_back(before)
        return self._until_bad(data, rows, start, count, fresh)

    @property
    def compilations(self) -> list[str]:
        """Why each program was compiled."""
        return [reason for run in self._runs.values() for reason in run.compilations]


class Pace:
    """How many steps the next dispatch makes: as many as fill `seconds`, found by measuring.

    Args:
        seconds: aim for the length of one dispatch; short enough for Ctrl-C and the progress bar.

    Example:
        >>> pace = Pace(seconds=0.1)
        >>> pace.note(steps=1, seconds=0.02); pace.count
        5
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds, self.count = seconds, 1

    def note(self, steps: int, seconds: float) -> None:
        """Take in that `steps` steps took `seconds`; growth is gradual, for the first ones mislead."""
        wanted = int(self.seconds * steps / max(seconds, 1e-9))
        self.count = max(1, min(wanted, 16 * self.count, CAPACITY))
