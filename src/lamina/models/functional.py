"""`Functional`: a model given as a graph of calls on symbols."""

from collections.abc import Mapping
from typing import Any

import jax

from ..core import ArgumentError, Call, Symbol, Tensor, ops
from ..core.config import serialize
from ..layers.input import Input
from ..layers.layer import Layer, get, registry
from .model import Model, check_input


def _order(outputs: list[Symbol], inputs: list[Symbol]) -> list[Call]:
    """The calls behind `outputs`, each after those whose results it takes."""
    known = {id(symbol) for symbol in inputs}
    done: dict[int, Call] = {}
    stack: list[tuple[Symbol, bool]] = [(symbol, False) for symbol in reversed(outputs)]
    while stack:
        symbol, expanded = stack.pop()
        call = symbol.call
        if id(symbol) in known or call is not None and id(call) in done:
            continue
        if call is None:
            raise ArgumentError(
                "Model",
                "every output must be computed from the inputs",
                expected="inputs that hold all the Inputs in use",
                received=f"the Input {symbol.name!r}, which is not among them",
                remedy="Add it to inputs",
            )
        if expanded:
            done[id(call)] = call
        else:
            stack.append((symbol, True))
            stack.extend((s, False) for s in reversed(call.inputs))
    return list(done.values())


@registry.register("Functional")
class Functional(Model):
    """A directed graph of layers and ops, with any number of inputs and outputs; made by `Model(inputs, outputs)`.

    Layers that are called several times share their weights.

    Args:
        inputs: symbol, or list or dict of symbols, from `Input`.
        outputs: the same, computed from them.
        name: by default "functional".

    Raises:
        ArgumentError: an output depends on an Input that is not given.

    Example:
        >>> import lamina
        >>> from lamina import layers
        >>> a, b = layers.Input((2,)), layers.Input((2,))
        >>> shared = layers.Dense(3)
        >>> model = lamina.Model([a, b], shared(a) * shared(b))
        >>> model.count_params(), model.output_shape
        (9, (None, 3))
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name=name, trainable=trainable)
        self._inputs, self._outputs = inputs, outputs
        self._symbols: list[Symbol] = jax.tree.leaves(inputs)
        self._calls = _order(jax.tree.leaves(outputs), self._symbols)
        self.built = True

    @property
    def inputs(self) -> list[Symbol]:
        """The input symbols in order."""
        return self._symbols

    @property
    def outputs(self) -> list[Symbol]:
        """The output symbols in order."""
        return jax.tree.leaves(self._outputs)

    @property
    def output_names(self) -> list[str]:
        """Names of the outputs: those of the layers that make them."""
        if isinstance(self._outputs, Mapping):
            return list(self._outputs)
        return [symbol.name for symbol in self.outputs]

    @property
    def input_shape(self) -> Any:
        """Shapes of the inputs, in their form."""
        return jax.tree.map(lambda s: s.shape, self._inputs)

    @property
    def output_shape(self) -> Any:
        """Shapes of the outputs, in their form."""
        return jax.tree.map(lambda s: s.shape, self._outputs)

    def children(self) -> dict[str, Layer]:
        return {call.target.name: call.target for call in self._calls if isinstance(call.target, Layer)}

    def call(self, inputs: Any) -> Any:
        values: dict[int, Any] = dict(zip(map(id, self._symbols), self._match(inputs), strict=True))
        for call in self._calls:
            args, kwargs = jax.tree.map(
                lambda leaf: values[id(leaf)] if isinstance(leaf, Symbol) else leaf, (call.args, call.kwargs)
            )
            results = jax.tree.leaves(call.target(*args, **kwargs))
            values.update(zip(map(id, jax.tree.leaves(call.results)), results, strict=True))
        return jax.tree.map(lambda symbol: values[id(symbol)], self._outputs)

    def _match(self, inputs: Any) -> list[Tensor]:
        """The given inputs in the order of the symbols; dicts also match by the Inputs' names."""
        given: list[Any]
        if isinstance(inputs, Mapping) and not isinstance(self._inputs, Mapping):
            given = [inputs.get(symbol.name) for symbol in self._symbols]
        elif isinstance(inputs, Mapping):
            given = jax.tree.leaves({key: inputs.get(key) for key in self._inputs})
        else:
            given = jax.tree.leaves(inputs)
        if len(given) != len(self._symbols) or any(value is None for value in given):
            raise ArgumentError(
                f"Model {self.name!r}",
                "there must be one array per Input",
                expected=", ".join(f"{s.name} {s.shape}" for s in self._symbols),
                received=", ".join(inputs) if isinstance(inputs, Mapping) else f"{len(given)} arrays",
                remedy="Pass a list in that order, or a dict by name",
            )
        for symbol, value in zip(self._symbols, given, strict=True):
            check_input(self, symbol, value)
        return given

    # -- as data ----------------------------------------------------------------------------------
    def get_config(self) -> dict[str, Any]:
        """The graph: inputs, layers, and the calls in order, referring to symbols by number."""
        numbers = {id(symbol): i for i, symbol in enumerate(self._symbols)}
        calls = []
        for call in self._calls:
            written = {"args": _write(call.args, numbers), "kwargs": _write(call.kwargs, numbers)}
            target: Any = call.target
            called = {"layer": target.name} if isinstance(target, Layer) else {"op": target.__name__}
            calls.append({**called, **written})
            for symbol in jax.tree.leaves(call.results):
                numbers[id(symbol)] = len(numbers)
        return {
            "name": self.name,
            "inputs": [{"shape": list(s.shape), "dtype": s.dtype.name, "name": s.name} for s in self._symbols],
            "layers": [{"class_name": type(x).__name__, "config": x.get_config()} for x in self.children().values()],
            "calls": calls,
            "input_form": _write(self._inputs, numbers),
            "output_form": _write(self._outputs, numbers),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Functional":
        """The model that `get_config` described, with new weights."""
        symbols: list[Symbol] = [
            Input(batch_shape=tuple(item["shape"]), dtype=item["dtype"], name=item["name"]) for item in config["inputs"]
        ]
        layers = {layer.name: layer for layer in map(get, config["layers"])}
        for item in config["calls"]:
            target: Any = layers[item["layer"]] if "layer" in item else ops[item["op"]]
            args, kwargs = _read(item["args"], symbols), _read(item["kwargs"], symbols)
            if not any(isinstance(leaf, Symbol) for leaf in jax.tree.leaves((args, kwargs))):
                raise ArgumentError(  # it would be computed here and now, at whatever size the config says
                    "Functional.from_config",
                    "every call takes something from the graph",
                    expected="a symbol among the arguments",
                    received=f"{item!r:.200}",
                    remedy="Write constants as weights of a layer",
                )
            symbols += jax.tree.leaves(target(*args, **kwargs))
        return cls(_read(config["input_form"], symbols), _read(config["output_form"], symbols), name=config["name"])


def _write(tree: Any, numbers: dict[int, int]) -> Any:
    """Arguments as data: a symbol becomes {"symbol": number}, a tuple {"tuple": [...]}, a slice {"slice": [...]}."""
    if isinstance(tree, Symbol):
        return {"symbol": numbers[id(tree)]}
    if isinstance(tree, tuple):
        return {"tuple": [_write(item, numbers) for item in tree]}
    if isinstance(tree, list):
        return [_write(item, numbers) for item in tree]
    if isinstance(tree, Mapping):
        return {"dict": {key: _write(value, numbers) for key, value in tree.items()}}
    if isinstance(tree, slice):
        return {"slice": [tree.start, tree.stop, tree.step]}
    if tree is Ellipsis:
        return {"ellipsis": True}
    return serialize(tree)


def _read(tree: Any, symbols: list[Symbol]) -> Any:
    if isinstance(tree, list):
        return [_read(item, symbols) for item in tree]
    if not isinstance(tree, dict):
        return tree
    (kind, value), *_ = tree.items()
    if kind == "symbol":
        return symbols[value]
    if kind == "tuple":
        return tuple(_read(item, symbols) for item in value)
    if kind == "slice":
        return slice(*value)
    if kind == "ellipsis":
        return Ellipsis
    return {key: _read(item, symbols) for key, item in value.items()}


Model.functional = Functional
