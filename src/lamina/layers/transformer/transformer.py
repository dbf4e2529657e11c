"""The whole Transformer: a stack of encoder blocks and a stack of decoder blocks."""

from typing import Any

import jax

from ... import ops
from ...core import Tensor
from ..arguments import whole
from ..layer import Layer, registry
from ..masks import with_mask
from ..normalization import LayerNormalization
from ..repeat import Repeat
from .decoder import TransformerDecoder
from .encoder import TransformerEncoder


@registry.register()
class Transformer(Layer):
    """From one sequence to another: the encoder reads the source, the decoder reads the target so far and the source.

    Both stacks end with a normalisation. Token embeddings, positions and the last projection are the caller's.

    Args:
        num_heads: A, which must divide F.
        num_encoder_layers, num_decoder_layers: blocks in the stacks.
        intermediate_dim ... normalize_first: of every block, as in `TransformerEncoder`.
        checkpoint: keep only the blocks' inputs for the backward pass, as in `Repeat`.

    Call with source (N, S, F) and target (N, T, F), and optionally source_mask (N, S) and target_mask (N, T), true
    where there is a token (by default what the sequences carry), and use_causal_mask. Output (N, T, F).
    Token by token: memory = encode(source), cache = make_cache(batch, length), and then
    y, cache = decode(token, memory, cache=cache, position=t).

    Raises:
        ShapeError: num_heads does not divide F, or source and target differ in F.

    Example:
        >>> import lamina
        >>> model = lamina.layers.Transformer(2, num_encoder_layers=2, num_decoder_layers=3, intermediate_dim=16)
        >>> model(lamina.ops.ones((1, 4, 8)), lamina.ops.ones((1, 3, 8))).shape
        (1, 3, 8)

    Reference: Vaswani et al. 2017, arXiv 1706.03762. As PyTorch's `nn.Transformer`, which masks nothing by itself and
    drops units inside of the small networks too. Keras and KerasHub have no such layer.
    """

    def __init__(
        self,
        num_heads: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        intermediate_dim: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        layer_norm_epsilon: float = 1e-5,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        normalize_first: bool = False,
        checkpoint: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_decoder_layers = whole(num_decoder_layers, "Transformer", "num_decoder_layers")
        dtype: dict[str, Any] = {"dtype": self.dtype_policy.name}
        block = {
            "dropout": dropout,
            "activation": activation,
            "layer_norm_epsilon": layer_norm_epsilon,
            "kernel_initializer": kernel_initializer,
            "bias_initializer": bias_initializer,
            "normalize_first": normalize_first,
            **dtype,
        }
        encoder = TransformerEncoder(intermediate_dim, num_heads, **block, name="encoder_block")
        decoder = TransformerDecoder(intermediate_dim, num_heads, **block, name="decoder_block")
        self.encoder = Repeat(encoder, num_encoder_layers, checkpoint=checkpoint, name="encoder")
        self.decoder = Repeat(decoder, num_decoder_layers, checkpoint=checkpoint, name="decoder")
        self.encoder_norm = LayerNormalization(epsilon=layer_norm_epsilon, name="encoder_norm", **dtype)
        self.decoder_norm = LayerNormalization(epsilon=layer_norm_epsilon, name="decoder_norm", **dtype)

    def call(  # type: ignore[override]
        self,
        source: Tensor,
        target: Any,
        source_mask: Any = None,
        target_mask: Any = None,
        use_causal_mask: bool = True,
    ) -> Tensor:
        memory = self.encode(source, source_mask)
        found = self.decode(target, memory, source_mask, target_mask, use_causal_mask=use_causal_mask)
        return with_mask(found, target_mask)

    def encode(self, source: Any, source_mask: Any = None) -> Tensor:
        """What the decoder looks at: (N, S, F) for a source (N, S, F)."""
        return self.encoder_norm(self.encoder(source, padding_mask=source_mask))

    def decode(
        self,
        target: Any,
        memory: Any,
        source_mask: Any = None,
        target_mask: Any = None,
        cache: Any = None,
        position: Any = None,
        use_causal_mask: bool = True,
    ) -> Any:
        """The output for a target (N, T, F), given `memory` from `encode`; with a `cache`, (output, new cache).

        Args:
            target, memory: (N, T, F) and (N, S, F).
            source_mask, target_mask: as in a call.
            cache: from `make_cache`, or from the last call.
            position: with a cache, the place of the first of the T tokens.
            use_causal_mask: as in a call.
        """
        masks = {"encoder_padding_mask": source_mask, "decoder_padding_mask": target_mask}
        if cache is None:
            return self.decoder_norm(self.decoder(target, memory, use_causal_mask=use_causal_mask, **masks))
        each = {"self_attention_cache": cache}
        found, cache = self.decoder(target, memory, each=each, self_attention_cache_update_index=position, **masks)
        return self.decoder_norm(found), cache

    def make_cache(self, batch: int, length: int) -> Any:
        """Empty caches of all decoder blocks of a built layer, with room for `length` tokens of `batch` sequences."""
        one = self.decoder.form.make_cache(batch, length)
        return jax.tree.map(lambda part: ops.stack([part] * self.num_decoder_layers), one)
