"""The table that `Model.summary` prints."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax

from ..core import Symbol, Tensor, no_grad, require, touched
from ..core.replay import bytes_kept
from ..core.symbolic import infer, shapes_only
from ..layers.context import collect_penalties, observe_layers, training_phase
from ..layers.layer import Layer, shape_of
from .flops import multiply_adds


class Call(NamedTuple):
    """One call of a layer in one pass of a model.

    Attributes:
        layer: that was called.
        given, made: shapes of what went in and came out, None where a size is unknown.
        inner: the calls inside this one.
    """

    layer: Layer
    given: Any
    made: Any
    inner: list["Call"]


def trace(model: Any) -> Call:
    """One pass of a built model: its own call, with those of its layers inside."""
    symbols = _input_symbols(model)
    passes: list[list[tuple[Layer, Any, Any]]] = []

    def watched(inputs: Any) -> Any:
        seen: list[tuple[Layer, Any, Any]] = []
        with observe_layers(lambda *call: seen.append((call[0], shape_of(call[1]), shape_of(call[2])))):
            outputs = model._run(inputs)
        passes.append(seen)
        return outputs

    with no_grad(), training_phase(False):
        infer(watched, (symbols,), {})
    return _nested(
        (layer, _merge(given, given_again), _merge(made, made_again))
        for (layer, given, made), (_, given_again, made_again) in zip(passes[0], passes[-1], strict=True)
    )


def _nested(calls: Iterator[tuple[Layer, Any, Any]]) -> Call:
    """The calls, noted as they ended, as a tree: those of a layer's own sub-layers just before it are inside it."""
    ended: list[Call] = []
    for layer, given, made in calls:
        below = {id(inner) for inner in _sub_layers(layer)}
        first = len(ended)
        while first and id(ended[first - 1].layer) in below:
            first -= 1
        ended[first:] = [Call(layer, given, made, ended[first:])]
    return ended[-1]


def _sub_layers(layer: Any) -> Iterator[Layer]:
    for child in layer.children().values():
        yield child
        yield from _sub_layers(child)


def _rows(call: Call, expand_nested: bool, depth: int = 0) -> Iterator[tuple[int, Call]]:
    """The calls that are shown, each with its depth."""
    for inner in call.inner:
        yield depth, inner
        if expand_nested:
            yield from _rows(inner, True, depth + 1)


def _input_symbols(model: Any) -> Any:
    given = getattr(model, "_inputs", None)
    if given is not None:
        return given
    start = getattr(model, "_start", None)
    if start is not None:
        return start
    return jax.tree.map(
        lambda shape: Symbol(shape, model.compute_dtype), model.built_on, is_leaf=lambda s: isinstance(s, tuple)
    )


def _merge(one: Any, other: Any) -> Any:
    if isinstance(one, tuple):
        return tuple(a if a == b else None for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return {key: _merge(one[key], other[key]) for key in one}
    return [_merge(a, b) for a, b in zip(one, other, strict=True)]


def _on_one_example(layer: Layer, input_shape: Any) -> tuple[Callable[..., Any], list[Any]] | None:
    """A call of the layer as a function of arrays, and their specs for one example.

    None if a size is unknown, or if the call needs more than its inputs.
    """
    shapes = jax.tree.leaves(input_shape, is_leaf=lambda s: isinstance(s, tuple))
    arguments = list(inspect.signature(layer.call).parameters.values())[1:]
    needed = [a for a in arguments if a.default is a.empty and a.kind is a.POSITIONAL_OR_KEYWORD]
    if needed or any(None in shape[1:] for shape in shapes):
        return None
    tree = jax.tree.structure(input_shape, is_leaf=lambda s: isinstance(s, tuple))

    def run(*arrays: Any) -> Any:
        return layer._run(jax.tree.unflatten(tree, [Tensor._of(a) for a in arrays]))

    return run, [jax.ShapeDtypeStruct((1, *s[1:]), layer.compute_dtype) for s in shapes]


def _work(layer: Layer, input_shape: Any) -> int | None:
    """Multiply-adds of a layer for one example; None if that cannot be known."""
    found = _on_one_example(layer, input_shape)
    if found is None:
        return None
    run, specs = found

    def of_arrays(*arrays: Any) -> Any:
        return jax.tree.map(lambda t: t.array, run(*arrays), is_leaf=lambda t: isinstance(t, Tensor))

    with no_grad(), training_phase(False), shapes_only():
        return multiply_adds(of_arrays, specs)


def bytes_for_backward(model: Any, input_shape: Any) -> int | None:
    """Bytes that the forward pass of one example keeps for the backward pass, weights excepted; None if unknown.

    It counts what the tape keeps. Where XLA computes a cheap thing twice instead, or keeps one more, it is a little
    off; a compiled loop (`Repeat`, recurrent layers) stores exactly this.
    """
    found = _on_one_example(model, input_shape)
    if found is None:
        return None
    (run, specs), counts = found, []

    def count() -> None:
        outputs = run(*(jax.numpy.zeros(s.shape, s.dtype) for s in specs))
        counts.append(bytes_kept(jax.tree.leaves(outputs), [v._array for v in model.variables]))

    with training_phase(True), collect_penalties(), shapes_only():
        touched(count)  # traced only: nothing is computed, and no state changes
    return counts[0]


def _human(count: float, units: str = " KMGT") -> str:
    for unit in units:
        if count < 1000 or unit == units[-1]:
            return f"{count:.0f}" if unit == " " else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError


def _show_shape(shape: Any) -> str:
    if isinstance(shape, tuple):
        return "(" + ", ".join(["N", *("?" if n is None else str(n) for n in shape[1:])]) + ")"
    return ", ".join(map(_show_shape, shape.values() if isinstance(shape, dict) else shape))


def summary_table(model: Any, expand_nested: bool = False) -> Any:
    """The summary as a rich table; with `expand_nested` also of the layers inside layers."""
    box = require("rich.box")
    table = require("rich.table").Table(title=f"{type(model).__name__} {model.name!r}", box=box.SIMPLE_HEAD)
    table.add_column("layer")
    table.add_column("output shape")
    for name in ("weights", "multiply-adds", "bytes"):
        table.add_column(name, justify="right")
    counted: set[int] = set()
    whole = trace(model) if model.built else None
    for depth, (layer, given, made, _) in _rows(whole, expand_nested) if whole else ():
        work = _work(layer, given)
        fresh = [] if id(layer) in counted else layer.variables
        counted.add(id(layer))
        table.add_row(
            f"{'   ' * (depth - 1)}{' └ ' if depth else ''}{layer.name} ({type(layer).__name__})",
            _show_shape(made),
            f"{sum(v.size for v in fresh):,}" if fresh else "0",
            "?" if work is None else _human(work),
            _human(sum(v.array.nbytes for v in fresh)) + "B",
        )
    variables = model.variables
    work, kept = (_work(model, whole.given), bytes_for_backward(model, whole.given)) if whole else (0, 0)
    table.caption = _totals(variables, work, kept)
    return table


def _totals(variables: Any, work: int | None, kept: int | None) -> str:
    total, trained = sum(v.size for v in variables), sum(v.size for v in variables if v.trainable)
    size = _human(sum(v.array.nbytes for v in variables))
    effort = "unknown" if work is None else _human(work)
    return (
        f"{total:,} weights ({trained:,} trainable, {total - trained:,} not), {size}B; "
        f"{effort} multiply-adds per example forward, about three times that for a training step, "
        f"which keeps {'unknown' if kept is None else _human(kept) + 'B'} per example for the backward pass"
    )


def summarize(model: Any, expand_nested: bool = False) -> None:
    """Print the summary, or say that the model has not seen an input yet."""
    console = require("rich.console").Console()
    if not model.built:
        console.print(f"{type(model).__name__} {model.name!r}: not built; call it on data or give an input shape")
        return
    console.print(summary_table(model, expand_nested))
