"""The fully connected layer."""

from typing import Any

from .. import activations
from ..core import Tensor
from ..ops.activation import gelu_of_sum
from .arguments import known_axis, rules, whole
from .input_spec import InputSpec
from .layer import registry
from .lora import LowRankLayer


@registry.register()
class Dense(LowRankLayer):
    """Every output unit sees every input feature: y = activation(x · kernel + bias).

    Args:
        units: U, number of outputs.
        activation: name or function; None is the identity.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: how the weights start.
        kernel_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        activity_regularizer: penalty on the output, divided by N, added to the loss.
        kernel_constraint, bias_constraint: projections of the weights after every update.
        lora_rank, lora_alpha: freeze the kernel and train A, (F, r), and B, (r, U), beside it: see `enable_lora`.

    Input (N, ..., F), output (N, ..., U). Weights: kernel (F, U), bias (U).

    Raises:
        ShapeError: F is unknown, or the input has no batch axis.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.Dense(1, kernel_initializer="ones", bias_initializer="ones")
        >>> layer(lamina.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([[4.], [8.]], float32)

    Reference: Rosenblatt 1958, The perceptron. Textbooks that write W · x mean kernel = Wᵀ, and so
    does PyTorch, which stores (U, F). Keras' quantization is not part of the layer.
    """

    supports_masking = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(lora_rank, lora_alpha, activity_regularizer=activity_regularizer, **kwargs)
        self.units = whole(units, "Dense", "units")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_rules = rules(kernel_initializer, kernel_regularizer, kernel_constraint)
        self.bias_rules = rules(bias_initializer, bias_regularizer, bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: tuple[int, ...]) -> None:
        features = known_axis(input_shape, -1, self)
        self.kernel = self.add_weight((features, self.units), name="kernel", **self.kernel_rules)
        self.bias = self.add_weight((self.units,), name="bias", **self.bias_rules) if self.use_bias else None
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})
        self._adapt_if_asked()

    def call(self, inputs: Tensor) -> Tensor:
        outputs = inputs @ self.adapted_weight()
        if self.bias is not None and self.activation is activations.gelu:
            return gelu_of_sum(outputs, self.bias)
        return self.activation(outputs if self.bias is None else outputs + self.bias)
