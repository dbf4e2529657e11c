"""A stretch of tape that is recorded once and swept many times, each time with other arrays in its nodes' memory.

A loop in a compiled program traces its body once; the arrays of that trace mean nothing outside of it. What the body
recorded stays valid as a plan: which rules to apply in which order. `Memory` takes the arrays out of the plan, so that
the loop can stack them, and puts slices of them back for the backward pass.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jax

from .tape import Closed, Edge, Node, Seldom, reachable, recording, sweep
from .tensor import Tensor
from .transforms import _input

Arrays = dict[str, list[Any]]


class Stretch:
    """What `function` recorded in one run: the way back from its results to its inputs and to all else it used.

    Args:
        function: tensors in, tensors out.
        inputs: its arguments.
        wanted: for each, whether its gradient is wanted.

    Attributes:
        results: the arrays that it returned.
        outside: the edges to what was recorded before, on which the results depend.

    Example:
        >>> from lamina import Variable
        >>> w = Variable(3.0)
        >>> stretch = Stretch(lambda x: [x * w], [Tensor(2.0)], [True])
        >>> stretch.pull([Tensor(1.0)], stretch.outside)
        [Tensor(3., float32), Tensor(2., float32)]
    """

    def __init__(
        self, function: Callable[..., Sequence[Tensor]], inputs: Sequence[Tensor], wanted: Sequence[bool]
    ) -> None:
        self.since = Node().number
        given = [_input(t) if flag else t for t, flag in zip(inputs, wanted, strict=True)]
        with recording(True):
            results = function(*given)
        self.results = [r.array for r in results]
        self._inputs = [t._edge if flag else None for t, flag in zip(given, wanted, strict=True)]
        self._roots = [r._edge for r in results]
        own = {e.node.number for e in self._inputs if e is not None}
        found = reachable([e for e in self._roots if e is not None], self.since)
        self.nodes = [node for node in found if node.number >= self.since and node.number not in own]
        edges = [*self._roots, *(edge for node in self.nodes for edge in node.inputs)]
        before = [e for e in edges if e is not None and e.node.number < self.since]
        self.outside = list({(e.node.number, e.place): e for e in before}.values())

    def pull(self, grads: Sequence[Tensor | None], outside: Sequence[Edge]) -> list[Tensor | None]:
        """One gradient per result in; one per input and per edge of `outside` out, None where there is none."""
        pairs = [(e, g) for e, g in zip(self._roots, grads, strict=True) if e is not None and g is not None]
        wrt = [*(e for e in self._inputs if e is not None), *outside]
        found = iter(sweep([e for e, _ in pairs], [g for _, g in pairs], wrt, self.since))
        return [next(found) if e is not None else None for e in (*self._inputs, *outside)]


def bytes_of(arrays: Sequence[Any]) -> int:
    """Memory of arrays, or of tracers that stand for them; each counts once."""
    return sum(array.size * array.dtype.itemsize for array in {id(a): a for a in arrays}.values())


def bytes_kept(outputs: Sequence[Tensor], without: Sequence[Any] = ()) -> int:
    """Memory of what the tape behind `outputs` keeps for the backward pass, each array once.

    What only second derivatives need is not counted.

    Args:
        without: arrays that are there anyway, as weights are.

    Example:
        >>> from lamina import ops
        >>> x = Tensor([1.0, 2.0], requires_grad=True)
        >>> bytes_kept([ops.tanh(x) + 3.0])  # the two results of tanh
        8
    """
    found, known, more = [], {id(array) for array in without}, 0
    for node in reachable([t._edge for t in outputs if t._edge is not None]):
        for leaf in jax.tree.leaves(node.kept):
            found += leaf.arrays if isinstance(leaf, Closed) else [leaf]
            more = max(more, leaf.more if isinstance(leaf, Closed) else 0)  # the rules run one after another
    return bytes_of([a for a in found if isinstance(a, jax.Array) and id(a) not in known]) + more


def _is_closed(kept: Any) -> bool:
    return kept is None or isinstance(kept, Closed)


class _Slot:
    """The place of an array that was taken out: number `index` of the arrays in `group`."""

    def __init__(self, group: str, index: int) -> None:
        self.group, self.index = group, index


class Memory:
    """What nodes keep, taken out of them, for first derivatives. An array is there once, however many nodes keep it.

    Args:
        nodes: of a stretch recorded in the body of a loop.
        given: arrays that the body was given and that need not be kept.
        inner: an array made in the body, by which others made there are known.

    Attributes:
        arrays: "given"; "made" in the body, other ones in each step; "fixed", from outside, the same in each step.
        complete: whether that is all; else a rule hides arrays in its closure, and cannot be used again.
    """

    def __init__(self, nodes: Sequence[Node], given: Sequence[Any], inner: jax.core.Tracer) -> None:
        self.complete = not any(_is_closed(node.kept) for node in nodes)
        self.arrays: Arrays = {"given": list(given), "made": [], "fixed": []}
        self._slots = {id(array): _Slot("given", i) for i, array in enumerate(given)}
        self._trace = inner._trace
        self._forms: list[tuple[Node, Any, list[Any]]] = []
        for node in nodes:
            leaves, tree = jax.tree.flatten(node.kept)
            self._forms.append((node, tree, [self._slot(leaf) for leaf in leaves]))
            node.kept = None

    def _slot(self, leaf: Any) -> Any:
        if isinstance(leaf, Seldom):
            return None
        if not isinstance(leaf, jax.Array):
            return leaf
        if id(leaf) not in self._slots:
            group = "made" if isinstance(leaf, jax.core.Tracer) and leaf._trace is self._trace else "fixed"
            self._slots[id(leaf)] = _Slot(group, len(self.arrays[group]))
            self.arrays[group].append(leaf)
        return self._slots[id(leaf)]

    @contextmanager
    def filled(self, arrays: Arrays) -> Iterator[None]:
        """Let the nodes keep `arrays` inside the block."""
        for node, tree, leaves in self._forms:
            values = [arrays[x.group][x.index] if isinstance(x, _Slot) else x for x in leaves]
            node.kept = jax.tree.unflatten(tree, values)
        try:
            yield
        finally:
            for node, *_ in self._forms:
                node.kept = None
