"""From a bad value back to where it came from: along the inputs that were bad already, until all are good."""

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ...core import Variable
from .watch import BACKWARD, GRADIENT, VARIABLE, Event, Watch, is_bad

DATA, STATE, OPTIMIZER = "data", "state", "optimizer"


@dataclass
class Origin:
    """The first thing that was not finite although everything before it was.

    Attributes:
        phase: FORWARD or BACKWARD (then there is an event), OPTIMIZER or STATE (then names of Variables), or DATA.
        array: the bad value.
        event: the call of the op that made it.
        names: of the Variables, or the part of the batch ("x", "y", "sample_weight").
        constant: a bad number written in the program that the op was given, or None.
        earlier: for a backward rule, the forward op whose result was infinite without harming the loss, or None.
    """

    phase: str
    array: Any
    event: Event | None = None
    names: tuple[str, ...] = ()
    constant: Any = None
    earlier: Event | None = None


class Search:
    """Finds the origin of what a watch has seen.

    Args:
        watch: after its run.
        batch: (x, y, sample_weight) that the step was given.
        before: the values of `watch.variables` before the step.
    """

    def __init__(self, watch: Watch, batch: Any, before: list[Any]) -> None:
        self.watch = watch
        named = zip(("x", "y", "sample_weight"), batch, strict=True)
        self._batch = [(name, leaf) for name, part in named for leaf in jax.tree.leaves(part) if is_bad(leaf)]
        self._before = before
        self._state = [(v, a) for v, a in zip(watch.variables, before, strict=True) if is_bad(a)]

    def origin(self) -> Origin | None:
        """Where the sink's values came from; None if nothing bad was seen."""
        sink = self.watch.sink
        if sink is None:
            return None
        if self._state and sink.kind == VARIABLE:
            return self._from_state()
        found = [self._walk(array, sink.kind == GRADIENT) for array in sink.arrays]
        made = [origin for origin in found if origin.event is not None]
        if made:
            return min(made, key=lambda origin: origin.event.number)  # type: ignore[union-attr]
        if sink.kind == VARIABLE:
            return Origin(OPTIMIZER, sink.arrays[0], names=tuple(sink.names))
        return found[0]

    def _from_state(self) -> Origin:
        return Origin(STATE, self._state[0][1], names=tuple(v.path for v, _ in self._state))

    def _walk(self, array: Any, backward_only: bool) -> Origin:
        """The chain of ops from `array` to its origin."""
        chain: list[Event] = []
        event = self.watch.maker(array)
        while event is not None and event not in chain:
            chain.append(event)
            bad = event.bad_inputs
            makers = [maker for maker in map(self.watch.maker, bad) if maker is not None and maker is not event]
            if backward_only:
                makers, forward = _split(makers)
                if not makers and forward:
                    return Origin(BACKWARD, _bad_result(event), event, earlier=forward[0])
            array = next((x for x in bad if self.watch.maker(x) is None), None) if not makers else None
            event = min(makers, key=lambda maker: maker.number) if makers else None
        return self._end(chain, array)

    def _end(self, chain: list[Event], outside: Any) -> Origin:
        """The origin, if the last op of the chain was given `outside`, which no op has made (None: nothing such)."""
        for name, leaf in self._batch if outside is not None else ():
            if _same(leaf, outside):
                return Origin(DATA, leaf, names=(name,))
        if outside is not None and (variable := self._variable(outside)) is not None:
            known = any(v is variable for v, _ in self._state)
            return self._from_state() if known else Origin(OPTIMIZER, outside, names=(variable.path,))
        if not chain:
            return Origin(STATE, outside) if not self._state else self._from_state()
        last = chain[-1]
        if outside is not None and not np.isnan(np.asarray(_bad_result(last))).any():
            # An infinity written on purpose, as in masks: what matters is who made NaN of it.
            last = next((event for event in reversed(chain) if np.isnan(np.asarray(_bad_result(event))).any()), last)
        return Origin(last.phase, _bad_result(last), last, constant=outside)

    def _variable(self, array: Any) -> Variable | None:
        """Whose value `array` is, or was before the step."""
        for variable, before in zip(self.watch.variables, self._before, strict=True):
            if array is before or array is variable._array:
                return variable
        return None


def _same(leaf: Any, array: Any) -> bool:
    """Whether `array` holds the values of a part of the batch, perhaps in another form or number type."""
    one, other = (np.ravel(np.asarray(a)).astype(np.float32) for a in (leaf, array))
    return np.array_equal(one, other, equal_nan=True)


def _split(makers: list[Event]) -> tuple[list[Event], list[Event]]:
    return [m for m in makers if m.phase == BACKWARD], [m for m in makers if m.phase != BACKWARD]


def _bad_result(event: Event) -> Any:
    return next((r for r in event.results if is_bad(r)), event.results[0])
