"""`RecurrentTranslator`: two LSTMs and additive attention between them."""

from typing import Any, NamedTuple

from ... import ops
from ...core import Array, Tensor
from ...data.tokenizers import Tokenizer
from ...layers import LSTM, AdditiveAttention, Bidirectional, Dense, Dropout, Embedding
from ...layers.layer import registry
from ...layers.masks import with_mask
from .translator import Translator


class Memory(NamedTuple):
    """What the decoder has of the source, and how far it has come itself.

    Args:
        values: (N, S, 2U), the encoder's outputs.
        keys: (N, S, U), what queries are compared with.
        real: (N, S), where there is a token.
        h, c: (N, U), the decoder's states.
    """

    values: Any
    keys: Any
    real: Any
    h: Any
    c: Any


@registry.register()
class RecurrentTranslator(Translator):
    """An LSTM reads the source from both ends, another writes the target and looks back at the source at every token.

    m_1 ... m_S are the encoder's outputs, forward and backward side by side. The decoder starts from the states of the
    backward direction, and h_t is its output after y_{t−1}. With e_ts = v · tanh(h_t W + m_s W' + b'),
    a_t = Σ_s softmax_s(e_ts) m_s, and the logits of y_t are tanh([a_t, h_t] W'' + b'') V + b.

    Args:
        source_tokenizer, target_tokenizer, longest: as in `Translator`.
        units: U, of every LSTM, embedding and projection.
        dropout: share of the embeddings and of the last hidden layer that is dropped in training.
        name: by default the class name.

    Input: a dict with "source" (N, S) and "target" (N, T) of ids, 0 for padding; output (N, T, V), logits of the next
    token at each place.

    Raises:
        ArgumentError, UnknownNameError: a size below 1, or tokenizers without the special tokens.

    Example:
        >>> from lamina.zoo import translation_tokenizer
        >>> tokenizer = translation_tokenizer(["abc"])
        >>> model = RecurrentTranslator(tokenizer, tokenizer, units=8)
        >>> x, y = model.pairs(["abc", "b"], ["cba", "b"])
        >>> x["target"].tolist(), y.tolist(), model(x).shape
        ([[1, 5, 4, 3], [1, 4, 0, 0]], [[5, 4, 3, 2], [4, 2, 0, 0]], (2, 4, 6))

    Reference: Bahdanau, Cho and Bengio 2014, arXiv 1409.0473, where the query is the state before y_{t−1} has been read
    and a_t goes into the next step; asked after it, as in Luong et al. 2015, arXiv 1508.04025, all steps of a target
    that is known are one pass through the LSTM.
    """

    def __init__(
        self,
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        units: int = 128,
        dropout: float = 0.0,
        longest: int = 64,
        name: str | None = None,
    ) -> None:
        super().__init__(source_tokenizer, target_tokenizer, longest, name)
        self.source_embedding = Embedding(len(source_tokenizer), units, mask_zero=True)
        self.target_embedding = Embedding(len(target_tokenizer), units, mask_zero=True)
        lstm = LSTM(units, return_sequences=True, return_state=True)
        self.encoder, self.decoder = Bidirectional(lstm), lstm
        self.query, self.key = Dense(units, use_bias=False), Dense(units)
        self.attention = AdditiveAttention()
        self.joined, self.logits = Dense(units, "tanh"), Dense(len(target_tokenizer))
        self.dropout = Dropout(dropout)
        self._make_weights()

    def call(self, inputs: Any) -> Tensor:
        return self._decode(inputs["target"], self._encode(inputs["source"]))[0]

    def _encode(self, source: Any) -> Memory:
        values, _, _, h, c = self.encoder(self.dropout(self.source_embedding(source)))
        return Memory(with_mask(values, None), with_mask(self.key(values), None), ops.not_equal(source, 0), h, c)

    def _decode(self, target: Any, memory: Memory) -> tuple[Tensor, Tensor, Memory]:
        """Logits (N, T, V), attention (N, T, S), and the memory after the target."""
        read = self.dropout(self.target_embedding(target))
        found, h, c = self.decoder(read, initial_state=[memory.h, memory.c])
        looking = [self.query(found), memory.values, memory.keys]
        context, weights = self.attention(looking, mask=[None, memory.real], return_attention_scores=True)
        hidden = self.dropout(self.joined(ops.concatenate([context, found], axis=-1)))
        return with_mask(self.logits(hidden), read.mask), weights, memory._replace(h=h, c=c)

    def attention_to_source(self, inputs: dict[str, Any]) -> Tensor:
        """(N, T, S), how much of the attention goes to each source token at each target token."""
        return self._decode(inputs["target"], self._encode(inputs["source"]))[1]

    def initial_cache(self, rows: int, length: int, source: Array) -> Memory:
        """What the decoder needs of sources (N, S)."""
        return self._encode(source)

    def read(self, tokens: Any, cache: Memory, position: Any) -> tuple[Tensor, Memory]:
        """Logits (N, T, V) after T more tokens, and the memory."""
        logits, _, cache = self._decode(tokens, Memory(*cache))
        return logits, cache
