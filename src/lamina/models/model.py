"""`Model`: a layer that can be trained, judged, saved and shown."""

from pathlib import Path
from typing import Any

from ..core import ArgumentError, ShapeError, Symbol
from ..layers.layer import Layer
from .check import check
from .learning_rate_finder import lr_find
from .saving import load_weights, save_model, save_weights
from .summary import summarize
from .trainer import Trainer


class Model(Trainer, Layer):
    """A layer with `compile`, `fit`, `evaluate`, `predict`, `save` and `summary`.

    Two ways to make one: subclass it, with layers as attributes and a `call`; or give it the symbols
    that `Input` and the layers called on it return.

    Args:
        inputs: symbol, or list or dict of symbols, of a functional model.
        outputs: the same, for what it computes.
        name: by default the class name in snake case.

    Example:
        >>> import lamina
        >>> from lamina import layers
        >>> x = layers.Input((4,))
        >>> model = lamina.Model(x, layers.Dense(2)(layers.Dense(3, activation="relu")(x)))
        >>> model.count_params()
        23
        >>> class Net(lamina.Model):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.hidden, self.out = layers.Dense(3, activation="relu"), layers.Dense(2)
        ...     def call(self, inputs):
        ...         return self.out(self.hidden(inputs))
        >>> Net()(lamina.Tensor([[1.0, 2.0, 3.0, 4.0]])).shape
        (1, 2)
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        inputs = args[0] if args else kwargs.get("inputs")
        if cls is Model and _holds_symbols(inputs):
            from_symbols = Model.functional
            return from_symbols(*args, **kwargs)
        return super().__new__(cls, *args, **kwargs)

    _untracked = Layer._untracked | {"seed", "objective", "optimizer"}
    functional: Any = None  # the class of graph models enters here, one file up
    check, lr_find = check, lr_find

    @property
    def layers(self) -> list[Layer]:
        """The direct sub-layers."""
        return list(self.children().values())

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The sub-layer of that name, or at that place.

        Raises:
            ArgumentError: there is none.
        """
        layers = self.layers
        if index is not None and -len(layers) <= index < len(layers):
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ArgumentError(
            f"{type(self).__name__} {self.name!r}",
            "there is no such layer",
            expected="one of " + ", ".join(layer.name for layer in layers),
            received=repr(name if index is None else index),
            remedy="See model.summary()",
        )

    def summary(self, input_shape: Any = None, expand_nested: bool = False) -> None:
        """Print a table of the layers: output shapes, weights, multiply-adds, bytes.

        Args:
            input_shape: builds a model that has not seen data yet; with the batch axis.
            expand_nested: below a layer that holds layers (a model, a wrapper, a block), show those too.

        Keras differs: there `expand_nested` opens models only.
        """
        if input_shape is not None and not self.built:
            self.compute_output_shape(tuple(input_shape))
        summarize(self, expand_nested)

    def save(self, path: str | Path) -> None:
        """Write architecture, weights and how it was compiled to one `.lamina` file.

        Args:
            path: ends in `.lamina`; an older file there is replaced only by a whole new one.

        Raises:
            ArgumentError: the model cannot be written down, for example with a class that is not registered.
        """
        save_model(self, path)

    def save_weights(self, path: str | Path) -> None:
        """Write the weights alone, to a `.safetensors` file."""
        save_weights(self, path)

    def load_weights(self, path: str | Path) -> None:
        """Read weights written by `save_weights`, or those of a `.lamina` file; every name must match."""
        load_weights(self, path)


def check_input(model: Layer, symbol: Symbol, value: Any) -> None:
    """Refuse an array whose shape is not that of the model's Input."""
    sizes = zip(symbol.shape, value.shape, strict=False)
    if len(symbol.shape) != len(value.shape) or any(a is not None and a != b for a, b in sizes):
        raise ShapeError(
            f"{type(model).__name__} {model.name!r}",
            f"the array for Input {symbol.name!r} has the wrong size in some axis",
            expected=symbol.shape,
            received=tuple(value.shape),
            remedy="Reshape it, for example x[..., None] for a channel axis; the first axis is the batch",
        )


def _holds_symbols(value: Any) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    return any(isinstance(v, Symbol) for v in value) if isinstance(value, (list, tuple)) else isinstance(value, Symbol)
