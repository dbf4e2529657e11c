"""`SpanReader`: marks the words of a text that answer a question, or says that none do."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from .. import ops
from ..core import DataError, Tensor, lookup
from ..data.tokenizers.classes import HAN
from ..data.tokenizers.tokenizer import registry as tokenizers
from ..layers import GRU, Attention, Bidirectional, Dense, Dropout, Embedding, Input
from ..layers.arguments import whole
from ..layers.layer import registry
from ..models import Model
from .token_rows import token_rows

_PIECE = re.compile(rf"[{HAN}]|[^\W{HAN}]+|[^\w\s]")  # a Chinese character, a word or number, a sign
_NOTHING, _FIRST = 1, 2  # ids of "no answer" and of token 0; 0 is padding
_HIDDEN = -1e9  # the logit of a place that is padding


class Answer(NamedTuple):
    """What a `SpanReader` has found; `context[start:end] == text`.

    Args:
        text: the words; "" if the context has no answer.
        start, end: where they stand, in characters; both 0 if there is no answer.
        probability: of this place among all.

    Example:
        >>> Answer("baker", 9, 14, 0.98).text
        'baker'
    """

    text: str
    start: int
    end: int
    probability: float


@registry.register()
class SpanReader(Model):
    """Logits of where an answer begins and ends in a context.

    Question and context pass through one embedding and one GRU that reads from both ends: Q and C. Every place of the
    context looks at the question, A = softmax(C Qᵀ) Q; a second such GRU reads [C, A, C ∘ A] to R; logits = R W + b. A
    place in front of the context stands for "no answer".

    Train it on `encode(pairs)` and `targets(pairs, spans)`, with `SparseCategoricalCrossentropy(from_logits=True)`.

    Args:
        tokenizer: one of Lamina's; texts are cut at words, numbers, signs and Chinese characters first, so that every
            token has its place in the text. Saved with the model.
        width: numbers per token.
        units: U, numbers of the state, in each direction.
        dropout: share of the numbers of tokens that is dropped in training.
        context: most tokens that are read of a context and of a question; the rest is left out.
        longest: most tokens of an answer.
        name: by default "span_reader".

    Input {"question": (N, S), "context": (N, T)} of ids, as `encode` makes them; output (N, 2, T), for the beginning
    and for the last token.

    Raises:
        ArgumentError: a size below 1.

    Example:
        >>> import lamina
        >>> from lamina.data.tokenizers import WordPieceTokenizer
        >>> lamina.set_seed(0)
        >>> model = SpanReader(WordPieceTokenizer.train("Ida is a baker. Who is it?" * 3, 50), width=8, units=8)
        >>> pairs = [("Who is a baker?", "Ida is a baker.")]
        >>> model.targets(pairs, [(0, 3)]).tolist()
        [[1, 1]]
        >>> found = model.answer(pairs)[0]
        >>> found.text == pairs[0][1][found.start : found.end]
        True

    Reference: Seo et al. 2017, arXiv 1611.01603, for the way question and context meet; Rajpurkar, Jia and Liang 2018,
    arXiv 1806.03822, for questions without an answer.
    """

    def __init__(
        self,
        tokenizer: Any,
        width: int = 64,
        units: int = 64,
        dropout: float = 0.1,
        context: int = 512,
        longest: int = 16,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.tokenizer = tokenizer
        self.context, self.longest = whole(context, "SpanReader", "context"), whole(longest, "SpanReader", "longest")
        self.embedding = Embedding(len(tokenizer) + _FIRST, whole(width, "SpanReader", "width"), mask_zero=True)
        self.dropout = Dropout(dropout)
        self.reader = Bidirectional(GRU(whole(units, "SpanReader", "units"), return_sequences=True))
        self.attention = Attention()
        self.second_reader = Bidirectional(GRU(units, return_sequences=True))
        self.output_dense = Dense(2)
        sizes = {"question": (8,), "context": (16,)}
        self({name: Input(size, dtype="int32") for name, size in sizes.items()})  # builds it

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The model that `get_config` described, with new weights."""
        return super().from_config({**config, "tokenizer": lookup(tokenizers, config.get("tokenizer"))})

    def call(self, inputs: Any) -> Tensor:
        question, context = (self.reader(self.dropout(self.embedding(inputs[n]))) for n in ("question", "context"))
        asked = self.attention([context, question])
        joined = ops.concatenate([context, asked, context * asked], axis=-1)
        logits = self.output_dense(self.second_reader(self.dropout(joined), mask=context.mask))
        hidden = ops.expand_dims(ops.equal(inputs["context"], 0), 1)
        return ops.where(hidden, _HIDDEN, ops.swapaxes(logits, 1, 2))

    def encode(self, pairs: Iterable[tuple[str, str]]) -> dict[str, np.ndarray]:
        """Ids of (question, context) pairs: {"question": (N, S), "context": (N, T)}.

        Raises:
            DataError: there is no pair, or nothing in a question or a context.
        """
        cut = {name: [self._cut(pair[i])[0] for pair in pairs] for i, name in enumerate(("question", "context"))}
        return {name: token_rows(rows, self.context) for name, rows in cut.items()}

    def targets(self, pairs: Iterable[tuple[str, str]], spans: Sequence[tuple[int, int]]) -> np.ndarray:
        """Places (N, 2) of the first and the last token of answers, for training.

        Args:
            pairs: (question, context).
            spans: (start, end) of each answer in its context, in characters; (0, 0) if there is none.
        """
        return np.array([self._target(pair[1], *span) for pair, span in zip(pairs, spans, strict=True)], np.int32)

    def answer(self, pairs: Iterable[tuple[str, str]], batch_size: int = 32) -> list[Answer]:
        """The most probable answer to each question.

        Args:
            pairs: (question, context).
            batch_size: N, pairs that are read at a time.

        Raises:
            DataError: there is no pair, or nothing in a question or a context.
        """
        pairs = list(pairs)
        logits = self.predict(self.encode(pairs), batch_size=batch_size, verbose=0)
        chances = np.asarray(ops.softmax(Tensor(logits)))
        return [self._best(context, *row) for (_, context), row in zip(pairs, chances, strict=True)]

    def _cut(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The ids of a text and where their tokens stand; the first stands for "no answer"."""
        ids, places = [_NOTHING], [(0, 0)]
        for piece in _PIECE.finditer(text):
            tokens = self.tokenizer.encode(piece[0])
            ids += [token + _FIRST for token in tokens]
            places += [piece.span()] * len(tokens)
        if len(ids) > 1:
            return ids, places
        raise DataError(
            f"SpanReader {self.name!r}",
            "question and context have words",
            expected="texts with at least one token",
            received=repr(text),
            remedy="Leave empty texts out",
        )

    def _target(self, context: str, start: int, end: int) -> tuple[int, int]:
        """The tokens that have a part of the answer; an answer that is not read counts as none."""
        places = self._cut(context)[1][: self.context]
        inside = [i for i, (first, last) in enumerate(places) if first < end and last > start]
        return (inside[0], inside[-1]) if inside else (0, 0)

    def _best(self, context: str, start: np.ndarray, end: np.ndarray) -> Answer:
        """The likeliest first and last token, in this order and not far apart; or both at the place of "no answer"."""
        places = self._cut(context)[1][: len(start)]
        chances = np.tril(np.triu(np.outer(start[1 : len(places)], end[1 : len(places)])), self.longest - 1)
        first, last = np.unravel_index(chances.argmax(), chances.shape)
        nothing = float(start[0] * end[0])
        if chances[first, last] <= nothing:
            return Answer("", 0, 0, nothing)
        begin, stop = places[first + 1][0], places[last + 1][1]
        return Answer(context[begin:stop], begin, stop, float(chances[first, last]))
