"""Normalisation of each example by itself."""

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..core import ArgumentError, Tensor
from .arguments import known_axis, rules
from .input_spec import InputSpec
from .layer import Layer, registry


class ScaledAndShifted(Layer):
    """Base of the normalisations with a learned scale gamma and shift beta."""

    supports_masking = True

    def __init__(
        self,
        center: bool,
        scale: bool,
        beta_rules: dict[str, Any],
        gamma_rules: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.gamma_rules, self.beta_rules = gamma_rules if scale else None, beta_rules if center else None
        self.input_spec = InputSpec(min_ndim=2)

    def add_gamma_and_beta(self, input_shape: tuple[int | None, ...], axes: Sequence[int]) -> None:
        """Make the weights that exist, of the sizes of `axes`, which are fixed from now on."""
        shape = tuple(known_axis(input_shape, axis, self) for axis in axes)
        self.gamma = self.gamma_rules and self.add_weight(shape, name="gamma", **self.gamma_rules)
        self.beta = self.beta_rules and self.add_weight(shape, name="beta", **self.beta_rules)
        self.input_spec = InputSpec(ndim=len(input_shape), axes=dict(zip(axes, shape, strict=True)))


def _sorted_axes(axis: int | Sequence[int], ndim: int) -> tuple[int, ...]:
    return tuple(sorted(a % ndim for a in ((axis,) if isinstance(axis, int) else axis)))


@registry.register()
class LayerNormalization(ScaledAndShifted):
    """Each example with mean 0 and variance 1 over `axis`: y = gamma · (x − μ)/√(v + epsilon) + beta.

    Args:
        axis: one axis or several.
        epsilon: keeps the root away from 0; 1e-3 as in Keras (PyTorch: 1e-5).
        center, scale: whether beta, gamma exist.
        beta_initializer ... gamma_constraint: as in `Dense`.

    Input and output of the same shape. Weights: gamma, beta, of the sizes of `axis`.

    Example:
        >>> import lamina
        >>> lamina.layers.LayerNormalization(epsilon=1e-6)(lamina.Tensor([[1.0, 3.0], [0.0, 4.0]]))
        Tensor([[-1., 1.], [-1., 1.]], float32)

    Reference: Ba, Kiros and Hinton 2016, arXiv 1607.06450.
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        beta = rules(beta_initializer, beta_regularizer, beta_constraint)
        gamma = rules(gamma_initializer, gamma_regularizer, gamma_constraint)
        super().__init__(center, scale, beta, gamma, **kwargs)
        self.axis, self.epsilon = axis, epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.add_gamma_and_beta(input_shape, _sorted_axes(self.axis, len(input_shape)))

    def call(self, inputs: Tensor) -> Tensor:
        return ops.layer_norm(inputs, self.gamma, self.beta, _sorted_axes(self.axis, inputs.ndim), self.epsilon)


@registry.register()
class GroupNormalization(ScaledAndShifted):
    """Each group of channels of an example with mean 0 and variance 1: y = gamma · (x − μ)/√(v + epsilon) + beta.

    Args:
        groups: number of groups of neighbouring channels; −1 for one channel each (instance normalisation).
        axis: the channel axis C.
        epsilon: keeps the root away from 0; 1e-3 as in Keras (PyTorch: 1e-5).
        center, scale: whether beta, gamma exist.
        beta_initializer ... gamma_constraint: as in `Dense`.

    Input and output (N, ..., C). Weights: gamma, beta, each (C,).

    Raises:
        ArgumentError: groups does not divide C.

    Example:
        >>> import lamina
        >>> lamina.layers.GroupNormalization(2, epsilon=1e-6)(lamina.Tensor([[1.0, 3.0, 0.0, 4.0]]))
        Tensor([[-1., 1., -1., 1.]], float32)

    Reference: Wu and He 2018, arXiv 1803.08494.
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        beta = rules(beta_initializer, beta_regularizer, beta_constraint)
        gamma = rules(gamma_initializer, gamma_regularizer, gamma_constraint)
        super().__init__(center, scale, beta, gamma, **kwargs)
        self.groups, self.axis, self.epsilon = groups, axis, epsilon

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_axis(input_shape, self.axis, self)
        if self.groups != -1 and (self.groups < 1 or channels % self.groups):
            raise ArgumentError(
                f"GroupNormalization {self.name!r}",
                "groups must divide the channels",
                expected=f"a divisor of {channels}, or -1",
                received=self.groups,
                remedy="Choose another number of groups; the default is 32",
            )
        self.add_gamma_and_beta(input_shape, (self.axis,))

    def call(self, inputs: Tensor) -> Tensor:
        return ops.group_norm(inputs, self.groups, self.gamma, self.beta, self.axis, self.epsilon)


@registry.register()
class RMSNormalization(Layer):
    """Each example divided by the root of its mean square: y = scale · x/√(mean(x²) + epsilon).

    Args:
        axis: one axis or several.
        epsilon: keeps the root away from 0.

    Input and output of the same shape. Weights: scale, of the sizes of `axis`.

    Example:
        >>> import lamina
        >>> lamina.layers.RMSNormalization()(lamina.Tensor([[3.0, 4.0]]))
        Tensor([[0.84..., 1.13...]], float32)

    Reference: Zhang and Sennrich 2019, arXiv 1910.07467.
    """

    supports_masking = True

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis, self.epsilon = axis, epsilon
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        axes = _sorted_axes(self.axis, len(input_shape))
        shape = tuple(known_axis(input_shape, axis, self) for axis in axes)
        self.scale = self.add_weight(shape, "ones", name="scale")
        self.input_spec = InputSpec(ndim=len(input_shape), axes=dict(zip(axes, shape, strict=True)))

    def call(self, inputs: Tensor) -> Tensor:
        return ops.rms_norm(inputs, self.scale, _sorted_axes(self.axis, inputs.ndim), self.epsilon)


@registry.register()
class UnitNormalization(Layer):
    """Each example divided by its length: y = x/‖x‖₂ over `axis`; zeros stay zeros.

    Args:
        axis: one axis or several.

    Example:
        >>> import lamina
        >>> lamina.layers.UnitNormalization()(lamina.Tensor([[3.0, 4.0], [0.0, 0.0]]))
        Tensor([[0.6, 0.8], [0. , 0. ]], float32)
    """

    supports_masking = True

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else tuple(axis)

    def call(self, inputs: Tensor) -> Tensor:
        return to_unit_length(inputs, self.axis)


def to_unit_length(x: Tensor, axis: int | tuple[int, ...]) -> Tensor:
    """x/‖x‖₂ over `axis`, lengths below 10⁻¹² taken as that; squares are summed in float32 at least."""
    wide = x.astype(ops.result_type(x.dtype, "float32"))
    squares = (wide * wide).sum(axis=axis, keepdims=True)
    return (wide / ops.sqrt(ops.maximum(squares, 1e-24))).astype(x.dtype)
