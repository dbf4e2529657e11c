"""Normalisation by the statistics of the batch, with moving averages for use after training."""

from typing import Any

from .. import ops
from ..core import Tensor, autocast, no_grad
from .arguments import known_axis, rules
from .input_spec import InputSpec
from .layer import Layer, registry


@registry.register()
class BatchNormalization(Layer):
    """Each channel with mean 0 and variance 1 over the batch, then scaled and shifted.

    In training y = gamma · (x − μ)/√(v + epsilon) + beta with μ and v over all axes but `axis`, and
    moving ← momentum · moving + (1 − momentum) · (μ, v). Otherwise, and while the layer is frozen
    (`trainable = False`), the moving averages take the place of μ and v.

    Args:
        axis: the channel axis C.
        momentum: how much of the moving averages stays at each step.
        epsilon: keeps the root away from 0.
        center, scale: whether beta, gamma exist.
        beta_initializer ... gamma_constraint: as in `Dense`.
        moving_mean_initializer, moving_variance_initializer: how the moving averages start.

    Input and output (N, ..., C). Weights: gamma, beta, moving_mean, moving_variance, each (C,);
    the moving averages are not trained. Statistics are float32 also in mixed precision. Places that a mask
    (N, ...) leaves out do not count in them.

    Example:
        >>> import lamina
        >>> layer, x = lamina.layers.BatchNormalization(), lamina.Tensor([[1.0], [3.0]])
        >>> layer(x, training=True), layer.moving_mean
        (Tensor([[-0.9995], [ 0.9995]], float32), Variable([0.02], float32))

    Reference: Ioffe and Szegedy 2015, arXiv 1502.03167. v is divided by the number of values, as in Keras;
    PyTorch divides the moving one by one less, and its momentum is 1 − momentum. Keras' `renorm` is left
    out, and `synchronized` is always so: a step sees the whole batch, on however many devices.
    """

    supports_masking = True

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis, self.momentum, self.epsilon = axis, momentum, epsilon
        self.gamma_rules = rules(gamma_initializer, gamma_regularizer, gamma_constraint) if scale else None
        self.beta_rules = rules(beta_initializer, beta_regularizer, beta_constraint) if center else None
        self.moving_mean_rules, self.moving_variance_rules = (
            rules(moving_mean_initializer), rules(moving_variance_initializer),
        )  # fmt: skip
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = (known_axis(input_shape, self.axis, self),)
        self.gamma = self.gamma_rules and self.add_weight(shape, name="gamma", **self.gamma_rules)
        self.beta = self.beta_rules and self.add_weight(shape, name="beta", **self.beta_rules)
        mean, variance = self.moving_mean_rules, self.moving_variance_rules
        self.moving_mean = self.add_weight(shape, name="moving_mean", trainable=False, **mean)
        self.moving_variance = self.add_weight(shape, name="moving_variance", trainable=False, **variance)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: shape[0]})

    def call(self, inputs: Tensor, training: bool = False, mask: Any = None) -> Tensor:
        if not (training and self.trainable):
            return self._by_moving_averages(inputs)
        outputs, mean, variance = ops.batch_norm(inputs, self.gamma, self.beta, self.axis, self.epsilon, mask)
        with no_grad(), autocast(None):
            keep, add = self.momentum, 1.0 - self.momentum
            self.moving_mean.assign(self.moving_mean * keep + mean * add)
            self.moving_variance.assign(self.moving_variance * keep + variance * add)
        return outputs

    def _by_moving_averages(self, inputs: Tensor) -> Tensor:
        with autocast(None):  # the averages and what is worked out from them keep their precision
            wide = inputs.astype(ops.result_type(inputs.dtype, self.variable_dtype))
            mean, variance = self.moving_mean, self.moving_variance
            outputs = ops.batch_norm_inference(wide, mean, variance, self.gamma, self.beta, self.axis, self.epsilon)
        return outputs.astype(inputs.dtype)
