"""`TransformerTranslator`: the encoder-decoder of the Transformer's paper."""

import math
from typing import Any

from ...core import Array, Tensor
from ...data.tokenizers import Tokenizer
from ...initializers import RandomNormal
from ...layers import (
    Dropout,
    Embedding,
    LayerNormalization,
    ReversibleEmbedding,
    SinePositionEncoding,
    TransformerDecoder,
    TransformerEncoder,
)
from ...layers.context import observe_attention
from ...layers.layer import registry
from ...layers.masks import with_mask
from .translator import Translator


@registry.register()
class TransformerTranslator(Translator):
    """Encoder blocks read the source, decoder blocks read the target so far and look at what the encoder made of it.

    x = √F E[tokens] + sines of the places, then L blocks and a norm, for source and target; the logits of the next
    token are x E_targetᵀ. The blocks have their norms before attention and network, so that no warm-up is needed.

    Args:
        source_tokenizer, target_tokenizer, longest: as in `Translator`.
        layers: L, of encoder blocks and of decoder blocks.
        heads: A, of each attention.
        width: F, numbers per token; a multiple of A.
        inner: units of each block's network; 4 F if None.
        dropout: share of the embeddings, attention probabilities and block outputs that is dropped in training.
        name: by default the class name.

    Input: a dict with "source" (N, S) and "target" (N, T) of ids, 0 for padding; output (N, T, V), logits of the next
    token at each place.

    Raises:
        ArgumentError, UnknownNameError: a size below 1, or tokenizers without the special tokens.
        ShapeError: a width that is no multiple of the heads.

    Example:
        >>> from lamina.zoo import translation_tokenizer
        >>> tokenizer = translation_tokenizer(["abc"])
        >>> model = TransformerTranslator(tokenizer, tokenizer, layers=1, heads=2, width=8)
        >>> x, y = model.pairs(["abc", "b"], ["cba", "b"])
        >>> model(x).shape, len(model.translate(["ab"]))
        ((2, 4, 6), 1)

    Reference: Vaswani et al. 2017, arXiv 1706.03762, where the norms come after and both languages share E.
    """

    def __init__(
        self,
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        layers: int = 2,
        heads: int = 4,
        width: int = 128,
        inner: int | None = None,
        dropout: float = 0.0,
        longest: int = 64,
        name: str | None = None,
    ) -> None:
        super().__init__(source_tokenizer, target_tokenizer, longest, name)
        self.width = width
        start = RandomNormal(stddev=1 / math.sqrt(width))
        self.source_embedding = Embedding(len(source_tokenizer), width, start, mask_zero=True)
        self.target_embedding = ReversibleEmbedding(
            len(target_tokenizer), width, embeddings_initializer=start, mask_zero=True
        )
        self.positions, self.dropout = SinePositionEncoding(), Dropout(dropout)
        block: dict[str, Any] = {"intermediate_dim": inner or 4 * width, "num_heads": heads, "dropout": dropout}
        self.encoder = [TransformerEncoder(**block, normalize_first=True) for _ in range(layers)]
        self.decoder = [TransformerDecoder(**block, normalize_first=True) for _ in range(layers)]
        self.encoder_norm, self.decoder_norm = LayerNormalization(epsilon=1e-5), LayerNormalization(epsilon=1e-5)
        self._make_weights()

    def call(self, inputs: Any) -> Tensor:
        memory = self._encode(inputs["source"])
        x = self._embed(self.target_embedding, inputs["target"])
        for block in self.decoder:
            x = block(x, memory)
        return self._logits(x)

    def _embed(self, table: Embedding, tokens: Any, places: Any = None) -> Tensor:
        vectors = table(tokens)
        x = vectors * math.sqrt(self.width) + self.positions(vectors, positions=places)
        return with_mask(self.dropout(x), vectors.mask)

    def _encode(self, source: Any) -> Tensor:
        x = self._embed(self.source_embedding, source)
        for block in self.encoder:
            x = block(x)
        return self.encoder_norm(x)

    def _logits(self, x: Tensor) -> Tensor:
        return with_mask(self.target_embedding(self.decoder_norm(x), reverse=True), x.mask)

    def attention_to_source(self, inputs: dict[str, Any]) -> Tensor:
        """(N, T, S), the mean over the heads of the last block, for each target token."""
        seen = []
        last = self.decoder[-1].cross_attention
        with observe_attention(lambda layer, weights: seen.append(weights) if layer is last else None):
            self(inputs)
        return seen[-1].mean(axis=1)

    def initial_cache(self, rows: int, length: int, source: Array) -> Any:
        """For each decoder block keys and values of sources (N, S), and room for those of `length` target tokens."""
        memory = self._encode(source)
        return [(block.make_cache(rows, length), block.cross_attention.fill_cache(memory)) for block in self.decoder]

    def read(self, tokens: Any, cache: Any, position: Any) -> tuple[Tensor, Any]:
        """Logits (N, T, V) after T more tokens, the first of them at `position`, and the cache."""
        places = None if tokens.shape[1] > 1 else position[:, None]
        x, new = self._embed(self.target_embedding, tokens, places), []
        for block, (own, memory) in zip(self.decoder, cache, strict=True):
            reading = {"self_attention_cache": own, "self_attention_cache_update_index": position}
            x, own = block(x, cross_attention_cache=memory, **reading)
            new.append((own, memory))
        return self._logits(x), new
