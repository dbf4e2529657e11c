"""Trade time for memory: forget what a block kept, and compute it again in the backward sweep."""

import contextlib
import contextvars
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax

from .compiled import bound
from .dtypes import is_float
from .op import Array, attach, op
from .random import LateKey, key_scope
from .replay import Stretch
from .tape import Closed, Node
from .tensor import Tensor
from .variable import Variable, _listener


@op
def barrier(xs: Sequence[Array]) -> Any:
    """The same values, but XLA computes nothing behind them before all of them are there. Without it the
    second pass would be merged with the first one, or made early and kept, and no memory saved."""
    return tuple(jax.lax.optimization_barrier(list(xs))), ()


@barrier.backward
def _(kept: Any, *gs: Tensor) -> Any:
    return gs


def checkpoint(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the same values and gradients that keeps only its inputs for backward.

    The forward pass stores O(1) instead of O(layers) intermediates; the backward sweep runs it a second
    time, with the same random numbers and the same state. Gradients also reach the Variables that it uses.

    Args:
        function: tensors in, one tensor or a tuple of tensors out.

    Returns:
        A function with the same arguments; keyword arguments are settings.

    Example:
        >>> from lamina import Tensor
        >>> x = Tensor(2.0, requires_grad=True)
        >>> checkpoint(lambda x: x * x * x)(x).backward(); x.grad
        Tensor(12., float32)

    Reference: Chen et al., arXiv 1604.06174.
    """

    @functools.wraps(function)
    def call(*args: Any, **settings: Any) -> Any:
        inputs = [a if isinstance(a, Tensor) else Tensor(a) for a in args]
        wanted = [is_float(x.dtype) for x in inputs]
        key = LateKey("checkpoint")  # both passes draw from one scope of their own
        context = contextvars.copy_context()
        one: list[bool] = []

        def run(*tensors: Tensor) -> Sequence[Tensor]:
            with key_scope(key):
                output = function(*tensors, **settings)
            one.append(not isinstance(output, tuple))
            return (output,) if one[-1] else output

        with _first_values() as before:
            stretch = Stretch(run, inputs, wanted)
        arrays, results, outside = [x.array for x in inputs], stretch.results, stretch.outside
        state = [(v, value) for v, value in before.values() if v._array is not value]  # what the function writes
        del stretch, before  # and with them what the tape kept

        def pull(node: Node, grads: list[Any]) -> Sequence[Any]:
            given = [Tensor._of(a, edge) for a, edge in zip(arrays, node.inputs, strict=False)]
            barred = barrier([*given, *(g for g in grads if g is not None)])[: len(given)]
            with bound([v for v, _ in state], [value for _, value in state]):
                return context.copy().run(Stretch, run, barred, wanted).pull(grads, outside)

        wrapped, node = attach(results, [*(x._edge for x in inputs), *outside], pull)
        if node is not None:
            node.kept = Closed(arrays)
        return wrapped[0] if one[0] else wrapped

    return call


@contextlib.contextmanager
def _first_values() -> Iterator[dict[int, tuple[Variable, Any]]]:
    """Note the Variables that are read or written inside the block, each with its value before that."""
    noted: dict[int, tuple[Variable, Any]] = {}
    outer = _listener.get()

    def note(variable: Variable) -> None:
        noted.setdefault(id(variable), (variable, variable._array))
        if outer is not None:
            outer(variable)

    token = _listener.set(note)
    try:
        yield noted
    finally:
        _listener.reset(token)
