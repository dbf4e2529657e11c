"""Texts to the numbers of their words."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from ...core import ArgumentError, DTypeError, ShapeError, Tensor, ops
from ...core.budget import spend
from ..arguments import whole
from ..layer import registry
from .encoding import output_mode
from .host import HostLayer, batches, is_text
from .index_lookup import refuse_path
from .string_lookup import StringLookup
from .tokens import SPLIT, STANDARDIZE, ngrams, rectangle, split, standardized
from .vocabulary import Terms


@registry.register()
class TextVectorization(HostLayer):
    """Texts to tokens (standardize, split, n-grams), and tokens to their number in a vocabulary.

    A device holds no text: the layer runs on the host, before a model: `model(layer(texts))`,
    `model.fit(layer(texts), y)`, `dataset.map(layer)`. The vocabulary is part of the layer's config.

    Args:
        max_tokens: most terms, "" (padding) and "[UNK]" included.
        standardize: "lower_and_strip_punctuation", "lower", "strip_punctuation", None, or a function of an array of
            strings that returns one of the same shape.
        split: "whitespace", "character", None (every string is a token), or a function of an array of strings (N,)
            that returns N lists of tokens.
        ngrams: also count runs of tokens: n for all up to n tokens, or a tuple of the lengths wanted.
        output_mode: "int": a sequence of numbers, 0 behind its end and 1 for unknown tokens; "multi_hot", "count",
            "tf_idf": a vector for each text, as in `StringLookup`, with unknown tokens at 0.
        output_sequence_length: T, for "int": cut or pad to it; by default to the longest text of the call.
        pad_to_max_tokens: make the vectors `max_tokens` long even if fewer terms are known.
        vocabulary, idf_weights: given instead of learnt, as in `StringLookup`.
        encoding: of bytes in the data.

    Input (N,), (N, 1) or one text; output int32 (N, T), or vectors (N, K). A function given to `standardize` or
    `split` needs `lamina.register` to be written to a file.

    Raises:
        NotBuiltError: there is no vocabulary yet.
        DTypeError: numbers instead of text, or a compiled step around the layer.

    Example:
        >>> import lamina
        >>> layer = lamina.layers.TextVectorization(output_sequence_length=4)
        >>> layer.adapt(["foo bar", "bar baz", "baz bada boom"])
        >>> layer.get_vocabulary()
        ['', '[UNK]', 'baz', 'bar', 'foo', 'boom', 'bada']
        >>> layer(["Foo qux, bar!", "qux baz"])
        Tensor([[4, 1, 3, 0], [1, 2, 0, 0]], int32)

    Keras differs: it lowers only the letters A to Z and splits only at ASCII white space; here both follow Unicode.
    """

    takes_numbers = False

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: str | Callable[..., Any] | None = "lower_and_strip_punctuation",
        split: str | Callable[..., Any] | None = "whitespace",
        ngrams: int | Sequence[int] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        encoding: str = "utf-8",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.encoding = encoding
        self.standardize = _function(standardize, STANDARDIZE, "standardize")
        self.split = _function(split, SPLIT, "split")
        self.ngrams = _widths(ngrams)
        self.output_mode = _mode(output_mode)
        self.output_sequence_length = self._check_length(output_sequence_length)
        self.lookup = StringLookup(
            max_tokens, mask_token="", vocabulary=vocabulary, idf_weights=idf_weights, output_mode=self.output_mode,
            pad_to_max_tokens=pad_to_max_tokens, name=self.name,
        )  # fmt: skip

    def _check_length(self, length: int | None) -> int | None:
        if length is not None and self.output_mode != "int":
            raise ArgumentError(
                self.who,
                "only sequences have a length",
                expected="output_sequence_length=None, or output_mode='int'",
                received=f"{length} and {self.output_mode!r}",
                remedy="Leave one of them out",
            )
        return None if length is None else whole(length, "TextVectorization", "output_sequence_length")

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the vocabulary: the tokens by falling frequency; what was learnt before is forgotten.

        Args:
            data: texts as a list or an array (N,) or (N, 1), or batches of them: a Dataset, a generator.
            steps: most batches to read.
        """
        counted = Terms(ignored=["", self.lookup.oov_token])
        for batch in batches(data, self.who, steps, self.encoding):
            counted.add(self._tokens(np.atleast_1d(batch)))
        self.lookup.learn(counted)

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The terms in the order of their numbers, with "" and "[UNK]" in front if wanted."""
        return self.lookup.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """Length of the vocabulary with "" and "[UNK]"."""
        return self.lookup.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take a known vocabulary instead of learning one; see `StringLookup.set_vocabulary`."""
        self.lookup.set_vocabulary(vocabulary, idf_weights)

    def call(self, inputs: np.ndarray) -> Tensor:
        rows = rectangle(self._tokens(np.atleast_1d(inputs)), self.output_sequence_length)
        if self.split is None and rows.size == inputs.size and self.output_mode == "int":
            return self.lookup(rows.reshape(inputs.shape))
        return self.lookup(rows[0] if inputs.ndim == 0 else rows)

    def _tokens(self, texts: np.ndarray) -> list[list[str]]:
        """The tokens of each text; without `split` a row of strings is a row of tokens."""
        rows = self._rows(self._checked(texts))
        return rows if self.ngrams is None else [ngrams(row, self.ngrams) for row in rows]

    def _rows(self, texts: np.ndarray) -> list[list[str]]:
        if callable(self.standardize):
            texts = np.asarray(self.standardize(texts.astype(str)), dtype=object)
        if self.split is None:
            table = texts if texts.ndim > 1 else texts[:, None]
            return [[self._standard(text) for text in row] for row in table]
        texts = texts.reshape(-1)
        if callable(self.split):
            ready = np.array([self._standard(text) for text in texts], dtype=str)
            return [[str(token) for token in row] for row in self.split(ready)]
        return [split(self._standard(text), self.split) for text in texts]

    def _standard(self, text: str) -> str:
        return text if callable(self.standardize) else standardized(text, self.standardize)

    def _checked(self, texts: np.ndarray) -> np.ndarray:
        if texts.size and not is_text(texts):
            raise DTypeError(
                self.who,
                "the values must be text",
                expected="strings",
                received=f"an array of {texts.dtype}, first {texts.flat[0]}",
                remedy="Pass the texts themselves",
            )
        if texts.ndim > 2 or self.split is not None and texts.ndim == 2 and texts.shape[1] != 1:
            raise ShapeError(
                self.who,
                "there is one text a row",
                expected="texts (N,) or (N, 1)",
                received=texts.shape,
                remedy="Join the columns, or pass split=None if every string is a token",
            )
        return texts

    def get_config(self) -> dict[str, Any]:
        """The arguments, with the vocabulary and its weights as they are now; no path of a file."""
        learnt = self.lookup.get_config()
        return {**super().get_config(), **{name: learnt[name] for name in ("vocabulary", "idf_weights")}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A layer with these arguments and this vocabulary."""
        refuse_path(config, cls.__name__)
        return super().from_config(config)


def _function(value: Any, names: tuple[str, ...], argument: str) -> Any:
    """None, one of `names`, or a function, which may be given by the name it is registered under."""
    if value is None or value in names or callable(value):
        return value
    if isinstance(value, str) and value in ops:
        return ops[value]
    raise ArgumentError(
        "TextVectorization",
        f"{argument} is a name or a function",
        expected=", ".join(map(repr, names)) + ", None or a function",
        received=repr(value),
        remedy="Put @lamina.register above a function that a file names",
    )


def _widths(value: Any) -> tuple[int, ...] | None:
    if value is None:
        return None
    if isinstance(value, int):
        spend((value,), "TextVectorization")
        return tuple(range(1, whole(value, "TextVectorization", "ngrams") + 1))
    return tuple(whole(n, "TextVectorization", "ngrams") for n in value)


def _mode(value: str) -> str:
    return output_mode(value, ("int", "multi_hot", "count", "tf_idf"), "TextVectorization")
