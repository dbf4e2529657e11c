"""`Sequential`: layers one after another."""

from collections.abc import Sequence
from typing import Any

from ..core import ArgumentError, Symbol
from ..layers.input import Input, InputLayer
from ..layers.layer import Layer, get, registry
from .model import Model, check_input


@registry.register("Sequential")
class Sequential(Model):
    """A stack of layers, each fed with the one before: y = f_n(... f_2(f_1(x))).

    Args:
        layers: layers or models; an `Input` first, or `input_shape` on the first layer, builds it at once,
            otherwise it is built at the first call.
        name: by default "sequential".

    Raises:
        ArgumentError: an item is not a layer.

    Example:
        >>> import lamina
        >>> from lamina import layers
        >>> model = lamina.Sequential([layers.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(1)])
        >>> model.count_params(), model.output_shape
        (19, (None, 1))
    """

    def __init__(self, layers: Sequence[Any] = (), name: str | None = None, trainable: bool = True) -> None:
        super().__init__(name=name, trainable=trainable)
        self._stack: list[Layer] = []
        self._start: Symbol | None = None
        self.outputs: Any = None
        for layer in layers or ():
            self.add(layer)

    def add(self, layer: Any) -> None:
        """Put a layer on top."""
        if isinstance(layer, dict):
            layer = get(layer)
        if isinstance(layer, Symbol) and not self._stack:
            self._start = layer
            return
        if isinstance(layer, InputLayer):
            self._start = layer.output
            return
        if not isinstance(layer, Layer):
            raise ArgumentError(
                f"Sequential {self.name!r}",
                "only layers can be stacked",
                expected="a Layer, or an Input in first place",
                received=repr(layer),
                remedy=f"Call the class: {layer.__name__}(...)" if isinstance(layer, type) else "Wrap it in a Layer",
            )
        if any(other.name == layer.name for other in self._stack):
            raise ArgumentError(
                f"Sequential {self.name!r}",
                "layer names must differ",
                expected="a new name",
                received=repr(layer.name),
                remedy="Pass name=",
            )
        if not self._stack and self._start is None and layer.input_shape_argument is not None:
            self._start = Input(layer.input_shape_argument)
        self._stack.append(layer)
        if self._start is not None:
            self.outputs = layer(self._start if self.outputs is None else self.outputs)
        self.built = self._start is not None

    def pop(self) -> Layer:
        """Take the top layer off."""
        layer = self._stack.pop()
        self.outputs = None if self._start is None else self.call(self._start)
        return layer

    @property
    def layers(self) -> list[Layer]:
        """The layers, from first to last."""
        return list(self._stack)

    def children(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self._stack}

    def call(self, inputs: Any) -> Any:
        if self._start is not None and not isinstance(inputs, Symbol) and hasattr(inputs, "shape"):
            check_input(self, self._start, inputs)
        for layer in self._stack:
            inputs = layer(inputs)
        return inputs

    @property
    def inputs(self) -> list[Symbol]:
        """The input symbol, when it is known."""
        return [] if self._start is None else [self._start]

    @property
    def input_shape(self) -> tuple[int | None, ...] | None:
        """Shape of the input with the batch axis; None before it is known."""
        return None if self._start is None else self._start.shape

    @property
    def output_shape(self) -> tuple[int | None, ...] | None:
        """Shape of the output with the batch axis; None before it is known."""
        return None if self.outputs is None else self.outputs.shape

    def get_config(self) -> dict[str, Any]:
        """Name, input shape and the layers' configs."""
        start = None if self._start is None else {"shape": list(self._start.shape[1:]), "dtype": self._start.dtype.name}
        layers = [{"class_name": type(layer).__name__, "config": layer.get_config()} for layer in self._stack]
        return {"name": self.name, "input": start, "layers": layers}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Sequential":
        """The model that `get_config` described, with new weights."""
        start = config.get("input")
        first = [] if start is None else [Input(tuple(start["shape"]), dtype=start["dtype"])]
        return cls([*first, *config["layers"]], name=config["name"])
