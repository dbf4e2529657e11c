"""The table that `Model.summary` prints."""

from typing import Any

import jax

from ..core import Symbol, Tensor, no_grad, require
from ..core.symbolic import infer
from ..layers.context import observe_layers, training_phase
from ..layers.layer import Layer, shape_of
from .flops import multiply_adds

Row = tuple[Layer, Any, int | None]


def layer_calls(model: Any) -> list[Row]:
    """Each call of a layer in one pass of the model: the layer, its output shape, multiply-adds per example.

    Shapes have None where a size is unknown; the count is None where it depends on such a size.
    """
    if not model.built:
        return []
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
    return [
        (layer, _merge(made, made_again), _work(layer, _merge(given, given_again)))
        for (layer, given, made), (_, given_again, made_again) in zip(passes[0], passes[-1], strict=True)
        if not layer.children()
    ]


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


def _work(layer: Layer, input_shape: Any) -> int | None:
    shapes = jax.tree.leaves(input_shape, is_leaf=lambda s: isinstance(s, tuple))
    if any(None in shape[1:] for shape in shapes):
        return None
    tree = jax.tree.structure(input_shape, is_leaf=lambda s: isinstance(s, tuple))

    def run(*arrays: Any) -> Any:
        inputs = jax.tree.unflatten(tree, [Tensor._of(a) for a in arrays])
        return jax.tree.map(lambda t: t.array, layer._run(inputs), is_leaf=lambda t: isinstance(t, Tensor))

    with no_grad(), training_phase(False):
        return multiply_adds(run, [jax.ShapeDtypeStruct((1, *s[1:]), layer.compute_dtype) for s in shapes])


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


def summary_table(model: Any) -> Any:
    """The summary as a rich table."""
    box = require("rich.box")
    table = require("rich.table").Table(title=f"{type(model).__name__} {model.name!r}", box=box.SIMPLE_HEAD)
    table.add_column("layer")
    table.add_column("output shape")
    for name in ("weights", "multiply-adds", "bytes"):
        table.add_column(name, justify="right")
    counted: set[int] = set()
    total_work: int | None = 0
    for layer, shape, work in layer_calls(model):
        fresh = [] if id(layer) in counted else layer.variables
        counted.add(id(layer))
        total_work = None if work is None or total_work is None else total_work + work
        table.add_row(
            f"{layer.name} ({type(layer).__name__})",
            _show_shape(shape),
            f"{sum(v.size for v in fresh):,}" if fresh else "0",
            "?" if work is None else _human(work),
            _human(sum(v.array.nbytes for v in fresh)) + "B",
        )
    variables = model.variables
    table.caption = _totals(variables, total_work)
    return table


def _totals(variables: Any, work: int | None) -> str:
    total, trained = sum(v.size for v in variables), sum(v.size for v in variables if v.trainable)
    size = _human(sum(v.array.nbytes for v in variables))
    effort = "unknown" if work is None else _human(work)
    return (
        f"{total:,} weights ({trained:,} trainable, {total - trained:,} not), {size}B; "
        f"{effort} multiply-adds per example forward, about three times that for a training step"
    )


def summarize(model: Any) -> None:
    """Print the summary, or say that the model has not seen an input yet."""
    console = require("rich.console").Console()
    if not model.built:
        console.print(f"{type(model).__name__} {model.name!r}: not built; call it on data or give an input shape")
        return
    console.print(summary_table(model))
