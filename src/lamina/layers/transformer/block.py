"""What the encoder's and the decoder's block share: attention, a small network for every place, and shortcuts."""

from collections.abc import Callable
from typing import Any

from ...core import ShapeError, Tensor
from ..arguments import known_axis, share, whole
from ..attention import MultiHeadAttention
from ..dense import Dense
from ..dropout import Dropout
from ..layer import Layer
from ..masks import with_mask
from ..normalization import LayerNormalization


def split(tensor: Any, mask: Any) -> tuple[Tensor, Any]:
    """The tensor without its mask, and the mask given for it, or else the one that it carried."""
    return with_mask(tensor, None), tensor.mask if mask is None else mask


class TransformerBlock(Layer):
    """Base of `TransformerEncoder` and `TransformerDecoder`, whose texts say what the arguments mean."""

    supports_masking = True

    def __init__(
        self,
        intermediate_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        activation: Any = "relu",
        layer_norm_epsilon: float = 1e-5,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        normalize_first: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        who = type(self).__name__
        self.intermediate_dim = whole(intermediate_dim, who, "intermediate_dim")
        self.num_heads = whole(num_heads, who, "num_heads")
        self.dropout = share(dropout, who, "dropout")
        self.activation, self.layer_norm_epsilon = activation, layer_norm_epsilon
        self.initializers = {"kernel_initializer": kernel_initializer, "bias_initializer": bias_initializer}
        self.normalize_first = normalize_first

    def _features(self, input_shape: Any) -> int:
        """F, which the heads share equally."""
        features = known_axis(input_shape, -1, self)
        if features % self.num_heads:
            raise ShapeError(
                f"{type(self).__name__} {self.name!r}",
                "the heads share the features equally",
                expected=f"a multiple of {self.num_heads} on the last axis",
                received=input_shape,
                remedy="Change num_heads or the number of features",
            )
        return features

    def _attention(self, features: int, name: str) -> MultiHeadAttention:
        return MultiHeadAttention(
            self.num_heads,
            features // self.num_heads,
            dropout=self.dropout,
            dtype=self.dtype_policy,
            name=name,
            **self.initializers,
        )

    def _norm(self, name: str) -> LayerNormalization:
        return LayerNormalization(epsilon=self.layer_norm_epsilon, dtype=self.dtype_policy, name=name)

    def _make_feedforward(self, features: int) -> None:
        options: dict[str, Any] = {**self.initializers, "dtype": self.dtype_policy}
        self.feedforward_intermediate = Dense(self.intermediate_dim, self.activation, name="intermediate", **options)
        self.feedforward_output = Dense(features, name="output", **options)
        self.feedforward_norm = self._norm("feedforward_norm")
        self.dropping = Dropout(self.dropout, dtype=self.dtype_policy, name="dropout")

    def _feedforward(self, x: Tensor) -> Tensor:
        return self.feedforward_output(self.feedforward_intermediate(x))

    def _around(self, norm: Layer, x: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
        """x + dropout(function(x)), normalised after it, or, with `normalize_first`, function(norm(x))."""
        if self.normalize_first:
            return x + self.dropping(function(norm(x)))
        return norm(x + self.dropping(function(x)))
