"""Steps of a sequence that do not count."""

from typing import Any

from .. import ops
from ..core import Tensor
from .layer import Layer, registry


@registry.register()
class Masking(Layer):
    """Leave out the time steps whose values are all `mask_value`: y = x, 0 at those steps, with a mask.

    The mask travels with the tensor through the layers that keep the time steps (`supports_masking`).
    Recurrent layers skip the steps it leaves out, attention does not look at them, and in `fit` and
    `evaluate` they count neither in the loss nor in the metrics. Ops between the layers drop it.

    Args:
        mask_value: what fills the steps that are padding.

    Input and output (N, T, ..., F); `output.mask` (N, T, ...) is True where a step counts.

    Example:
        >>> import lamina
        >>> y = lamina.layers.Masking()(lamina.Tensor([[[1.0, 2.0], [0.0, 3.0], [0.0, 0.0]]]))
        >>> y.mask
        Tensor([[ True,  True, False]], bool)
    """

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value

    def compute_mask(self, inputs: Tensor, mask: Any = None) -> Tensor:
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.where(ops.expand_dims(self.compute_mask(inputs), -1), inputs, 0.0)
