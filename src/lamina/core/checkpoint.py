"""Trade time for memory: forget what a block kept, and compute it again in the backward sweep."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax

from .op import Array, attach, op
from .random import next_key, random_scope
from .tape import Edge, Node, leaves, recording, sweep
from .tensor import Tensor


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
    time, with the same random numbers. Gradients also reach the Variables that it uses.

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
        arrays = [x.array for x in inputs]
        key = next_key("checkpoint")  # both passes draw from one scope of their own
        local = [Tensor._of(a, Edge(Node(), 0)) for a in arrays]
        with random_scope(key[0], key[1]), recording(True):
            output = function(*local, **settings)
        outputs = output if isinstance(output, tuple) else (output,)
        own = {x._edge.node.number for x in local}  # type: ignore[union-attr]
        ends = leaves([o._edge for o in outputs if o._edge is not None])
        outer = [Edge(node, 0) for node in ends if node.number not in own]  # the Variables it closes over

        def pull(node: Node, grads: list[Any]) -> Sequence[Any]:
            given = [Tensor._of(a, edge) for a, edge in zip(arrays, node.inputs, strict=False)]
            barred = barrier([*given, *(g for g in grads if g is not None)])[: len(given)]
            again = [t if t.requires_grad else Tensor._of(t.array, Edge(Node(), 0)) for t in barred]
            with random_scope(key[0], key[1]), recording(True):
                redone = function(*again, **settings)
            redone = redone if isinstance(redone, tuple) else (redone,)
            pairs = [(o._edge, g) for o, g in zip(redone, grads, strict=True) if g is not None and o._edge is not None]
            wrt = [*(x._edge for x in again), *outer]
            return sweep([edge for edge, _ in pairs], [g for _, g in pairs], wrt)  # type: ignore[arg-type]

        edges = [*(x._edge for x in inputs), *outer]
        wrapped, _ = attach([o.array for o in outputs], edges, pull)
        return wrapped if isinstance(output, tuple) else wrapped[0]

    return call
