"""One layer of GPT: attention to what came before, then a network for each token."""

from typing import Any

from ... import ops
from ...core import Tensor
from ...initializers import RandomNormal
from ...layers import Dense, Dropout, LayerNormalization, MultiHeadAttention
from ...layers.layer import Layer, registry


@registry.register()
class GPTBlock(Layer):
    """h = x + attention(norm(x)), y = h + gelu(norm(h) W₁ + b₁) W₂ + b₂, gelu in the form with tanh.

    Args:
        heads: A; the width F must be a multiple.
        inner: U, units of the network; 4 F if None.
        dropout: share of the attention probabilities, and of what the two halves add, that is dropped in training.
        epsilon: of the norms.

    Input and output (N, T, F). Call with `cache` and `position` to read token by token, see `KeyValueCache`; the
    result is (output, cache) then. With `mask` (N, T), tokens that are not real are never attended to.

    Example:
        >>> import lamina
        >>> GPTBlock(heads=2)(lamina.ops.ones((1, 5, 8))).shape
        (1, 5, 8)

    Reference: Radford et al. 2019, Language models are unsupervised multitask learners.
    """

    supports_masking = True

    def __init__(
        self, heads: int, inner: int | None = None, dropout: float = 0.0, epsilon: float = 1e-5, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.heads, self.inner, self.rate = heads, inner, dropout
        self.attention_norm = LayerNormalization(epsilon=epsilon, dtype=self.dtype_policy)
        self.network_norm = LayerNormalization(epsilon=epsilon, dtype=self.dtype_policy)
        self.dropout = Dropout(dropout, dtype=self.dtype_policy)

    def build(self, input_shape: tuple[int, ...]) -> None:
        width = input_shape[-1]
        options: dict[str, Any] = {"kernel_initializer": RandomNormal(stddev=0.02), "dtype": self.dtype_policy}
        self.attention = MultiHeadAttention(self.heads, width // self.heads, dropout=self.rate, **options)
        self.expand = Dense(self.inner or 4 * width, **options)
        self.project = Dense(width, **options)

    def make_cache(self, batch: int, length: int) -> Any:
        """An empty cache for `batch` rows of at most `length` tokens."""
        return self.attention.make_cache(batch, length)

    def call(self, inputs: Tensor, mask: Any = None, cache: Any = None, position: Any = None) -> Any:
        x = self.attention_norm(inputs)
        if cache is None:
            attended = self.attention(x, x, use_causal_mask=True, value_mask=mask)
        else:
            attended, cache = self.attention(x, x, value_mask=mask, cache=cache, position=position)
        x = inputs + self.dropout(attended)
        hidden = ops.gelu(self.expand(self.network_norm(x)), approximate=True)
        x = x + self.dropout(self.project(hidden))
        return x if cache is None else (x, cache)
