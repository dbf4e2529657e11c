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
            it is registered. If it takes `training` or `mask`, it is told.
        output_shape: the shape of one example's result, which is then checked; it is found out by itself.
        mask: the output's mask, or a function (inputs, mask) that computes it, registered if it is to be saved;
            without it a mask ends here.
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
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.function = ops[function] if isinstance(function, str) else function
        self.output_shape = None if output_shape is None else tuple(output_shape)
        self.arguments = dict(arguments or {})
        self.mask = ops[mask] if isinstance(mask, str) else mask
        self.supports_masking = mask is not None
        self.told = {"training", "mask"} & inspect.signature(self.function).parameters.keys()

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def call(self, inputs: Any, mask: Any = None) -> Any:
        known = {"training": is_training(), "mask": mask}
        outputs = self.function(inputs, **self.arguments, **{name: known[name] for name in self.told})
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
        for function in (self.function, self.mask):
            require_registered(function, f"Lambda {self.name!r}")
        return super().get_config()


def require_registered(function: Any, who: str) -> None:
    """Refuse to write down a function that no file could bring back."""
    name = getattr(function, "__name__", "")
    if callable(function) and (name not in ops or ops[name] is not function):
        raise ArgumentError(
            who,
            "a file holds no code, so this function cannot be saved",
            expected="a function or Layer class that is registered",
            received=repr(function),
            remedy="Write class MyLayer(lamina.layers.Layer) with the function as its call, put @lamina.register "
            "above it and use it instead; save_weights works as it is",
        )
