"""The Transformer's decoder block."""

from typing import Any

from ...core import Tensor
from ..attention.cache import KeyValueCache
from ..layer import registry
from .block import TransformerBlock, split


@registry.register()
class TransformerDecoder(TransformerBlock):
    """Every place looks back, then at the encoder's output, then passes through a small network.

    h = norm(x + MHA(x)), causal; c = norm(h + MHA(h, encoder_sequence)); y = norm(c + FF(c)), and with
    `normalize_first` as in `TransformerEncoder`. Without an encoder_sequence there is no c: a language model's block.

    Args:
        intermediate_dim ... normalize_first: as in `TransformerEncoder`.

    Call with decoder_sequence (N, T, F), optionally encoder_sequence (N, S, F'), and masks, true where there is a
    token or where t may look at s: decoder_padding_mask (N, T) and encoder_padding_mask (N, S) (by default what the
    sequences carry), decoder_attention_mask (N, T, T), encoder_attention_mask (N, T, S); use_causal_mask.
    Token by token: `cache = block.make_cache(batch, length)`, then self_attention_cache=cache and
    self_attention_cache_update_index=t, the place of the first token given; the result is (output, new cache). So that
    the encoder's output is projected once, cross_attention_cache=block.cross_attention.fill_cache(encoder_sequence).
    Output (N, T, F).

    Raises:
        ShapeError: num_heads does not divide F.

    Example:
        >>> import lamina
        >>> block, x = lamina.layers.TransformerDecoder(16, num_heads=2), lamina.ops.ones((1, 3, 8))
        >>> y = block(x)
        >>> cache = block.make_cache(batch=1, length=5)
        >>> y_0, cache = block(x[:, :1], self_attention_cache=cache, self_attention_cache_update_index=0)
        >>> bool(abs(y_0 - y[:, :1]).max() < 1e-5)
        True

    Reference: Vaswani et al. 2017, arXiv 1706.03762. From KerasHub, whose caches are one array (N, 2, L, A, H); here
    they are a `KeyValueCache`, and the encoder's is only read.
    """

    def build(self, input_shape: Any) -> None:
        features = self._features(input_shape)
        self.self_attention = self._attention(features, "self_attention")
        self.self_attention_norm = self._norm("self_attention_norm")
        self.cross_attention = self._attention(features, "cross_attention")
        self.cross_attention_norm = self._norm("cross_attention_norm")
        self.cross_attention.build(input_shape)
        self._make_feedforward(features)

    def call(
        self,
        decoder_sequence: Tensor,
        encoder_sequence: Any = None,
        decoder_padding_mask: Any = None,
        decoder_attention_mask: Any = None,
        encoder_padding_mask: Any = None,
        encoder_attention_mask: Any = None,
        self_attention_cache: Any = None,
        self_attention_cache_update_index: Any = None,
        cross_attention_cache: Any = None,
        use_causal_mask: bool = True,
    ) -> Any:
        x, padding = split(decoder_sequence, decoder_padding_mask)
        caches: list[KeyValueCache] = []

        def look_back(x: Tensor) -> Tensor:
            masks = {"value_mask": padding, "attention_mask": decoder_attention_mask}
            if self_attention_cache is None:
                return self.self_attention(x, x, use_causal_mask=use_causal_mask, **masks)
            position = self_attention_cache_update_index
            found, cache = self.self_attention(x, x, cache=self_attention_cache, position=position, **masks)
            caches.append(cache)
            return found

        def look_at_encoder(x: Tensor) -> Tensor:
            if cross_attention_cache is not None:
                reading = {"cache": cross_attention_cache, "attention_mask": encoder_attention_mask}
                return self.cross_attention(x, x, **reading)[0]
            memory, real = split(self._as_input(encoder_sequence), encoder_padding_mask)
            return self.cross_attention(x, memory, value_mask=real, attention_mask=encoder_attention_mask)

        x = self._around(self.self_attention_norm, x, look_back)
        if encoder_sequence is not None or cross_attention_cache is not None:
            x = self._around(self.cross_attention_norm, x, look_at_encoder)
        x = self._around(self.feedforward_norm, x, self._feedforward)
        return (x, *caches) if caches else x

    def make_cache(self, batch: int, length: int) -> KeyValueCache:
        """An empty self_attention_cache with room for `length` tokens of `batch` sequences."""
        return self.self_attention.make_cache(batch, length)
