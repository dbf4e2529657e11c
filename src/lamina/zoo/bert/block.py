"""One layer of BERT: attention to all places, then a network for each token."""

from typing import Any

from ... import ops
from ...core import Tensor
from ...initializers import TruncatedNormal
from ...layers import Dense, Dropout, LayerNormalization, MultiHeadAttention
from ...layers.layer import Layer, registry


@registry.register()
class BERTBlock(Layer):
    """h = norm(x + attention(x)), y = norm(h + gelu(h W₁ + b₁) W₂ + b₂).

    Args:
        heads: A; the width F must be a multiple.
        inner: U, units of the network; 4 F if None.
        dropout: share of the attention probabilities, and of what the two halves add, that is dropped in training.
        epsilon: of the norms.

    Input and output (N, T, F). With `mask` (N, T), tokens that are not real are never attended to.

    Example:
        >>> import lamina
        >>> BERTBlock(heads=2)(lamina.ops.ones((1, 5, 8))).shape
        (1, 5, 8)

    Reference: Devlin et al. 2018, arXiv 1810.04805.
    """

    supports_masking = True

    def __init__(
        self, heads: int, inner: int | None = None, dropout: float = 0.0, epsilon: float = 1e-12, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.heads, self.inner, self.rate = heads, inner, dropout
        self.attention_norm = LayerNormalization(epsilon=epsilon, dtype=self.dtype_policy)
        self.network_norm = LayerNormalization(epsilon=epsilon, dtype=self.dtype_policy)
        self.dropout = Dropout(dropout, dtype=self.dtype_policy)

    def build(self, input_shape: tuple[int, ...]) -> None:
        width = input_shape[-1]
        options: dict[str, Any] = {"kernel_initializer": TruncatedNormal(stddev=0.02), "dtype": self.dtype_policy}
        self.attention = MultiHeadAttention(self.heads, width // self.heads, dropout=self.rate, **options)
        self.expand = Dense(self.inner or 4 * width, **options)
        self.project = Dense(width, **options)

    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        attended = self.attention(inputs, inputs, value_mask=mask)
        x = self.attention_norm(inputs + self.dropout(attended))
        return self.network_norm(x + self.dropout(self.project(ops.gelu(self.expand(x)))))
