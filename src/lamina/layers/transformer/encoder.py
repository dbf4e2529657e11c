"""The Transformer's encoder block."""

from typing import Any

from ...core import Tensor
from ..layer import registry
from .block import TransformerBlock, split


@registry.register()
class TransformerEncoder(TransformerBlock):
    """Every place looks at all others, then passes through a small network: y = norm(h + FF(h)), h = norm(x + MHA(x)).

    FF(h) = activation(h W₁ + b₁) W₂ + b₂. With `normalize_first`, h = x + MHA(norm(x)) and y = h + FF(norm(h)).

    Args:
        intermediate_dim: number of units between W₁ and W₂.
        num_heads: A, which must divide F; each head has F/A numbers.
        dropout: share set to 0 in training, of the attention probabilities and of both summands.
        activation: of the small network.
        layer_norm_epsilon: of both normalisations.
        kernel_initializer, bias_initializer: of all kernels and biases.
        normalize_first: where the normalisation stands. Deep stacks train without warm-up with it (Xiong et al. 2020,
            arXiv 2002.04745); they need one more normalisation at their end.

    Call with the inputs (N, T, F) and optionally padding_mask (N, T), true where there is a token (by default the
    mask that the inputs carry), attention_mask (N, T, T) or (T, T), true where t may look at s, and
    return_attention_scores, which adds the probabilities (N, A, T, T) to the result. Output (N, T, F).

    Raises:
        ShapeError: num_heads does not divide F.

    Example:
        >>> import lamina
        >>> block = lamina.layers.TransformerEncoder(intermediate_dim=16, num_heads=2)
        >>> block(lamina.ops.ones((1, 3, 8))).shape, block.count_params()
        ((1, 3, 8), 600)

    Reference: Vaswani et al. 2017, arXiv 1706.03762. From KerasHub. PyTorch's `nn.TransformerEncoderLayer` also drops
    units inside of FF.
    """

    def build(self, input_shape: Any) -> None:
        features = self._features(input_shape)
        self.self_attention = self._attention(features, "self_attention")
        self.self_attention_norm = self._norm("self_attention_norm")
        self._make_feedforward(features)

    def call(
        self,
        inputs: Tensor,
        padding_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
    ) -> Any:
        x, padding = split(inputs, padding_mask)
        scores: list[Tensor] = []

        def attend(x: Tensor) -> Tensor:
            masks = {"value_mask": padding, "attention_mask": attention_mask}
            found = self.self_attention(x, x, return_attention_scores=return_attention_scores, **masks)
            found, *more = found if return_attention_scores else (found,)
            scores.extend(more)
            return found

        x = self._around(self.self_attention_norm, x, attend)
        x = self._around(self.feedforward_norm, x, self._feedforward)
        return (x, *scores) if scores else x
