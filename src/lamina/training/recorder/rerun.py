"""One step run again, op by op, to find out where it went wrong."""

from dataclasses import replace
from typing import Any

import jax
import numpy as np

from ...core import Tensor, as_array, bound
from .guard import Guard
from .origin import OPTIMIZER, Origin, Search
from .remedy import remedy
from .story import UNKNOWN, Story, lines_around, rows_of
from .watch import Scale, Watch


def guard_of(model: Any) -> Guard:
    """What must stay finite while `model` trains: all but the state of its metrics.

    With dynamic loss scaling only the state: such an optimizer leaves out steps that overflow.
    """
    optimizer = model.optimizer
    while hasattr(optimizer, "inner_optimizer") and not hasattr(optimizer, "dynamic_scale"):
        optimizer = optimizer.inner_optimizer
    return Guard(model.objective.variables, losses=not hasattr(optimizer, "dynamic_scale"))


def rerun(model: Any, program: Any, batch: Any, epoch: int, step: int, data_rows: Any = ()) -> Story:
    """The story of a step, from the state that the model is in, which stays as it is.

    Args:
        model: the model.
        program: its `Program` for training.
        batch: (x, y, sample_weight) of this step.
        epoch, step: when that was.
        data_rows: numbers of the batch's rows in the whole data; () if they have none.
    """
    guard, variables = guard_of(model), [*program.written, *program.read]
    arrays, judged = jax.tree.map(as_array, tuple(batch)), guard.judged(variables)
    watch, values = Watch(judged, guard.kinds), [v._array for v in judged]
    with bound(variables, [v._array for v in variables]):
        watch.run(lambda: program.step(*jax.tree.map(Tensor, arrays)))
        found = Search(watch, arrays, values).origin()
    story = Story(
        epoch,
        step,
        UNKNOWN,
        note="run op by op, the step gives finite values: some are near the end of their range",
        remedy="Lower the learning rate, or pass clipnorm=1.0 to the optimizer",
        activations=watch.activations,
        gradients=watch.gradients,
        lines=lines_around(watch.events, None if found is None else found.event),
        seed=int(model.seed),
        iteration=int(model.optimizer.iterations),
    )
    if found is None:
        return story
    rows, index = rows_of(found, len(jax.tree.leaves(arrays)[0]), {v.shape for v in judged})
    numbers = tuple(int(data_rows[row]) for row in rows) if len(data_rows) else ()
    advice = remedy(found, model.optimizer, watch.activations)
    story = replace(story, rows=rows, data_rows=numbers, index=index, remedy=advice)
    return _tell(story, found, model.optimizer)


def _tell(story: Story, found: Origin, optimizer: Any) -> Story:
    """The story with what was found."""
    story = replace(story, phase=found.phase, value=Scale.of(found.array), note=_note(found))
    event = found.event
    if event is None:
        rule = f"{type(optimizer).__name__}.update" if found.phase == OPTIMIZER else ""
        return replace(story, layer=", ".join(found.names), op=rule)
    inputs = tuple(map(Scale.of, event.inputs))
    return replace(story, op=event.op, of=event.of, layer=event.place.layer, source=event.place.source, inputs=inputs)


def _note(found: Origin) -> str:
    if found.earlier is not None:
        where = f" in {found.earlier.place.layer}" if found.earlier.place.layer else ""
        return f"{found.earlier.op}{where} was infinite before, where the loss does not depend on it"
    if found.constant is not None and np.ndim(found.constant) == 0:
        return f"it was given the number {float(np.asarray(found.constant))}"
    return ""
