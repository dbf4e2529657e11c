"""One layer at every time step."""

from typing import Any

import jax

from ..core import Tensor
from .input_spec import InputSpec
from .layer import registry
from .wrapper import Wrapper


@registry.register()
class TimeDistributed(Wrapper):
    """Each time step through the same layer: y[:, t] = layer(x[:, t]).

    The steps join the batch, so `layer` is called once on N·T examples.

    Args:
        layer: a layer or model; it sees no time axis.

    Input (N, T, ...), or several such; output (N, T, ...). Weights: those of `layer`.

    Raises:
        ShapeError: there is no axis after the time.

    Example:
        >>> import lamina
        >>> frames = lamina.ops.zeros((2, 10, 12, 12, 3))
        >>> lamina.layers.TimeDistributed(lamina.layers.Conv2D(4, 3))(frames).shape
        (2, 10, 10, 10, 4)

    Keras differs: it calls the layer T times, so that `BatchNormalization` takes its statistics over N examples
    each time, and here over all N·T at once. Masks are not passed on.
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.input_spec = InputSpec(min_ndim=3)

    def build(self, input_shape: Any) -> None:
        super().build(jax.tree.map(lambda s: (None, *s[2:]), input_shape, is_leaf=lambda s: isinstance(s, tuple)))

    def call(self, inputs: Any) -> Any:
        batch, time = jax.tree.leaves(inputs)[0].shape[:2]

        def join(x: Tensor) -> Tensor:
            return x.reshape((batch * time, *x.shape[2:]))

        def part(y: Tensor) -> Tensor:
            return y.reshape((batch, time, *y.shape[1:]))

        return jax.tree.map(part, self.layer(jax.tree.map(join, inputs)))
