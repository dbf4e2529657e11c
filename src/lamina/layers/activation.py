"""Activation functions as layers."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from .. import activations, ops
from ..core import Array, ShapeError, Tensor, as_array
from .arguments import known_axis, rules
from .input_spec import InputSpec
from .layer import Layer, registry


@registry.register()
class Activation(Layer):
    """y = f(x) for an activation function f.

    Args:
        activation: name or function, see `lamina.activations`.

    Input and output of the same shape.

    Example:
        >>> import lamina
        >>> lamina.layers.Activation("relu")(lamina.Tensor([-1.0, 2.0]))
        Tensor([0., 2.], float32)
    """

    supports_masking = True

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Tensor) -> Tensor:
        return self.activation(inputs)


@registry.register()
class ReLU(Layer):
    """y = x above the threshold, negative_slope · (x − threshold) below it, and at most max_value.

    Args:
        max_value: the ceiling; None for none.
        negative_slope: slope below the threshold.
        threshold: where the line starts.

    Example:
        >>> import lamina
        >>> lamina.layers.ReLU(max_value=6.0)(lamina.Tensor([-1.0, 2.0, 8.0]))
        Tensor([0., 2., 6.], float32)

    Reference: Nair and Hinton 2010, Rectified linear units improve restricted Boltzmann machines.
    """

    supports_masking = True

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.max_value, self.negative_slope, self.threshold = max_value, negative_slope, threshold

    def call(self, inputs: Tensor) -> Tensor:
        return ops.relu(inputs, self.negative_slope, self.max_value, self.threshold)


@registry.register()
class LeakyReLU(Layer):
    """y = x above 0, negative_slope · x below.

    Args:
        negative_slope: slope below 0; 0.3 as in Keras (PyTorch: 0.01).

    Example:
        >>> import lamina
        >>> lamina.layers.LeakyReLU(0.1)(lamina.Tensor([-1.0, 2.0]))
        Tensor([-0.1, 2. ], float32)

    Reference: Maas, Hannun and Ng 2013, Rectifier nonlinearities improve neural network acoustic models.
    """

    supports_masking = True

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.negative_slope = negative_slope

    def call(self, inputs: Tensor) -> Tensor:
        return ops.leaky_relu(inputs, self.negative_slope)


@registry.register()
class ELU(Layer):
    """y = x above 0, alpha · (eˣ − 1) below.

    Args:
        alpha: the limit below 0 is −alpha.

    Example:
        >>> import lamina
        >>> lamina.layers.ELU()(lamina.Tensor([-100.0, 2.0]))
        Tensor([-1., 2.], float32)

    Reference: Clevert, Unterthiner and Hochreiter 2016, arXiv 1511.07289.
    """

    supports_masking = True

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Tensor) -> Tensor:
        return ops.elu(inputs, self.alpha)


@registry.register()
class Softmax(Layer):
    """y = e^x / Σ e^x along `axis`: numbers to probabilities.

    Args:
        axis: one axis, or several over which the probabilities sum to 1 together.

    Called with a `mask` that broadcasts to x, it gives 0 where the mask is False (or not above 0.5), and the others sum
    to 1, if there are any. A mask of time steps that x itself carries is passed on instead.

    Raises:
        ShapeError: the mask does not fit.

    Example:
        >>> import lamina
        >>> lamina.layers.Softmax()(lamina.Tensor([0.0, 0.0, 0.0]), mask=[True, True, False])
        Tensor([0.5, 0.5, 0. ], float32)
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else tuple(axis)

    def compute_mask(self, inputs: Tensor, mask: Any = None) -> Any:
        return inputs.mask

    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        if mask is None or mask is inputs.mask:
            return ops.softmax(inputs, axis=self.axis)
        keep = self._as_condition(as_array(mask), inputs)
        lowest = float(jnp.finfo(inputs.dtype).min)  # not -inf: a row without any value would be NaN
        return ops.where(keep, ops.softmax(ops.where(keep, inputs, lowest), axis=self.axis), 0.0)

    def _as_condition(self, mask: Array, inputs: Tensor) -> Array:
        sizes = zip(mask.shape[::-1], inputs.shape[::-1], strict=False)
        if mask.ndim > inputs.ndim or any(m not in (1, n) for m, n in sizes):
            raise ShapeError(
                f"Softmax {self.name!r}",
                "the mask must broadcast to the input",
                expected=f"a shape that broadcasts to {tuple(inputs.shape)}",
                received=tuple(mask.shape),
                remedy="Give it size 1 along the axes on which it does not depend",
            )
        return mask if mask.dtype == bool else mask.astype("float32") > 0.5


@registry.register()
class PReLU(Layer):
    """y = x above 0, alpha · x below, with slopes alpha that are learned.

    Args:
        alpha_initializer, alpha_regularizer, alpha_constraint: as in `Dense`.
        shared_axes: axes along which one slope is shared, for example [1, 2] for images.

    Input and output of the same shape. Weights: alpha, of the input's shape without N, 1 on shared axes.

    Example:
        >>> import lamina
        >>> lamina.layers.PReLU(alpha_initializer="ones")(lamina.Tensor([[-1.0, 2.0]]))
        Tensor([[-1., 2.]], float32)

    Reference: He et al. 2015, Delving deep into rectifiers, arXiv 1502.01852.
    PyTorch learns one slope, or one for each channel.
    """

    supports_masking = True

    def __init__(
        self,
        alpha_initializer: Any = "zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_rules = rules(alpha_initializer, alpha_regularizer, alpha_constraint)
        self.shared_axes = (shared_axes,) if isinstance(shared_axes, int) else tuple(shared_axes or ())
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        own = {axis: known_axis(input_shape, axis, self) for axis in self._own_axes(len(input_shape))}
        shape = tuple(own.get(axis, 1) for axis in range(1, len(input_shape)))
        self.alpha = self.add_weight(shape, name="alpha", **self.alpha_rules)
        self.input_spec = InputSpec(ndim=len(input_shape), axes=own)

    def _own_axes(self, ndim: int) -> list[int]:
        shared = {axis % ndim for axis in self.shared_axes}
        return [axis for axis in range(1, ndim) if axis not in shared]

    def call(self, inputs: Tensor) -> Tensor:
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)
