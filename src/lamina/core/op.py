"""An op: one forward rule and, right below it, its backward rule.

    @op
    def multiply(x: Array, y: Array):
        return x * y, (x, y)              # the result, and what backward keeps

    @multiply.backward
    def _(kept, g):
        x, y = kept
        return g * y, g * x               # one gradient per input

Forward works on plain arrays. Backward works on Tensors and is made of ops, so its own derivative
needs nothing more. Parameters annotated `Array` (or `Sequence[Array]`) are inputs; all others are
settings. What is kept may be an input, a result, or anything that has no derivative (integers,
masks, shapes); an intermediate that has one becomes a further result of the op, so that the second
derivative can flow through it. An input that only those second derivatives need is kept as `Seldom(x)`. Undoing
broadcasting and casting is done here, once.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .dtypes import autocast, autocast_dtype, is_float, promote
from .errors import GradientError
from .registry import Registry
from .symbolic import any_symbol, record
from .tape import Edge, Node, Seldom, is_recording, watcher
from .tensor import Tensor, as_array
from .variable import Variable

Array = jax.Array
ops: Registry[Callable[..., Any]] = Registry("op")

INPUT, RESULT, PLAIN = 0, 1, 2


def _input_names(signature: inspect.Signature) -> dict[str, bool]:
    """Names of the parameters that are arrays; True for those that are sequences of arrays."""
    kinds = {Array: False, Array | None: False, Sequence[Array]: True}
    return {name: kinds[p.annotation] for name, p in signature.parameters.items() if p.annotation in kinds}


def unbroadcast(gradient: Tensor, shape: tuple[int, ...], dtype: Any) -> Tensor:
    """Sum `gradient` over the axes along which an input of `shape` was repeated, and cast it back."""
    if gradient.shape != shape:
        extra = gradient.ndim - len(shape)
        repeated = [i for i in range(extra, gradient.ndim) if shape[i - extra] == 1 and gradient.shape[i] != 1]
        gradient = gradient.sum(axis=(*range(extra), *repeated)).reshape(shape)
    return gradient if gradient.dtype == dtype else gradient.astype(dtype)


class Op:
    """A forward rule on arrays with its backward rule; calling it records on the tape.

    Args:
        forward: the forward rule; see the module's text.
        promotes: bring the inputs to one number type first.

    Example:
        >>> from lamina import ops, grad
        >>> ops.multiply, grad(lambda x: ops.multiply(x, x))(3.0)
        (<op multiply>, Tensor(6., float32))
    """

    def __init__(self, forward: Callable[..., Any], promotes: bool) -> None:
        functools.update_wrapper(self, forward)
        self.__name__: str = forward.__name__
        self.forward, self.promotes = forward, promotes
        self.rule: Callable[..., Any] | None = None
        self.__signature__ = inspect.signature(forward)
        self.inputs = _input_names(self.__signature__)
        self._parameters = list(self.__signature__.parameters)

    def backward(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator: the backward rule, (kept, one gradient per result) -> one gradient per input."""
        self.rule = rule
        return rule

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if any_symbol(args, kwargs):
            return record(self, args, kwargs)
        if len(args) > len(self._parameters) or not kwargs.keys().isdisjoint(self._parameters[: len(args)]):
            self.__signature__.bind(*args, **kwargs)  # raises the TypeError that Python itself would raise
        bound = dict(zip(self._parameters, args, strict=False)) | kwargs
        sources, slots = self._flatten(bound)
        given = [s.array if isinstance(s, Tensor) else s for s in sources]
        arrays = list(promote(*given)) if self.promotes else [as_array(a) for a in given]
        for (name, position), array in zip(slots, arrays, strict=True):
            if position is None:
                bound[name] = array
            else:
                bound[name][position] = array
        result, kept = self.forward(**bound)
        edges = [s._edge if isinstance(s, Tensor) else None for s in sources]
        return self._wrap(result, kept, arrays, edges, [_spec(a) for a in given])

    def _flatten(self, bound: dict[str, Any]) -> tuple[list[Any], list[tuple[str, int | None]]]:
        """The inputs in order, and for each its parameter name and its place in a sequence."""
        sources: list[Any] = []
        slots: list[tuple[str, int | None]] = []
        for name, is_sequence in self.inputs.items():
            value = bound.get(name)
            if is_sequence:
                bound[name] = [None] * len(value)  # type: ignore[arg-type]
                sources += map(_source, value)  # type: ignore[arg-type]
                slots += [(name, i) for i in range(len(value))]  # type: ignore[arg-type]
            elif value is not None:
                sources.append(_source(value))
                slots.append((name, None))
        return sources, slots

    def _wrap(self, result: Any, kept: Any, arrays: list[Any], edges: list[Edge | None], specs: list[Any]) -> Any:
        results = result if isinstance(result, tuple) else (result,)
        wrapped, node = attach(results, edges, self._pull if self.rule is not None else None)
        watching = watcher()
        if watching is not None:
            watching.ran(self.__name__, arrays, results, node)
        if node is not None:
            node.kept = ([self._label(k, arrays, results) for k in kept], specs)
        return wrapped if isinstance(result, tuple) else wrapped[0]

    @staticmethod
    def _label(item: Any, arrays: list[Any], results: tuple[Any, ...]) -> tuple[int, int, Any]:
        """Where a kept thing comes from: an input, a result, or neither.

        Places, not Tensors, are stored for results, so that no reference cycle keeps memory alive.
        """
        found = item.array if isinstance(item, Seldom) else item
        for kind, values in ((INPUT, arrays), (RESULT, results)):
            for i, value in enumerate(values):
                if found is value and found is not None:
                    return kind, i, item
        return PLAIN, 0, item

    def _pull(self, node: Node, grads: list[Any]) -> list[Any]:
        labels, specs = node.kept
        kept = [self._restore(node, *label) for label in labels]
        pulled = self.rule(kept, *grads)  # type: ignore[misc]
        pulled = pulled if isinstance(pulled, (tuple, list)) else (pulled,)
        if len(pulled) != len(specs):
            raise GradientError(
                self.__name__,
                "a backward rule returns one gradient per input",
                expected=len(specs),
                received=len(pulled),
                remedy="Return None for an input that has no gradient",
            )
        return [
            unbroadcast(g, *spec) if g is not None and edge is not None else None
            for g, spec, edge in zip(pulled, specs, node.inputs, strict=True)
        ]

    @staticmethod
    def _restore(node: Node, kind: int, place: int, item: Any) -> Any:
        item = item.array if isinstance(item, Seldom) else item
        if not isinstance(item, jax.Array):
            return item
        if kind == INPUT:
            return Tensor._of(item, node.inputs[place])
        return Tensor._of(item, Edge(node, place) if kind == RESULT and is_float(item.dtype) else None)

    def __repr__(self) -> str:
        return f"<op {self.__name__}>"


def attach(results: Sequence[Any], edges: Sequence[Edge | None], pull: Any) -> tuple[tuple[Tensor, ...], Node | None]:
    """Tensors for `results`, made by one new node when the tape is on and an input needs a gradient."""
    node = Node(pull, edges, len(results)) if pull is not None and any(edges) and is_recording() else None
    wrapped = tuple(Tensor._of(r, Edge(node, i) if node and is_float(r.dtype) else None) for i, r in enumerate(results))
    return wrapped, node


def _source(value: Any) -> Any:
    """A Python number stays one until its type is settled by the arrays beside it; a Variable is
    read in the type that the layer around the call computes in."""
    if isinstance(value, Variable):
        wanted = autocast_dtype()
        if wanted is not None and value.dtype != wanted and is_float(value.dtype):
            with autocast(None):
                return value.astype(wanted)
        return value
    return value if isinstance(value, (Tensor, jax.Array, bool, int, float)) else as_array(value)


def _spec(array: Any) -> tuple[tuple[int, ...], Any]:
    return jnp.shape(array), getattr(array, "dtype", None)


def op(forward: Callable[..., Any] | None = None, *, promotes: bool = False, name: str | None = None) -> Any:
    """Decorator: make a forward rule an op, and enter it in the closed table of ops.

    Args:
        forward: (arrays, settings) -> (result or tuple of results, tuple of things kept).
        promotes: bring the inputs to one number type before the rule sees them.
        name: the name in the table, when it is not the function's own.

    Returns:
        The `Op`, whose `.backward` takes the other rule.

    Example:
        >>> from lamina import grad
        >>> @op
        ... def cube(x: Array):
        ...     return x * x * x, (x,)
        >>> @cube.backward
        ... def _(kept, g):
        ...     (x,) = kept
        ...     return 3.0 * x * x * g
        >>> cube(2.0), grad(cube)(2.0), grad(grad(cube))(2.0)
        (Tensor(8., float32), Tensor(12., float32), Tensor(12., float32))
    """

    def make(forward: Callable[..., Any]) -> Op:
        made = Op(forward, promotes)
        return ops.add(made, name or forward.__name__)  # type: ignore[return-value]

    return make(forward) if forward is not None else make


def composite(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: a function made of ops; it needs no backward rule and counts as one step in a graph of layers.

    Example:
        >>> from lamina import grad
        >>> @composite
        ... def bend(x):
        ...     return x * x + x
        >>> grad(bend)(3.0)
        Tensor(7., float32)
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any_symbol(args, kwargs):
            return record(call, args, kwargs)
        return function(*args, **kwargs)

    return ops.add(call, function.__name__)
