"""The tape: who made each value, and the sweep that runs it backwards.

A `Node` is one call of an op that took part in a differentiable computation. It knows its inputs
(as edges to the nodes that made them) and what the op kept. Nodes are numbered in the order of
their making, so walking them by falling number is a reverse topological order: that is the whole
of `sweep`, which is backpropagation (Linnainmaa 1970; Rumelhart, Hinton and Williams 1986).
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol

_numbers = itertools.count()
_recording: ContextVar[bool] = ContextVar("recording", default=True)

Pull = Callable[["Node", list[Any]], Sequence[Any]]


class Edge(NamedTuple):
    """Result number `place` of `node`."""

    node: "Node"
    place: int


class Node:
    """One recorded call.

    Attributes:
        pull: (node, one gradient per output or None) -> one gradient per input or None;
            None for a leaf, where gradients end.
        inputs: one edge per input; None where the input needs no gradient.
        kept: what the forward rule kept for the backward rule.
        hooks: by output number, functions that see, and may replace, the gradient passing by.
        grad: at a leaf, the gradient that `Tensor.backward` has summed up.
    """

    __slots__ = ("grad", "hooks", "inputs", "kept", "number", "outputs", "pull")

    def __init__(self, pull: Pull | None = None, inputs: Sequence[Edge | None] = (), outputs: int = 1) -> None:
        self.number = next(_numbers)
        self.pull, self.inputs, self.outputs = pull, inputs, outputs
        self.kept: Any = None
        self.hooks: dict[int, list[Callable[[Any], Any]]] = {}
        self.grad: Any = None


class Seldom:
    """A kept array that only derivatives of derivatives need.

    Where a compiled program has none, XLA leaves it out; a loop, which records anew for them, does not store it.

    Args:
        array: an input of the op, which its backward rule gets as the Tensor that it is.

    Example:
        >>> import numpy as np
        >>> Seldom(np.ones(2)).array
        array([1., 1.])
    """

    def __init__(self, array: Any) -> None:
        self.array = array


class Closed:
    """What a rule keeps in its closure, where nobody can put other arrays in its place.

    Attributes:
        arrays: that it keeps.
        more: bytes that it needs beside them when it runs.
    """

    def __init__(self, arrays: Sequence[Any], more: int = 0) -> None:
        self.arrays, self.more = list(arrays), more


def is_recording() -> bool:
    """Whether ops write to the tape in the current context.

    Example:
        >>> with no_grad(): is_recording()
        False
    """
    return _recording.get()


@contextlib.contextmanager
def recording(on: bool) -> Iterator[None]:
    """Switch the tape on or off inside a `with` block."""
    token = _recording.set(on)
    try:
        yield
    finally:
        _recording.reset(token)


def no_grad() -> contextlib.AbstractContextManager[None]:
    """A context in which nothing is recorded: results need no gradient and cost no memory.

    Example:
        >>> from lamina import Variable
        >>> w = Variable(2.0)
        >>> with no_grad():
        ...     y = w * w
        >>> y.requires_grad
        False
    """
    return recording(False)


class Watcher(Protocol):
    """Somebody who looks at everything that is computed, as long as `watch` lets him."""

    def ran(self, name: str, inputs: Sequence[Any], results: Sequence[Any], node: Node | None) -> None:
        """After an op: its name, its arrays, and the node that stands for it on the tape, if there is one."""

    def sweeping(self, roots: Sequence[Edge]) -> None:
        """Before a sweep that starts at `roots`."""

    def pulling(self, node: Node) -> contextlib.AbstractContextManager[None]:
        """A context around the backward rule of `node`."""

    def swept(self, wrt: Sequence[Edge], grads: Sequence[Any]) -> None:
        """After a sweep, with its results."""


_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


def watcher() -> Watcher | None:
    """Who watches the ops of this context, if anybody."""
    return _watcher.get()


@contextlib.contextmanager
def watch(watcher: Watcher) -> Iterator[None]:
    """Let `watcher` see every op, forward and backward, inside the block.

    Example:
        >>> from lamina import Tensor
        >>> class Names:
        ...     def ran(self, name, inputs, results, node): print(name, end=" ")
        >>> with watch(Names()): y = Tensor(2.0) * 3.0 + 1.0
        multiply add
    """
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def reachable(roots: Sequence[Edge], since: int = 0) -> list[Node]:
    """All nodes behind `roots`, latest first; those made before number `since` are ends."""
    found: dict[int, Node] = {}
    stack = [edge.node for edge in roots]
    while stack:
        node = stack.pop()
        if node.number not in found:
            found[node.number] = node
            if node.number >= since:
                stack.extend(edge.node for edge in node.inputs if edge is not None)
    return [found[number] for number in sorted(found, reverse=True)]


def leaves(roots: Sequence[Edge]) -> list[Node]:
    """The leaves on which `roots` depend."""
    return [node for node in reachable(roots) if node.pull is None]


def _leading_to(targets: set[int], nodes: Sequence[Node]) -> set[int]:
    """Numbers of the nodes that lie between the roots and `targets`; the others need no work."""
    useful: set[int] = set()
    for node in reversed(nodes):
        if node.number in targets or any(e is not None and e.node.number in useful for e in node.inputs):
            useful.add(node.number)
    return useful


def _through_hooks(node: Node, grads: list[Any]) -> list[Any]:
    for index, hooks in node.hooks.items():
        for hook in hooks:
            if grads[index] is not None:
                replacement = hook(grads[index])
                grads[index] = grads[index] if replacement is None else replacement
    return grads


def sweep(roots: Sequence[Edge], cotangents: Sequence[Any], wrt: Sequence[Edge], since: int = 0) -> list[Any]:
    """Gradients of <roots, cotangents> with respect to `wrt`, by the chain rule from last to first.

    What was recorded before node number `since` is not entered: gradients arrive there, and no further.

    The backward rules are recorded in turn exactly when the values depend on some other leaf
    than `wrt`, or a cotangent has a history: then somebody may differentiate the result again
    (second derivatives, gradient penalties). Otherwise the sweep leaves no trace and no memory behind.

    Returns:
        One gradient per edge of `wrt`; None where nothing depends on it.
    """
    nodes = reachable(roots, since)
    targets = {edge.node.number for edge in wrt}
    again = any((node.pull is None or node.number < since) and node.number not in targets for node in nodes)
    again = again or any(cotangent._edge is not None for cotangent in cotangents)
    useful = _leading_to(targets, nodes)
    pending: dict[int, list[Any]] = {}
    watching = watcher()
    if watching is not None:
        watching.sweeping(roots)

    def add(edge: Edge | None, grad: Any) -> None:
        if edge is not None and grad is not None and edge.node.number in useful:
            slots = pending.setdefault(edge.node.number, [None] * edge.node.outputs)
            slots[edge.place] = grad if slots[edge.place] is None else slots[edge.place] + grad

    arrived: dict[int, list[Any]] = {}
    with recording(again and is_recording()):
        for root, cotangent in zip(roots, cotangents, strict=True):
            add(root, cotangent)
        for node in nodes:
            if node.number not in pending:
                continue
            grads, own = pending.pop(node.number), node.number >= since
            if own:
                grads = _through_hooks(node, grads)
            if node.number in targets:
                arrived[node.number] = grads
            if own and node.pull is not None:
                with contextlib.nullcontext() if watching is None else watching.pulling(node):
                    pulled = node.pull(node, grads)
                for edge, grad in zip(node.inputs, pulled, strict=True):
                    add(edge, grad)
    found = [arrived.get(edge.node.number, [None] * (edge.place + 1))[edge.place] for edge in wrt]
    if watching is not None:
        watching.swept(wrt, found)
    return found
