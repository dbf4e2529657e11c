"""A step run op by op, with somebody who notes every op and remembers those that made NaN or infinities."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from ...core import Tensor, Variable, as_array, is_float, watch
from ...core.tape import Edge, Node
from ...layers.context import observe_layers
from .place import Place, place_of

FORWARD, BACKWARD = "forward", "backward"
LOSS, GRADIENT, VARIABLE = "loss", "gradient", "variable"


def is_bad(array: Any) -> bool:
    """Whether there is NaN or an infinity in it.

    Example:
        >>> is_bad(np.array([1.0, np.inf])), is_bad(np.arange(3))
        (True, False)
    """
    values = np.asarray(array)
    return is_float(values.dtype) and not np.isfinite(values).all()


@dataclass(frozen=True)
class Scale:
    """The size of an array's values: the least and the largest of those that are finite, and how many are not.

    Example:
        >>> Scale((2, 3), low=-5.0, high=1.0, nan=1).largest
        5.0
    """

    shape: tuple[int, ...]
    low: float
    high: float
    nan: int = 0
    infinite: int = 0

    @classmethod
    def of(cls, array: Any) -> "Scale":
        """Measure `array`.

        Example:
            >>> Scale.of(np.array([1.0, np.inf, -2.0, np.nan]))
            Scale(shape=(4,), low=-2.0, high=1.0, nan=1, infinite=1)
        """
        values = np.asarray(array).astype(np.float64)
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        nan = int(np.isnan(values).sum())
        return cls(tuple(values.shape), low, high, nan, values.size - finite.size - nan)

    @property
    def largest(self) -> float:
        """The largest absolute value of those that are finite."""
        return max(abs(self.low), abs(self.high))


@dataclass
class Event:
    """One call of an op.

    Attributes:
        number: in the order of the calls.
        op: its name.
        phase: FORWARD or BACKWARD.
        of: the forward op whose backward rule it is part of, or "".
        place: the layer, and the line of code; of that forward op, for a backward rule.
        scale: of its first result.
        inputs, results: its arrays; kept only if one of them is bad.
    """

    number: int
    op: str
    phase: str
    of: str
    place: Place
    scale: Scale
    inputs: list[Any] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)

    @property
    def bad_inputs(self) -> list[Any]:
        """Those of its inputs that are not finite."""
        return [x for x in self.inputs if is_bad(x)]


@dataclass
class Sink:
    """The first thing that a training step would have been spoiled by.

    Attributes:
        kind: LOSS, GRADIENT or VARIABLE.
        arrays: the bad ones.
        names: of the Variables, for the latter two.
    """

    kind: str
    arrays: list[Any]
    names: list[str] = field(default_factory=list)


class Watch:
    """Notes what happens in one training step.

    Args:
        variables: the state that must stay finite, as it is before the step.
        kinds: the sinks that count.

    Attributes:
        events: every op that ran.
        sink: the first bad loss, gradient or new value, or None.
        activations: largest absolute output of each layer, by path, in order of their calls.
        gradients: norm of the gradient of each Variable, by path.
    """

    def __init__(self, variables: Sequence[Variable], kinds: Sequence[str] = (LOSS, GRADIENT, VARIABLE)) -> None:
        self.variables, self.kinds = list(variables), kinds
        self.events: list[Event] = []
        self.sink: Sink | None = None
        self.activations: dict[str, Scale] = {}
        self.gradients: dict[str, float] = {}
        self._made: dict[int, Event] = {}  # by the identity of bad arrays, which the events keep alive
        self._nodes: dict[int, Event] = {}
        self._pulled: list[Event | None] = []
        self._sweeps = 0
        self._paths = {v._leaf.node.number: v.path for v in self.variables}
        self._known = [(v, v._array) for v in self.variables if is_bad(v._array)]

    def run(self, step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Run `step`, which returns scalars by name, under this watch."""
        self._until = sys._getframe()
        with watch(self), observe_layers(self._layer_done):
            result = step()
        self._look_at_variables()
        self._note(LOSS, [(as_array(value), "") for name, value in result.items() if name.endswith("loss")])
        return result

    def maker(self, array: Any) -> Event | None:
        """The op that made a bad array."""
        return self._made.get(id(array))

    # -- what the tape tells ------------------------------------------------------------------------
    def ran(self, name: str, inputs: Sequence[Any], results: Sequence[Any], node: Node | None) -> None:
        """Note one call of an op."""
        arrays = [r for r in results if isinstance(r, jax.Array)]
        if not arrays or any(isinstance(a, jax.core.Tracer) for a in (*arrays, *inputs)):
            return
        rule = self._pulled[-1] if self._pulled else None
        place = rule.place if rule is not None else place_of(sys._getframe(1), self._until)
        phase, of = BACKWARD if self._sweeps else FORWARD, rule.op if rule is not None else ""
        event = Event(len(self.events), name, phase, of, place, Scale.of(arrays[0]))
        self.events.append(event)
        if node is not None:
            self._nodes[node.number] = event
        bad = [a for a in arrays if is_bad(a)]
        if bad or any(is_bad(x) for x in inputs):
            event.inputs, event.results = list(inputs), arrays
        given = set(map(id, inputs))
        for array in bad:
            if id(array) not in given:  # an op may hand on what it was given
                self._made.setdefault(id(array), event)

    def sweeping(self, roots: Sequence[Edge]) -> None:
        """A backward pass begins: are the loss, and the state that it was computed with, finite?"""
        self._look_at_variables()
        self._sweeps += 1
        found = [(self._nodes.get(edge.node.number), edge.place) for edge in roots]
        losses = [event.results[place] for event, place in found if event is not None and event.results]
        self._note(LOSS, [(array, "") for array in losses])

    @contextlib.contextmanager
    def pulling(self, node: Node) -> Iterator[None]:
        """Ops that run inside are part of the backward rule of `node`."""
        self._pulled.append(self._nodes.get(node.number))
        try:
            yield
        finally:
            self._pulled.pop()

    def swept(self, wrt: Sequence[Edge], grads: Sequence[Tensor | None]) -> None:
        """A backward pass has ended: are the gradients finite?"""
        self._sweeps -= 1
        named = [
            (g.array, self._paths.get(e.node.number, "")) for e, g in zip(wrt, grads, strict=True) if g is not None
        ]
        with np.errstate(over="ignore"):
            self.gradients |= {name: float(np.linalg.norm(np.asarray(g, np.float64))) for g, name in named if name}
        self._note(GRADIENT, named)

    # -- what the layers and the state tell -----------------------------------------------------------
    def _layer_done(self, layer: Any, inputs: Any, outputs: Any) -> None:
        place = place_of(sys._getframe(1), self._until)
        for leaf in jax.tree.leaves(outputs, is_leaf=lambda t: isinstance(t, Tensor)):
            if isinstance(leaf, Tensor) and is_float(leaf.dtype) and not isinstance(leaf.array, jax.core.Tracer):
                self.activations[place.layer] = Scale.of(leaf.array)

    def _look_at_variables(self) -> None:
        before = {id(v): array for v, array in self._known}
        self._note(VARIABLE, [(v._array, v.path) for v in self.variables if before.get(id(v)) is not v._array])

    def _note(self, kind: str, named: Sequence[tuple[Any, str]]) -> None:
        bad = [(array, name) for array, name in named if is_bad(array)]
        if bad and self.sink is None and kind in self.kinds:
            self.sink = Sink(kind, [array for array, _ in bad], [name for _, name in bad if name])
