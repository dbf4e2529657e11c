"""What a model is going to do with its input: read off the tracing of a step, so that nothing is computed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import jax

from ... import layers
from ...core import Tensor
from ...layers.context import observe_layers

_PASSING = (
    layers.Dropout, layers.Flatten, layers.Reshape, layers.Permute, layers.InputLayer, layers.Identity,
)  # fmt: skip
_TRANSPARENT = {"cast", "identity", "reshape", "squeeze", "getitem"}  # ops that leave what a number means


class Step(NamedTuple):
    """One call of a layer.

    Attributes:
        layer: that was called.
        raw: numbers of the model's inputs that reach it as they came.
        makes: numbers of the model's outputs that are its output, untouched.
        given: shape of its first input.
        masked: whether its first input brings a mask along.
    """

    layer: Any
    raw: tuple[int, ...]
    makes: tuple[int, ...]
    given: tuple[int, ...]
    masked: bool


class Plan:
    """The calls of one pass through a model, inner layers before the outer ones.

    Attributes:
        steps: the calls, without the model's own; empty if the model was not called as a whole.
        made_by: for each output, names of the last op and of the op before it; fewer where that is not known.

    Example:
        >>> import lamina
        >>> model = lamina.Sequential([lamina.layers.Dense(2, activation="softmax")])
        >>> with watched(model) as plan: _ = model(lamina.Tensor([[1.0, 2.0]]))
        >>> plan.made_by, plan.steps[0].raw, plan.steps[0].makes
        ([('softmax', 'add')], (0,), (0,))
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.made_by: list[tuple[str, ...]] = []

    def read(self, model: Any, calls: list[tuple[Any, list[Tensor], list[Tensor]]]) -> None:
        """Take over the first pass through `model`."""
        end = next((i for i, (layer, *_) in enumerate(calls) if layer is model), None)
        if end is None:
            return
        _, inputs, outputs = calls[end]
        raw = {id(t.array): i for i, t in enumerate(inputs)}
        results = {id(t.array): i for i, t in enumerate(outputs)}
        for layer, given, made in calls[:end]:
            unchanged = tuple(sorted({raw[id(t.array)] for t in given if id(t.array) in raw}))
            if unchanged and isinstance(layer, _PASSING):
                raw |= {id(t.array): unchanged[0] for t in made}
            makes = tuple(sorted({results[id(t.array)] for t in made if id(t.array) in results}))
            shape = given[0].shape if given else ()
            masked = bool(given) and given[0].mask is not None
            self.steps.append(Step(layer, unchanged, makes, shape, masked))
        self.made_by = [_origin(t) for t in outputs]

    def last_layer(self, output: int) -> Any:
        """The innermost layer whose output is the model's output `output`; None if something follows it."""
        return next((s.layer for s in self.steps if output in s.makes and not s.layer.children()), None)


@contextmanager
def watched(model: Any) -> Iterator[Plan]:
    """Inside the block the calls of layers are noted; after it, also after an error, the plan holds the first pass."""
    calls: list[tuple[Any, list[Tensor], list[Tensor]]] = []
    plan = Plan()
    with observe_layers(lambda layer, x, y: calls.append((layer, tensors(x), tensors(y)))):
        try:
            yield plan
        finally:
            plan.read(model, calls)


def tensors(tree: Any) -> list[Tensor]:
    """The Tensors in a tree."""
    return [leaf for leaf in jax.tree.leaves(tree) if isinstance(leaf, Tensor)]


def _origin(tensor: Tensor, most: int = 2) -> tuple[str, ...]:
    """Names of the ops that made a value, the last one first, as far as the tape tells."""
    names: list[str] = []
    edge = tensor._edge
    while edge is not None and len(names) < most:
        name = getattr(getattr(edge.node.pull, "__self__", None), "__name__", None)
        if name is None:
            break
        if name not in _TRANSPARENT:
            names.append(name)
        edge = next((e for e in edge.node.inputs if e is not None), None)
    return tuple(names)
