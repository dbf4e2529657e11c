"""One layer at every time step."""

from typing import Any

import jax

from .. import ops
from ..core import ShapeError, Tensor
from .input_spec import InputSpec
from .layer import registry
from .masks import with_mask
from .wrapper import Wrapper


@registry.register()
class TimeDistributed(Wrapper):
    """Each time step through the same layer: y[:, t] = layer(x[:, t]).

    The steps join the batch, so `layer` is called once on N·T examples.

    Args:
        layer: a layer or model; it sees no time axis.

    Input (N, T, ...), or several such; output (N, T, ...). Weights: those of `layer`. Of a mask (N, T, S),
    `layer` sees that of its step, (N, S); a step of the output counts if something in it does.

    Raises:
        ShapeError: there is no axis after the time.

    Example:
        >>> import lamina
        >>> frames = lamina.ops.zeros((2, 10, 12, 12, 3))
        >>> lamina.layers.TimeDistributed(lamina.layers.Conv2D(4, 3))(frames).shape
        (2, 10, 10, 10, 4)

    Keras differs: it calls the layer T times, so that `BatchNormalization` takes its statistics over N examples
    each time, and here over all N·T at once.
    """

    supports_masking = True

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.input_spec = InputSpec(min_ndim=3)

    def build(self, input_shape: Any) -> None:
        super().build(jax.tree.map(lambda s: (None, *s[2:]), input_shape, is_leaf=lambda s: isinstance(s, tuple)))

    def call(self, inputs: Any, mask: Any = None) -> Any:
        batch, time = jax.tree.leaves(inputs)[0].shape[:2]
        masks = [] if mask is None else jax.tree.leaves(mask)
        if any(m.shape[:2] != (batch, time) for m in masks):
            raise ShapeError(
                f"TimeDistributed {self.name!r}",
                "the mask says for each step whether it counts",
                expected=f"({batch}, {time}, ...)",
                received=[tuple(m.shape) for m in masks],
                remedy="Give the mask of the same sequences",
            )

        def join(x: Tensor) -> Tensor:
            return x.reshape((batch * time, *x.shape[2:]))

        def part(y: Tensor) -> Tensor:
            parted = y.reshape((batch, time, *y.shape[1:]))
            return parted if y.mask is None else with_mask(parted, part(y.mask))

        steps = jax.tree.map(join, inputs)
        if isinstance(inputs, Tensor) and masks and masks[0].ndim > 2:
            steps = with_mask(steps, join(masks[0]))  # what of it is left within a step
        return jax.tree.map(part, self.layer(steps))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """A step counts if something in it does."""
        masks = jax.tree.leaves(mask)
        return ops.any(masks[0], axis=tuple(range(2, masks[0].ndim))) if masks else None
