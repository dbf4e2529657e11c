"""`Model.check`: the doctor's full examination, before any time is spent on training."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core import LaminaError, get_seed, require, touched
from ..data import ArrayData, as_array_data, as_batches, is_stream, validation_split
from ..training.doctor import Finding, findings_table
from ..training.doctor.case import MOST_ROWS, Case, heads_of
from ..training.doctor.examine import examine, examine_cheaply, first_loss, warn
from ..training.doctor.plan import Plan, watched
from ..training.doctor.probes import Trial
from ..training.epoch import Feed
from ..training.feed import ArrayFeed
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
    run_model: bool = True,
    verbose: int = 1,
) -> list[Finding]:
    """Look for mistakes in the data, the model and how they go together, without training.

    It looks at shapes and ranges, classes and splits; runs the model on 256 rows; tries five steps and undoes them; and
    predicts memory and time. What costs nothing of this `fit` does by itself, and warns (`DoctorWarning`).

    Args:
        x, y, batch_size, validation_split, validation_data, shuffle, class_weight, sample_weight, split_mode: what
            `fit` is going to get. Of a stream the first batches are looked at; a generator does not give them again.
        run_model: False looks at data, shapes and layers only, which takes no compilation.
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
    except LaminaError as error:
        found = [Finding.of_error("data-refused", error)]
    else:
        case, program, refused = _case(self, data, judged, size, shuffle, weighted, whole=not is_stream(x))
        runs = run_model and program is not None
        found = examine(case, (lambda: _trial(self, program, case)) if runs else None) + refused
        if runs and not any(finding.severity == "error" for finding in found):
            found += _memory(self, program, case)
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
) -> tuple[Case, Any, list[Finding]]:
    """All that is known, the program of a step (None if it cannot be made), and why not."""
    first = data.take(slice(0, size))
    example = first.x, first.y, first.sample_weight
    model.seed.assign(np.uint32(get_seed()))
    program, refused = None, []
    with watched(model) as plan:
        try:
            program = model._program("train", example)
            touched(lambda: program._scalars(example))  # a program that was made before is looked at again
        except LaminaError as error:
            refused = [Finding.of_error("step-refused", error)]
    y_val, x_val = (None, None) if judged is None else (judged.y, judged.x)
    heads = heads_of(model.objective, plan, data.y, y_val)
    case = Case(model, plan, data.x, data.y, heads, size, shuffle, x_val, weighted, whole)
    return case, program, refused


def _batch(case: Case) -> Any:
    """Some rows on the device, and their numbers there."""
    chosen = case.rows[np.linspace(0, len(case.rows) - 1, min(case.batch_size, len(case.rows))).astype(np.intp)]
    rows = np.tile(np.arange(len(chosen), dtype=np.int32), (_STEPS, 1))
    return jax.tree.map(lambda a: jnp.asarray(a[chosen]), (case.x, case.y, None)), rows


def _trial(model: Any, program: Any, case: Case) -> Trial:
    """Five steps on one batch, after which every Variable holds what it held before."""
    batch, rows = _batch(case)
    saved = [(v, jnp.copy(v.array)) for v in program.written]  # copies: the program reuses their memory
    before = {path: np.array(v.array) for path, v in model.named_variables().items() if v.trainable}
    try:
        lines = program(batch, rows, 0, _STEPS)
        after = model.named_variables()
        moved = {path: _change(value, np.array(after[path].array)) for path, value in before.items()}
        began = time.perf_counter()
        program(batch, rows, 0, _STEPS)  # the first time it was compiled
        seconds = (time.perf_counter() - began) / _STEPS
    finally:
        for variable, value in saved:
            variable.assign(value)
    columns = dict(zip(program.names, lines.T, strict=True))
    losses, rates = columns.get("batch_loss", np.zeros(0)), columns.get("learning_rate", np.zeros(_STEPS))
    start = losses[0] - columns.get("penalty", np.zeros(1))[0] if len(losses) else 0.0
    return Trial(losses, float(start), rates, moved, seconds)


def _change(one: np.ndarray, other: np.ndarray) -> float:
    """The largest change, relative to the largest value."""
    most = float(np.abs(other.astype(np.float64) - one).max(initial=0.0))
    return most / max(float(np.abs(one).max(initial=0.0)), 1e-3)


def _memory(model: Any, program: Any, case: Case) -> Iterator[Finding]:
    """What training will need, as a note."""
    kept = bytes_for_backward(model, jax.tree.map(lambda a: (None, *a.shape[1:]), case.x))
    if kept is None:
        return
    variables = {id(v): v for v in (*program.written, *model.variables)}.values()
    parts = {
        "weights and optimizer": sum(v.array.nbytes for v in variables),
        "gradients": sum(v.array.nbytes for v in model.trainable_variables),
        f"kept for the backward pass of {case.batch_size} rows": kept * case.batch_size,
        "data": sum(a.nbytes for a in jax.tree.leaves((case.x, case.y))),
    }
    yield Finding(
        "memory",
        "note",
        f"training needs about {sum(parts.values()) / 2**20:,.1f} MiB",
        ", ".join(f"{name} {size / 2**20:,.1f}" for name, size in parts.items()),
        "If that is too much: a smaller batch_size, bfloat16, or lamina.checkpoint",
    )


def warn_before_training(
    model: Any, plan: Plan, feed: Feed, judged: Feed | None
) -> Callable[[dict[str, float]], None] | None:
    """What `fit` does by itself: look at what costs nothing, and warn. Returns who wants to hear of the first loss."""
    whole = isinstance(feed, ArrayFeed)
    x, y, weight = (feed.host.x, feed.host.y, feed.host.sample_weight) if whole else feed.example()  # type: ignore[union-attr]
    x_val, y_val = (judged.host.x, judged.host.y) if isinstance(judged, ArrayFeed) else (None, None)
    heads = heads_of(model.objective, plan, y, y_val)
    size = feed.batch_size if isinstance(feed, ArrayFeed) else len(jax.tree.leaves(x)[0])
    shuffle = feed.shuffle if isinstance(feed, ArrayFeed) else True
    case = Case(model, plan, x, y, heads, size, shuffle, x_val, weight is not None, whole)
    warn(examine_cheaply(case, model.predict))
    return first_loss(case)


def _show(findings: list[Finding]) -> None:
    console = require("rich.console").Console()
    if findings:
        console.print(findings_table(findings))
    counts = [(sum(finding.severity == kind for finding in findings), kind) for kind in ("error", "warning")]
    console.print(", ".join(f"{count} {kind}{'s' * (count != 1)}" for count, kind in counts), highlight=False)
