"""One rise and one fall over the whole training."""

from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp

from ...core import ArgumentError, as_array
from ..checks import number, one_of
from .cosine import cosine
from .schedule import LearningRateSchedule, registry, share


@registry.register()
class OneCycle(LearningRateSchedule):
    """Up from η/d to η, then down to η/(d·f): large rates in the middle regularise, small ones at the end settle.

    The top is update p·T - 1 and the lowest rate that of update T - 1, the last of T; later updates keep it. With
    `three_phase` the fall from η to η/d takes as long as the rise, and the rest goes down to η/(d·f).

    Args:
        max_learning_rate: η, for example from `model.lr_find`.
        total_steps: T, updates of the whole training.
        pct_start: p, the share of them that rises.
        anneal_strategy: "cos" for half cosine waves, "linear" for the straight lines of the paper.
        div_factor: d.
        final_div_factor: f.
        three_phase: make the symmetric triangle of the paper.

    Raises:
        ArgumentError: an argument is out of its range, or p·T leaves no update for a phase.

    Example:
        >>> rate = OneCycle(1.0, total_steps=101, pct_start=26 / 101, anneal_strategy="linear")
        >>> [round(float(rate(t)), 3) for t in (0, 25, 50, 100)]
        [0.04, 1.0, 0.667, 0.0]

    Reference: Smith and Topin 2017, arXiv 1708.07120; names and defaults as PyTorch's OneCycleLR, which also moves
    the momentum against the rate and refuses updates after T.
    """

    def __init__(
        self,
        max_learning_rate: float,
        total_steps: int,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        self.max_learning_rate = number("OneCycle", "max_learning_rate", max_learning_rate, open_low=True)
        self.total_steps = number("OneCycle", "total_steps", total_steps, low=2)
        self.pct_start = number("OneCycle", "pct_start", pct_start, high=1.0, open_low=True)
        self.div_factor = number("OneCycle", "div_factor", div_factor, open_low=True)
        self.final_div_factor = number("OneCycle", "final_div_factor", final_div_factor, open_low=True)
        self.anneal_strategy = one_of("OneCycle", "anneal_strategy", anneal_strategy, ("cos", "linear"))
        self.three_phase = three_phase
        ends = [0.0, *(end for end, _ in self._turns())]
        if any(end >= later for end, later in pairwise(ends)):
            raise ArgumentError(
                "OneCycle",
                "pct_start leaves room for every phase",
                expected="phases of at least one update",
                received=f"phases that end at updates {ends[1:]}",
                remedy="Change pct_start, or make total_steps larger",
            )

    def _turns(self) -> list[tuple[float, float]]:
        """Where each phase ends: update and rate."""
        top, last = self.pct_start * self.total_steps - 1.0, self.total_steps - 1.0
        low = self.max_learning_rate / self.div_factor
        middle = [(2.0 * top, low)] if self.three_phase else []
        return [(top, self.max_learning_rate), *middle, (last, low / self.final_div_factor)]

    def __call__(self, step: Any) -> jax.Array:
        step, start, before = as_array(step), 0.0, self.max_learning_rate / self.div_factor
        rate = jnp.zeros_like(share(step, 0, 1.0)) + before
        for end, after in self._turns():
            passed = share(step, start, end - start)
            left = 1.0 - passed if self.anneal_strategy == "linear" else cosine(passed)
            rate = jnp.where(passed > 0, after + (before - after) * left, rate)
            start, before = end, after
        return rate
