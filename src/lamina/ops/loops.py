"""`scan`: a loop that is one loop in the compiled program too, forward and backward.

Forward, the body runs under the tape inside one `lax.scan`; what the tape's nodes keep in one step leaves the loop
as stacked arrays. Backward is a second `lax.scan` from the other end: each step puts its slices back into the same
nodes and sweeps them. So neither the size of the program nor the time to compile it grows with the number of steps.
"""

import contextvars
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..core import (
    ArgumentError,
    ShapeError,
    Tensor,
    Variable,
    as_array,
    bound,
    is_float,
    is_recording,
    no_grad,
    touched,
)
from ..core import checkpoint as forgetting
from ..core.op import attach
from ..core.random import Key, LateKey, key_scope
from ..core.replay import Memory, Stretch, bytes_of
from ..core.tape import Closed, Edge, Node, recording
from ..core.transforms import _flatten
from .joining import stack, unstack

Tensors = list[Tensor]


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int = 1,
    *,
    checkpoint: bool = False,
) -> tuple[Any, Any]:
    """A loop over the slices of `xs`: c_{t+1}, y_t = f(c_t, x_t), from c_0 = init.

    In a compiled program it is one loop, however many steps there are; elsewhere the steps run one after another.
    Gradients flow to `init`, to `xs` and to all that f uses from outside (weights), summed over the steps. Random
    draws in f differ from step to step. Variables that f writes keep what the last step wrote.

    Args:
        f: (carry, x) -> (carry, y), trees of tensors; the carry keeps its structure, shapes and types.
        init: the first carry, a tree of tensors.
        xs: tree of tensors (T, ...), one slice a step; None with `length`.
        length: T, where xs is None.
        reverse: from the last slice to the first; y_t still belongs to x_t.
        unroll: steps in one round of the compiled loop.
        checkpoint: keep only the carries for the backward pass, which computes f again.

    Returns:
        The last carry, and the ys, stacked (T, ...).

    Raises:
        ShapeError: the xs differ in length, or the carry changed its shape or type.
        ArgumentError: neither xs nor length is given, or the carry changed its structure.

    Example:
        >>> from lamina import Tensor, ops
        >>> ops.scan(lambda c, x: (c * 0.5 + x, c), 0.0, Tensor([1.0, 1.0, 1.0]))
        (Tensor(1.75, float32), Tensor([0. , 1. , 1.5], float32))

    Keras' function has no `checkpoint`, and takes derivatives from its backend.
    """
    carry, carry_tree = _flatten(init)
    rows, rows_tree = _flatten(xs)
    carry, rows = [_tensor(c) for c in carry], [_tensor(r) for r in rows]
    body = _Body(f, carry_tree, rows_tree)
    numbers = jnp.arange(_steps(rows, length))
    run = _scanned if isinstance(numbers, jax.core.Tracer) else _one_by_one
    last, ys = run(body, carry, rows, numbers, reverse, unroll, checkpoint)
    return jax.tree.unflatten(carry_tree, last), jax.tree.unflatten(body.result_tree, ys)


def _tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else Tensor(value)


def _steps(rows: Tensors, length: int | None) -> int:
    lengths = {row.shape[0] for row in rows} | ({length} if length is not None else set())
    if not lengths:
        raise ArgumentError("scan", "the number of steps must be known", expected="xs or length", received="neither",
                            remedy="Pass length=")  # fmt: skip
    if len(lengths) > 1:
        shapes = [row.shape for row in rows]
        raise ShapeError("scan", "all xs have one first axis, the steps", expected=f"one of {sorted(lengths)}",
                         received=f"shapes {shapes}, length {length}", remedy="Put the time first")  # fmt: skip
    return lengths.pop()


class _Body:
    """The function of one step on flat lists of tensors, with random numbers of its own in every step."""

    def __init__(self, f: Callable[[Any, Any], tuple[Any, Any]], carry_tree: Any, rows_tree: Any) -> None:
        self.f, self.carry_tree, self.rows_tree = f, carry_tree, rows_tree
        self.key = LateKey("scan")
        self.context = contextvars.copy_context()
        self.result_tree: Any = None

    def __call__(
        self, carry: Sequence[Any], row: Sequence[Any], number: Any, key: Callable[[], Key] | None = None
    ) -> Tensors:
        """The new carry, followed by the parts of y."""
        with key_scope(key or self.key, as_array(number)):
            following, y = self.f(jax.tree.unflatten(self.carry_tree, carry), jax.tree.unflatten(self.rows_tree, row))
        parts, self.result_tree = _flatten(y)
        return [*self._checked(following, carry), *(_tensor(p) for p in parts)]

    def again(self, carry: Sequence[Any], row: Sequence[Any], number: Any) -> Tensors:
        """The same in the backward pass: in the context of the call of `scan` (number types, training phase)."""
        tape_is_on = is_recording()

        def run() -> Tensors:
            with recording(tape_is_on):
                return self(carry, row, number)

        return self.context.copy().run(run)

    def written(self, carry: Tensors, row: Tensors) -> list[Variable]:
        """The Variables that a step writes. If it draws random numbers, the key is drawn now, before the loop."""
        asked: list[bool] = []

        def pretended() -> Key:
            asked.append(True)
            return jnp.zeros(2, jnp.uint32)

        with no_grad():
            found = touched(lambda: self(carry, row, 0, pretended))[0]
        if asked:
            self.key()
        return found

    def _checked(self, following: Any, carry: Sequence[Tensor]) -> Tensors:
        parts, tree = _flatten(following)
        if tree != self.carry_tree:
            raise ArgumentError("scan", "the carry keeps its structure", expected=self.carry_tree, received=tree,
                                remedy="Return from f what it was given, with new values")  # fmt: skip
        parts = [_tensor(p) for p in parts]
        for new, old in zip(parts, carry, strict=True):
            if (new.shape, new.dtype) != (old.shape, old.dtype):
                raise ShapeError("scan", "the carry keeps its shape and type", expected=f"{old.dtype}{old.shape}",
                                 received=f"{new.dtype}{new.shape}", remedy="Cast or broadcast init")  # fmt: skip
        return parts


def _one_by_one(
    body: _Body, carry: Tensors, rows: Tensors, numbers: Any, reverse: bool, unroll: int, checkpoint: bool
) -> tuple[Tensors, Tensors]:
    """The loop as Python runs it: nothing is compiled, and every value can be looked at."""
    slices, order, size = [unstack(row) for row in rows], range(len(numbers)), len(carry)
    ys: list[Any] = [None] * len(numbers)

    def step(*tensors: Tensor, t: int) -> tuple[Tensor, ...]:
        return tuple(body(tensors[:size], tensors[size:], t))

    run = forgetting(step) if checkpoint else step
    for t in reversed(order) if reverse else order:
        results = run(*carry, *(s[t] for s in slices), t=t)
        carry, ys[t] = list(results[:size]), results[size:]
    return carry, [stack(parts) for parts in zip(*ys, strict=True)]


def _scanned(
    body: _Body, carry: Tensors, rows: Tensors, numbers: Any, reverse: bool, unroll: int, checkpoint: bool
) -> tuple[Tensors, Tensors]:
    """The loop as one `lax.scan`."""
    loop = _Loop(body, carry, rows, reverse, unroll, checkpoint)
    last, ys = loop.run(carry, rows, numbers)
    edges = [*(t._edge for t in (*carry, *rows)), *loop.outside]
    wrapped, node = attach([*last, *ys], edges, loop.pull)
    if node is not None:
        node.kept = Closed(jax.tree.leaves(loop.kept), loop.step_bytes) if loop.recompute else loop.kept
    return list(wrapped[: len(carry)]), list(wrapped[len(carry) :])


def _arrays(tensors: Sequence[Tensor]) -> list[Any]:
    return [t.array for t in tensors]


def _tensors(arrays: Sequence[Any]) -> Tensors:
    return [Tensor._of(a) for a in arrays]


def _first(tree: Any) -> Any:
    """Zeros in the form of one slice of each tensor or array in the tree."""
    return jax.tree.map(lambda t: Tensor._of(jnp.zeros(t.shape[1:], t.dtype)), tree)


class _Loop:
    """One loop in a compiled program, and the loop that is its backward rule.

    Attributes:
        written: the Variables that the body writes; their values go round with the carry.
        outside: edges to all that the body uses from outside.
        recompute: whether the backward pass runs the body again, from the carries.
        kept: the arrays that the backward pass starts from.
        step_bytes: memory of what one step keeps when it is recorded.
    """

    def __init__(
        self, body: _Body, carry: Tensors, rows: Tensors, reverse: bool, unroll: int, checkpoint: bool
    ) -> None:
        self.body, self.reverse, self.unroll, self.recompute = body, reverse, unroll, checkpoint
        self.floats = [i for i, c in enumerate(carry) if is_float(c.dtype)]
        self.wanted = [*(is_float(c.dtype) for c in carry), *(r.requires_grad for r in rows)]
        self.written = body.written(carry, _first(rows))
        self.outside: list[Edge] = []
        self.kept: dict[str, Any] = {}
        self.step_bytes = 0

    # -- forward ----------------------------------------------------------------------------------
    def run(self, carry: Tensors, rows: Tensors, numbers: Any) -> tuple[list[Any], list[Any]]:
        """The last carry and the stacked ys, as arrays; with the tape on, what backward needs is noted."""
        step = self._taped if is_recording() else self._plain

        def one(state: Any, inputs: Any) -> Any:
            (now, held), (row, number) = state, inputs
            with bound(self.written, held):
                results, saved = step(now, held, row, Tensor._of(number))
                held = [v._array for v in self.written]
            return (results[: len(carry)], held), (results[len(carry) :], saved)

        start, given = (_arrays(carry), _arrays(self.written)), (_arrays(rows), numbers)
        (last, held), (ys, saved) = jax.lax.scan(one, start, given, reverse=self.reverse, unroll=self.unroll)
        for variable, value in zip(self.written, held, strict=True):
            variable.assign(value)
        self.kept |= {"start": start[0], "rows": given[0], "held": start[1], "saved": saved, "steps": len(numbers)}
        return last, ys

    def _plain(self, now: Any, held: Any, row: Any, number: Any) -> Any:
        return _arrays(self.body(_tensors(now), _tensors(row), number)), []

    def _taped(self, now: Any, held: Any, row: Any, number: Any) -> Any:
        stretch = self._stretch(self.body, _tensors(now), _tensors(row), number)
        memory = Memory(stretch.nodes, row, number.array)
        self.recompute = self.recompute or not memory.complete
        self.recorded, self.memory, self.outside = stretch, memory, stretch.outside
        self.kept = {"fixed": memory.arrays["fixed"]}
        self.step_bytes = bytes_of(memory.arrays["made"])
        return stretch.results, (now, held) if self.recompute else memory.arrays["made"]

    def _stretch(self, run: Callable[..., Tensors], carry: Tensors, row: Tensors, number: Any) -> Stretch:
        size = len(carry)
        return Stretch(lambda *given: run(given[:size], given[size:], number), [*carry, *row], self.wanted)

    # -- backward -----------------------------------------------------------------------------------
    def pull(self, node: Node, grads: Sequence[Tensor | None]) -> list[Tensor | None]:
        """One gradient per result in; one per carry, row and edge outside out."""
        kept = self.kept if self.recompute else node.kept
        again = self.recompute or is_recording()
        size, numbers = len(kept["start"]), jnp.arange(kept["steps"])
        start, rows = self._inputs(node, kept)
        saved = self._carries(start, rows, numbers, kept["held"]) if is_recording() else kept["saved"]
        g_start = [_or_zeros(grads[i], start[i]) for i in self.floats]

        def one(g_carry: Tensors, inputs: Any) -> tuple[list[Tensor | None], ...]:
            saved, row, number, g_ys = inputs
            g_all: list[Tensor | None] = [None] * size
            for i, g in zip(self.floats, g_carry, strict=True):
                g_all[i] = g
            find = self._found_again if again else self._found
            found = find([*g_all, *g_ys], saved, row, number, kept["fixed"])
            g_next: list[Any] = [_or_zeros(found[i], start[i]) for i in self.floats]
            return g_next, found[size : size + len(rows)], found[size + len(rows) :]

        def back(state: Any, inputs: Any) -> Any:
            g_carry, g_row, g_outside = one(state[0], inputs)
            return (g_carry, [g if s is None else s + g for s, g in zip(state[1], g_outside, strict=True)]), g_row

        given = (saved, rows, numbers, list(grads[size:]))
        forms = jax.eval_shape(lambda: jax.tree.map(_array, one(g_start, _first(given))[2]))
        sums = [None if form is None else Tensor._of(jnp.zeros(form.shape, form.dtype)) for form in forms]
        (g_start, sums), g_rows = scan(back, (g_start, sums), given, None, not self.reverse, self.unroll)
        g_all: list[Tensor | None] = [None] * size
        for i, g in zip(self.floats, g_start, strict=True):
            g_all[i] = g
        return [*g_all, *g_rows, *sums]

    def _inputs(self, node: Node, kept: dict[str, Any]) -> tuple[Tensors, Tensors]:
        """The first carry and the rows, with their history."""
        arrays = [*kept["start"], *kept["rows"]]
        tensors = [Tensor._of(a, e) for a, e in zip(arrays, node.inputs, strict=False)]
        return tensors[: len(kept["start"])], tensors[len(kept["start"]) :]

    def _carries(self, start: Tensors, rows: Tensors, numbers: Any, held: list[Any]) -> Any:
        """The carry and the written Variables before each step, on the tape: what second derivatives go through."""

        def forward(carry: Tensors, inputs: Any) -> Any:
            before = [v.array for v in self.written]
            return self.body.again(carry, *inputs)[: len(carry)], (carry, before)

        with bound(self.written, held):
            return scan(forward, start, (rows, numbers), None, self.reverse, self.unroll)[1]

    def _found(self, grads: Any, saved: Any, row: Tensors, number: Any, fixed: list[Any]) -> list[Tensor | None]:
        """Gradients through the stretch of tape that the forward pass recorded."""
        with self.memory.filled({"given": _arrays(row), "made": _arrays(saved), "fixed": fixed}):
            return self.recorded.pull(grads, self.outside)

    def _found_again(self, grads: Any, saved: Any, row: Tensors, number: Any, fixed: list[Any]) -> list[Tensor | None]:
        """Gradients through a stretch that is recorded again, from the carry."""
        carry, held = saved
        with bound(self.written, _arrays(held)):
            return self._stretch(self.body.again, carry, row, number).pull(grads, self.outside)


def _array(tensor: Tensor) -> Any:
    return tensor.array


def _or_zeros(gradient: Tensor | None, like: Tensor) -> Tensor:
    return gradient if gradient is not None else Tensor._of(jnp.zeros(like.shape, like.dtype))
