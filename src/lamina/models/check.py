"""`Model.check`: the doctor's full examination, before any time is spent on training."""

import itertools
import time
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core import LaminaError, get_seed, require, touched
from ..data import ArrayData, as_array_data, as_batches, is_stream, validation_split
from ..training.doctor import Case, Finding, examine, findings_table, heads_of, watched
from ..training.doctor.case import MOST_ROWS
from ..training.doctor.probes import Trial
from .summary import bytes_for_backward

_STEPS = 5  # of the trial


def check(
    self: Any,
    x: Any,
    y: Any = None,
    batch_size: int | None = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool = True,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    split_mode: str = "tail",
    verbose: int = 1,
) -> list[Finding]:
    """Look for mistakes in the data, the model and how they go together, without training.

    It looks at shapes and ranges, classes and splits; runs the model on 256 rows; tries five steps and undoes them; and
    predicts memory and time. What costs nothing of this `fit` does by itself, and warns (`DoctorWarning`).

    Args:
        x, y, batch_size, validation_split, validation_data, shuffle, class_weight, sample_weight, split_mode: what
            `fit` is going to get. Of a stream the first batches are looked at, and a generator does not give them again.
        verbose: 0 prints nothing.

    Returns:
        Findings, each with a code, a severity ("error": training cannot make sense, "warning", "note"), what was
        found, the evidence and a remedy. After an error in the data the model is not run.

    Raises:
        NotBuiltError: `compile` has not been called.

    Example:
        >>> import lamina, numpy as np
        >>> model = lamina.Sequential([lamina.layers.Dense(3, activation="softmax")])
        >>> model.compile("adam", lamina.losses.SparseCategoricalCrossentropy(from_logits=True))
        >>> found = model.check(np.eye(9), np.arange(9) % 3, verbose=0)
        >>> found[0].code, found[0].remedy
        ('softmax-before-logits', 'Take the activation off the last layer (better), or set from_logits=False')
    """
    self._require_compiled("check")
    weighted = class_weight is not None or sample_weight is not None
    try:
        data, judged, size = _data(x, y, validation_data, validation_split, split_mode, batch_size)
        case, program = _case(self, data, judged, size, shuffle, weighted, whole=not is_stream(x))
    except LaminaError as error:
        found = [Finding.of_error("data-refused", error)]
    else:
        found = examine(case, lambda: _trial(self, program, case))
        if not any(finding.severity == "error" for finding in found):
            found += _costs(self, program, case)
    if verbose:
        _show(found)
    return found


def _data(
    x: Any, y: Any, validation_data: Any, fraction: float, mode: str, batch_size: int | None
) -> tuple[ArrayData, ArrayData | None, int]:
    """Training part, validation part and rows of a batch, as `fit` would make them."""
    judged = None
    if is_stream(x):
        data, size = _beginning(x)
    else:
        data, size = as_array_data(x, y, who="check"), batch_size or 32
        if fraction:
            labels = data.y if isinstance(data.y, np.ndarray) and data.y.dtype.kind in "iub" else None
            split = validation_split(data.n, fraction, mode, labels, seed=get_seed())
            data, judged = data.take(split.train), data.take(split.validation)
    if validation_data is not None:
        stream = is_stream(validation_data)
        judged = _beginning(validation_data)[0] if stream else as_array_data(*validation_data[:2], who="check")
    return data, judged, size


def _beginning(stream: Any) -> tuple[ArrayData, int]:
    """The first batches of one shape, joined to at least 1,000 rows if there are so many; rows of a batch."""
    batches: list[Any] = []
    rows = 0
    for x, y, _ in as_batches(stream, who="check"):
        shapes = [a.shape[1:] for a in jax.tree.leaves((x, y))]
        if batches and shapes != [a.shape[1:] for a in jax.tree.leaves(batches[0])]:
            break
        batches.append((x, y))
        rows += len(jax.tree.leaves(x)[0])
        if rows >= MOST_ROWS:
            break
    x, y = jax.tree.map(lambda *parts: np.concatenate(parts), *batches)
    return ArrayData(x, y), len(jax.tree.leaves(batches[0])[0])


def _case(
    model: Any, data: ArrayData, judged: ArrayData | None, size: int, shuffle: bool, weighted: bool, whole: bool
) -> tuple[Case, Any]:
    first = data.take(slice(0, size))
    example = first.x, first.y, first.sample_weight
    model.seed.assign(np.uint32(get_seed()))
    program = model._program("train", example)
    with watched(model) as plan:
        touched(lambda: program._scalars(example))
    y_val, x_val = (None, None) if judged is None else (judged.y, judged.x)
    heads = heads_of(model.objective, plan, data.y, y_val)
    return Case(model, plan, data.x, heads, size, shuffle, x_val, weighted, whole), program


def _batch(case: Case, data: Any) -> Any:
    """Some rows on the device, and their numbers there."""
    chosen = case.rows[np.linspace(0, len(case.rows) - 1, min(case.batch_size, len(case.rows))).astype(np.intp)]
    rows = np.tile(np.arange(len(chosen), dtype=np.int32), (_STEPS, 1))
    return jax.tree.map(lambda a: jnp.asarray(a[chosen]), data), rows


def _trial(model: Any, program: Any, case: Case) -> Trial:
    """Five steps on one batch, after which every Variable holds what it held before."""
    targets = {head.name: head.y for head in case.heads}
    names = model.objective.names
    y = targets if len(names) > 1 else targets.get(names[0]) if names else None
    batch, rows = _batch(case, (case.x, y, None))
    saved = [(v, jnp.copy(v.array)) for v in program.written]  # copies: the program reuses their memory
    before = {path: np.array(v.array) for path, v in model.named_variables().items() if v.trainable}
    try:
        lines = program(batch, rows, 0, _STEPS)
        moved = {path: _change(before[path], np.asarray(model.named_variables()[path].array)) for path in before}
    finally:
        for variable, value in saved:
            variable.assign(value)
    columns = dict(zip(program.names, lines.T, strict=True))
    nothing = np.full(_STEPS, np.nan)
    losses = columns.get("batch_loss", columns.get("loss", nothing))
    return Trial(losses, columns.get("learning_rate", nothing), moved)


def _change(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(other.astype(np.float64) - one).max(initial=0.0) / max(np.abs(one).max(initial=0.0), 1e-3))


def _costs(model: Any, program: Any, case: Case) -> Iterator[Finding]:
    """Memory and time of training, as notes."""
    shape = jax.tree.map(lambda a: (None, *a.shape[1:]), case.x)
    kept = bytes_for_backward(model, shape)
    state = sum(v.array.nbytes for v in {id(v): v for v in (*program.written, *model.variables)}.values())
    gradients = sum(v.array.nbytes for v in model.trainable_variables)
    data = sum(a.nbytes for a in jax.tree.leaves(case.x)) + sum(head.y.nbytes for head in case.heads)
    if kept is not None:
        total = state + gradients + kept * case.batch_size + data
        yield Finding(
            "memory",
            "note",
            f"training needs about {total / 2**20:,.0f} MiB at its peak",
            f"weights and optimizer {state / 2**20:,.1f}, gradients {gradients / 2**20:,.1f}, kept for the backward "
            f"pass {kept * case.batch_size / 2**20:,.1f} for {case.batch_size} rows, data {data / 2**20:,.1f} MiB",
            "If that is too much: a smaller batch_size, bfloat16, or lamina.checkpoint",
        )
