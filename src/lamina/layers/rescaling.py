"""A fixed linear change of the values."""

from typing import Any

from ..core import Tensor, as_array
from .layer import Layer, registry


@registry.register()
class Rescaling(Layer):
    """y = x · scale + offset.

    Args:
        scale, offset: numbers, or lists that broadcast against the last axes.

    Input and output of the same shape; integers become the layer's float type.

    Example:
        >>> import lamina
        >>> lamina.layers.Rescaling(1 / 255)(lamina.Tensor([0, 51, 255]))
        Tensor([0. , 0.2, 1. ], float32)
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset

    def call(self, inputs: Tensor) -> Tensor:
        dtype = self.compute_dtype
        return inputs.astype(dtype) * as_array(self.scale, dtype) + as_array(self.offset, dtype)
