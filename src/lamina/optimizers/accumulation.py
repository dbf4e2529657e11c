"""Gradient accumulation: several small batches take the place of one large one."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..core import Variable, functional


def conditionally(ready: jax.Array, change: Callable[[], Any], state: Sequence[Variable]) -> None:
    """Run `change`, which writes to `state` only, where `ready` is true; part of a compiled program.

    Example:
        >>> w = Variable(1.0)
        >>> conditionally(jnp.array(False), lambda: w.assign(2.0), [w]); w
        Variable(1., float32)
    """
    pure = functional(change, state)
    values = jax.lax.cond(ready, lambda now: pure(now)[1], lambda now: now, [cell.array for cell in state])
    for cell, value in zip(state, values, strict=True):
        cell.assign(value)


def accumulate(
    gradients: Sequence[jax.Array],
    sums: Sequence[Variable],
    count: Variable,
    wanted: int,
    update: Callable[[list[jax.Array]], None],
    state: Sequence[Variable],
) -> None:
    """Add up gradients; when there are `wanted`, update with their mean and start again from zero.

    For a loss that is a mean over rows, the mean over equal batches is the mean over all their rows, so the
    update is the one that the large batch would give.

    Args:
        gradients: of this call.
        sums: what was gathered since the last update.
        count: how often.
        wanted: calls for one update.
        update: takes the mean gradients; writes to `state` only.
        state: what `update` changes.

    Example:
        >>> w, gathered, count = Variable([0.0]), Variable([0.0]), Variable(0)
        >>> for g in (1.0, 3.0):
        ...     accumulate([jnp.array([g])], [gathered], count, 2, lambda mean: w.assign(mean[0]), [w])
        >>> w, gathered
        (Variable([2.], float32), Variable([0.], float32))
    """
    calls = count.array + 1
    ready = calls == wanted
    totals = [cell.array + g for cell, g in zip(sums, gradients, strict=True)]
    conditionally(ready, lambda: update([total / wanted for total in totals]), state)
    for cell, total in zip(sums, totals, strict=True):
        cell.assign(jnp.where(ready, jnp.zeros_like(total), total))
    count.assign(jnp.where(ready, jnp.zeros_like(calls), calls))
