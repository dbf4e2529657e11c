"""What translators share: texts to arrays and back, and the search for a translation."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import jax.numpy as jnp
import numpy as np

from ...core import ArgumentError, Array, DataError, Tensor, lookup, no_grad
from ...data import pad_sequences
from ...data.tokenizers import CharacterTokenizer, Tokenizer
from ...data.tokenizers.tokenizer import registry as tokenizers
from ...layers import Input
from ...layers.arguments import whole
from ...layers.context import training_phase
from ...models import Model
from ...models.generation import Generator
from ...models.generation.prompts import bucket
from .alignment import Alignment

PAD, START, END = "<pad>", "<start>", "<end>"


def translation_tokenizer(texts: Sequence[str]) -> CharacterTokenizer:
    """The characters of texts, behind the special tokens that a `Translator` needs; other characters are refused.

    Example:
        >>> translation_tokenizer(["ab", "b"]).vocabulary
        ('<pad>', '<start>', '<end>', 'a', 'b')
    """
    return CharacterTokenizer.train(texts, special_tokens=(PAD, START, END), unknown_token=None)


class Translator(Model):
    """Base of `RecurrentTranslator` and `TransformerTranslator`: p(target | source) = Π_t p(y_t | y_<t, source).

    `pairs` makes the arrays for `fit` (teacher forcing: the decoder reads the right target, moved on by one, and is
    asked for the next token), with the loss `SparseCategoricalCrossentropy(from_logits=True)`; padding counts neither
    in the loss nor in the metrics. Then `translate` and `align` take texts.

    Args:
        source_tokenizer, target_tokenizer: have the tokens <pad> (id 0), <start> and <end>; saved with the model.
        longest: most tokens of a source and of a target.
        name: by default the class name.

    Raises:
        ArgumentError: `longest` below 1, or padding that is not id 0.
        UnknownNameError: a special token is missing.

    Example:
        >>> from lamina.zoo import RecurrentTranslator
        >>> tokenizer = translation_tokenizer(["ab"])
        >>> model = RecurrentTranslator(tokenizer, tokenizer, units=4, longest=3)
        >>> found = model.align("aab", translation="b")
        >>> found.target, found.weights.shape
        (['b', '<end>'], (2, 3))
    """

    context: int | None = None  # see models.generation.StepModel: the loop itself has no limit

    def __init__(
        self, source_tokenizer: Tokenizer, target_tokenizer: Tokenizer, longest: int, name: str | None = None
    ) -> None:
        super().__init__(name=name)
        self.source_tokenizer, self.target_tokenizer = source_tokenizer, target_tokenizer
        self.longest = whole(longest, type(self).__name__, "longest")
        for tokenizer in (source_tokenizer, target_tokenizer):
            self._check_padding(tokenizer)
        self.start, self.end = target_tokenizer.token_to_id(START), target_tokenizer.token_to_id(END)
        self.vocabulary_size = len(target_tokenizer)
        stepping: Any = self  # whose initial_cache takes a source besides
        self.generator = Generator(stepping, target_tokenizer)

    def _check_padding(self, tokenizer: Tokenizer) -> None:
        if tokenizer.token_to_id(PAD):
            raise ArgumentError(
                type(self).__name__,
                "id 0 is what short texts are filled up with",
                expected=f"{PAD} as the first token of the vocabulary",
                received=f"id {tokenizer.token_to_id(PAD)}",
                remedy="Train the tokenizer with special_tokens=('<pad>', '<start>', '<end>')",
            )

    def _make_weights(self) -> None:
        """Run once on shapes, so that a file's weights find their place."""
        self({"source": Input((None,), dtype="int32"), "target": Input((None,), dtype="int32")})

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The model that `get_config` described, with new weights."""
        both = ("source_tokenizer", "target_tokenizer")
        return super().from_config({**config, **{name: lookup(tokenizers, config[name]) for name in both}})

    # -- what the two kinds do in their own way -----------------------------------------------------
    @abstractmethod
    def initial_cache(self, rows: int, length: int, source: Array) -> Any:
        """What the decoder needs of sources (N, S), and room for `length` tokens of the targets."""

    @abstractmethod
    def read(self, tokens: Any, cache: Any, position: Any) -> tuple[Tensor, Any]:
        """Logits (N, T, V) after T more tokens, the first of them at `position`, and the cache."""

    @abstractmethod
    def attention_to_source(self, inputs: dict[str, Any]) -> Tensor:
        """(N, T, S), how much of the attention goes to each source token at each target token."""

    # -- token by token: see models.generation.StepModel --------------------------------------------
    def prefill(self, tokens: Array, lengths: Array, cache: Any) -> tuple[Tensor, Any]:
        """Logits (N, V) after the first tokens of targets, padded on the right, and the cache."""
        logits, cache = self.read(tokens, cache, 0)
        return logits[jnp.arange(len(lengths)), lengths - 1], cache

    def step(self, tokens: Array, cache: Any, position: Array) -> tuple[Tensor, Any]:
        """Logits (N, V) after one token more in each row, and the cache."""
        logits, cache = self.read(tokens[:, None], cache, position)
        return logits[:, 0], cache

    # -- texts ----------------------------------------------------------------------------------------
    def pairs(self, sources: Sequence[str], targets: Sequence[str]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """The arrays that `fit` and `evaluate` take.

        Args:
            sources, targets: N texts each.

        Returns:
            ({"source": (N, S), "target": (N, T), which begins with <start>}, next tokens (N, T), which end with <end>).

        Raises:
            DataError: not as many targets as sources, or a text that is empty, too long, or has unknown characters.
        """
        if len(sources) != len(targets):
            raise DataError(
                type(self).__name__,
                "every source has its target",
                expected=f"{len(sources)} targets",
                received=len(targets),
                remedy="Pass two lists of one length",
            )
        ids = self._encode_texts(targets, self.target_tokenizer, "target")
        read = pad_sequences([[self.start, *row] for row in ids], padding="post")
        asked = pad_sequences([[*row, self.end] for row in ids], padding="post")
        source = pad_sequences(self._encode_texts(sources, self.source_tokenizer, "source"), padding="post")
        return {"source": source, "target": read}, asked

    def translate(self, texts: str | Sequence[str], beams: int = 1, batch_size: int = 64) -> list[str]:
        """The translation of each text.

        Args:
            texts: N texts, or one.
            beams: 1 takes the most probable token at each place; more search for the most probable translation.
            batch_size: texts translated together.

        Returns:
            N texts.

        Raises:
            DataError: a text that is empty, too long, or has characters that the model does not know.
        """
        rows = self._encode_texts([texts] if isinstance(texts, str) else texts, self.source_tokenizer, "source")
        found: list[str] = []
        for first in range(0, len(rows), batch_size):
            found += self._translate_some(rows[first : first + batch_size], beams, batch_size)
        return found

    def _translate_some(self, rows: list[list[int]], beams: int, most: int) -> list[str]:
        """The same for one batch, brought to one of a few shapes."""
        filled = rows + rows[-1:] * (bucket(len(rows), most, least=1) - len(rows))
        length = bucket(max(map(len, rows)), self.longest)
        source = pad_sequences(filled, maxlen=length, padding="post", truncating="post")
        prompts, room = [[self.start]] * len(filled), self.longest
        if beams == 1:
            found = self.generator.generate(prompts, room, temperature=0, stop=self.end, source=source)
        else:
            best = self.generator.beam_search(prompts, room, beams=beams, results=1, end_token=self.end, source=source)
            found = [results[0] for results in best]
        return [one.text for one in found[: len(rows)]]

    def align(self, text: str, translation: str | None = None) -> Alignment:
        """What a translation looks at in its source.

        Args:
            text: the source.
            translation: of it; by default what `translate` finds.
        """
        found = self.translate(text)[0] if translation is None else translation
        (source,) = self._encode_texts([text], self.source_tokenizer, "source")
        target = self.target_tokenizer.encode(found)
        inputs = {"source": np.array([source], np.int32), "target": np.array([[self.start, *target]], np.int32)}
        with no_grad(), training_phase(False):
            weights = self.attention_to_source(inputs).numpy()[0]
        names = _tokens(source, self.source_tokenizer), _tokens([*target, self.end], self.target_tokenizer)
        return Alignment(*names, weights)

    def _encode_texts(self, texts: Sequence[str], tokenizer: Tokenizer, kind: str) -> list[list[int]]:
        rows = tokenizer.encode_batch(texts)
        for place, row in enumerate(rows):
            if not 1 <= len(row) <= self.longest:
                raise DataError(
                    type(self).__name__,
                    f"a {kind} has something in it, and not more than the model was made for",
                    expected=f"1 to {self.longest} tokens",
                    received=f"{len(row)} tokens in text {place}, {texts[place][:40]!r}",
                    remedy="Leave out empty texts and cut long ones, or make the model with a larger longest=",
                )
        return rows


def _tokens(ids: Sequence[int], tokenizer: Tokenizer) -> list[str]:
    return [tokenizer.vocabulary[i] for i in ids]
