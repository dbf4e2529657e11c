"""The loop over one epoch: dispatch, replay, look for Ctrl-C, until the feed is empty."""

from collections.abc import Callable

import numpy as np

from .dispatch import Program
from .feed import ArrayFeed, StreamFeed

Feed = ArrayFeed | StreamFeed


def run_epoch(
    program: Program,
    feed: Feed,
    seed: int,
    epoch: int,
    *,
    replay: Callable[[int, list[str], np.ndarray], None],
    before: Callable[[int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, float]:
    """Run all steps of an epoch.

    Args:
        program: the steps.
        feed: the batches; their order is a function of (seed, epoch).
        replay: told (number of the first step, names, one line of values per step) after each dispatch.
        before: called before every single step; given only when somebody acts between steps.
        stop: asked between dispatches; True ends the epoch, and it may raise.

    Returns:
        The scalars that the last step reported.
    """
    step, line = 0, np.zeros(0)
    for portion in feed.epoch(seed, epoch):
        done = 0
        while done < portion.steps:
            count = min(program.pace.count, portion.steps - done)
            if before is not None:
                before(step)
                count = 1
            lines = program(portion.data, portion.rows, done, count)
            replay(step, program.names, lines)
            done, step, line = done + count, step + count, lines[-1]
            if stop():
                return _named(program, line)
    return _named(program, line)


def _named(program: Program, line: np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(program.names, line, strict=True)}
