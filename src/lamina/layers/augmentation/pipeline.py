"""Layers in a row, as one layer."""

from collections.abc import Sequence
from typing import Any

from ..layer import Layer, get, registry


@registry.register()
class Pipeline(Layer):
    """Layers one after the other, for example everything that is done to images before a network sees them.

    Args:
        layers: in order, as objects or configs; each takes what the one before returns, be it {"images", "labels"}.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.Pipeline([lamina.layers.CenterCrop(2, 2), lamina.layers.Rescaling(1 / 255)])
        >>> layer(lamina.ops.ones((1, 4, 4, 1)) * 255.0)[0, :, :, 0]
        Tensor([[1., 1.],
                [1., 1.]], float32)
    """

    def __init__(self, layers: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layers: list[Layer] = [self._made(layer) for layer in layers]

    def _made(self, layer: Any) -> Layer:
        """The layer of a config, computing in the pipeline's number type unless the config names another."""
        if isinstance(layer, Layer):
            return layer
        return get({**layer, "config": {"dtype": self.dtype_policy, **layer["config"]}})

    def call(self, inputs: Any, training: bool = False) -> Any:
        for layer in self.layers:
            inputs = layer(inputs, training=training)
        return inputs
