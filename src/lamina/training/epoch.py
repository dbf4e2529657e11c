"""The loop over one epoch: dispatch, replay, look for Ctrl-C, until the feed is empty."""

import sys
from collections.abc import Callable, Mapping

import numpy as np

from .dispatch import Program
from .feed import ArrayFeed, Portion, StreamFeed
from .interrupt import Interrupt

Feed = ArrayFeed | StreamFeed


def run_epoch(
    program: Program,
    feed: Feed,
    seed: int,
    epoch: int,
    *,
    replay: Callable[[int, list[str], np.ndarray], None],
    before: Callable[[int], None] | None = None,
    after: Callable[[int, dict[str, float]], bool] = lambda step, last: False,
    fresh: bool = False,
    done: int = 0,
    last: Mapping[str, float] | None = None,
    ahead: Callable[[int], int] = lambda step: sys.maxsize,
    refused: Callable[[int, Portion, int], None] = lambda step, portion, here: None,
    interrupt: Interrupt | None = None,
) -> dict[str, float]:
    """Run all steps of an epoch.

    Args:
        program: the steps.
        feed: the batches; their order is a function of (seed, epoch).
        replay: told (number of the first step, names, one line of values per step) after each dispatch.
        before: called before every single step; given only when somebody acts between steps.
        after: told between dispatches how many steps are done, and the scalars of the last; True ends the epoch.
        fresh: whether to reset what the program resets, before the first step.
        done: so many steps are done already: a run that goes on.
        last: the scalars that the last of them reported.
        ahead: given the number of steps done, how many may follow before `after` has to be told.
        refused: told which step the program's guard has not let happen, in which portion of the data, and where in it.
            The epoch ends there.
        interrupt: raises between dispatches what signals ask for, and while data are waited for.

    Returns:
        The scalars that the last step reported.
    """
    step, results, interrupt = 0, dict(last or {}), interrupt or Interrupt()
    for portion in interrupt.awaited(feed.epoch(seed, epoch)):
        here = min(portion.steps, max(done - step, 0))  # steps of this portion that need not be done
        step += here
        while here < portion.steps:
            count = min(program.pace.count, portion.steps - here, ahead(step))
            if before is not None:
                before(step)
                count = 1
            lines = program(portion.data, portion.rows, here, count, fresh)
            fresh = False
            if len(lines):
                replay(step, program.names, lines)
                here, step, results = here + len(lines), step + len(lines), _named(program, lines[-1])
            if len(lines) < count:
                refused(step, portion, here)
                return results
            stop = after(step, results)
            interrupt()
            if stop:
                return results
    return results


def _named(program: Program, line: np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(program.names, line, strict=True)}
