"""A function as a layer."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..core import ArgumentError, ShapeError, ops
from .context import is_training
from .layer import Layer, registry, shape_of


@registry.register()
class Lambda(Layer):
    """y = function(x, **arguments), for an experiment: a model with such a layer cannot be saved, its weights can.

    A file holds no code, so only a function that has a name can be in one: an op, or a function under
    `@lamina.register`. For everything else, and for whatever has weights, write a `Layer`.

    Args:
        function: of one tensor (or list of them), made of tensor operators and ops; or the name of such a function, if
            it is registered. If it takes `training`, it is told.
        output_shape: the shape of one example's result, which is then checked; it is found out by itself.
        arguments: further arguments of the function, by name.

    Raises:
        ShapeError: the result has another shape than `output_shape`.
        ArgumentError: by `get_config`, when the function is not registered.

    Example:
        >>> import lamina
        >>> lamina.layers.Lambda(lambda x, power: x**power, arguments={"power": 2})(lamina.Tensor([[1.0, 3.0]]))
        Tensor([[1., 9.]], float32)

    Keras differs: it writes the function's bytecode to the file.
    """

    def __init__(
        self,
        function: Callable[..., Any] | str,
        output_shape: Sequence[int | None] | None = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.function = ops[function] if isinstance(function, str) else function
        self.output_shape = None if output_shape is None else tuple(output_shape)
        self.arguments = dict(arguments or {})
        self.told = "training" in inspect.signature(self.function).parameters

    def call(self, inputs: Any) -> Any:
        phase = {"training": is_training()} if self.told else {}
        outputs = self.function(inputs, **self.arguments, **phase)
        if self.output_shape is not None:
            self._check(shape_of(outputs))
        return outputs

    def _check(self, shape: Any) -> None:
        expected = self.output_shape or ()
        sizes = zip(expected, shape[1:], strict=False)
        if len(shape) != len(expected) + 1 or any(a not in (None, b) for a, b in sizes):
            raise ShapeError(
                f"Lambda {self.name!r}",
                "the function's result must have the shape that was announced",
                expected=f"(N, *{expected})",
                received=shape,
                remedy="Correct output_shape, or leave it out",
            )

    def get_config(self) -> dict[str, Any]:
        name = getattr(self.function, "__name__", "")
        if name not in ops or ops[name] is not self.function:
            raise ArgumentError(
                f"Lambda {self.name!r}",
                "a file holds no code, so this function cannot be saved",
                expected="a function or Layer class that is registered",
                received=repr(self.function),
                remedy="Write class MyLayer(lamina.layers.Layer) with the function as its call, put @lamina.register "
                "above it and use it in the place of Lambda; save_weights works as it is",
            )
        return super().get_config()
