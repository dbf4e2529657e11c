"""The base of layers that hold another layer and change what it does."""

from typing import Any

from ..core.config import serialize
from .layer import Layer, get, registry


@registry.register()
class Wrapper(Layer):
    """A layer around another one: y = layer(x), until a subclass's `call` does more.

    Args:
        layer: a layer or model, or its {"class_name", "config"}. Its number types are the wrapper's too.

    Input, output and weights are those of `layer`.

    Example:
        >>> import lamina
        >>> @lamina.register
        ... class Residual(lamina.layers.Wrapper):
        ...     def call(self, inputs):
        ...         return inputs + self.layer(inputs)
        >>> Residual(lamina.layers.Dense(2, kernel_initializer="ones"))(lamina.Tensor([[1.0, 2.0]]))
        Tensor([[4., 5.]], float32)

    Keras' class has no `call` of its own.
    """

    def __init__(self, layer: Any, *, dtype: Any = None, **kwargs: Any) -> None:
        self.layer = get(layer)
        super().__init__(dtype=dtype or self.layer.dtype_policy, **kwargs)

    def build(self, input_shape: Any) -> None:
        self.layer.compute_output_shape(input_shape)  # which makes the weights, also those of a whole model

    def _as_input(self, value: Any) -> Any:
        return self.layer._as_input(value)

    def call(self, inputs: Any) -> Any:
        return self.layer(inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": serialize(self.layer)}
