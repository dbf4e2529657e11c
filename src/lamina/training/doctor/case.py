"""What the doctor looks at: a model, its losses, and the data that it is about to be trained on."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np

from ... import losses
from ...data.arrays import named_leaves
from .plan import Plan

MOST_ROWS = 1000
_MOST_NUMBERS = 4_000_000  # in these rows

CATEGORICAL = (losses.CategoricalCrossentropy, losses.CategoricalFocalCrossentropy)
SPARSE = (losses.SparseCategoricalCrossentropy,)
BINARY = (losses.BinaryCrossentropy, losses.BinaryFocalCrossentropy)
REGRESSION = (losses.MeanSquaredError, losses.MeanAbsoluteError, losses.Huber, losses.LogCosh)


@dataclass(frozen=True)
class Head:
    """One output of a model and what it is compared with.

    Attributes:
        name: of the output.
        loss: its loss.
        y: all targets (N, ...).
        y_val: those of the validation part, or None.
        shape: of the output, for one batch.
        made_by: names of the last op and of the one before it, as far as they are known.
        layer: whose output it is; None if an op follows.
        metrics: that judge it.
    """

    name: str
    loss: Any
    y: np.ndarray
    y_val: np.ndarray | None
    shape: tuple[int | None, ...]
    made_by: tuple[str, ...]
    layer: Any
    metrics: tuple[Any, ...]

    @property
    def last_op(self) -> str:
        """Name of the op that makes the output; "" if it is not known."""
        return self.made_by[0] if self.made_by else ""

    @property
    def is_classification(self) -> bool:
        """Whether one class out of several, or yes or no, is to be told."""
        return isinstance(self.loss, CATEGORICAL + SPARSE + BINARY)

    def labels(self, y: np.ndarray | None) -> np.ndarray | None:
        """Class numbers (N,), if there is one class per row."""
        if y is None or not self.is_classification:
            return None
        if isinstance(self.loss, CATEGORICAL):
            one_hot = y.ndim == 2 and y.shape[1] > 1 and bool(((y == 0) | (y == 1)).all())
            return y.argmax(axis=1) if one_hot else None
        rows = y.reshape(len(y), -1)
        if rows.shape[1] != 1 or rows.dtype.kind == "f" and bool((rows != np.floor(rows)).any()):
            return None
        ignored = getattr(self.loss, "ignore_class", None)
        return None if ignored is not None and bool((rows == ignored).any()) else rows[:, 0].astype(np.int64)

    @property
    def where(self) -> str:
        """Which output, for sentences."""
        return "the output" if self.name == "output_0" else f"output {self.name!r}"


@dataclass(frozen=True)
class Case:
    """All that is known before training.

    Attributes:
        model: compiled and built.
        plan: what it does with its input.
        x: all inputs.
        y: all targets, in the form of the outputs.
        heads: its outputs that have targets.
        batch_size: rows of a step.
        shuffle: whether the rows are shuffled.
        x_val: inputs of the validation part, or None.
        weighted: whether rows have weights.
        whole: False if the data is one batch of a stream.
    """

    model: Any
    plan: Plan
    x: Any
    y: Any
    heads: tuple[Head, ...]
    batch_size: int
    shuffle: bool = True
    x_val: Any = None
    weighted: bool = False
    whole: bool = True

    @property
    def inputs(self) -> list[tuple[str, np.ndarray]]:
        """The arrays of inputs, with their names."""
        return list(named_leaves(self.x, "x"))

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.inputs[0][1])

    @cached_property
    def rows(self) -> np.ndarray:
        """Numbers of at most 1,000 rows, fewer if they are long, from all over the data."""
        longest = max(array[0].size for _, array in self.inputs)
        most = max(min(self.n, MOST_ROWS, _MOST_NUMBERS // max(longest, 1)), 2)
        return np.unique(np.linspace(0, self.n - 1, most).astype(np.intp))

    def sampled(self, most: int) -> np.ndarray:
        """Numbers of at most `most` rows from all over the data."""
        return self.rows[np.unique(np.linspace(0, len(self.rows) - 1, min(len(self.rows), most)).astype(np.intp))]

    def sample(self, most: int) -> Any:
        """The inputs of these rows."""
        rows = self.sampled(most)
        return jax.tree.map(lambda a: a[rows], self.x)


def heads_of(objective: Any, plan: Plan, y: Any, y_val: Any) -> tuple[Head, ...]:
    """The outputs that have a loss and targets, one by one."""
    if not objective.settled:
        return ()
    targets, judged = objective._targets(y), objective._targets(y_val)
    found = []
    for i, (name, loss, shape) in enumerate(
        zip(objective.names, objective.losses, objective.output_shapes, strict=True)
    ):
        if loss is not None and targets[i] is not None:
            made_by = plan.made_by[i] if i < len(plan.made_by) else ()
            metrics = tuple(metric for _, place, _, metric in objective.metrics if place == i)
            val = None if judged[i] is None else np.asarray(judged[i])
            found.append(Head(name, loss, np.asarray(targets[i]), val, shape, made_by, plan.last_layer(i), metrics))
    return tuple(found)
