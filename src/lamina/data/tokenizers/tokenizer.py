"""What all tokenizers have in common: a vocabulary, special tokens, checks, and a file that holds no code."""

import json
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...core import ArgumentError, Configurable, DataError, DTypeError, FileFormatError, Registry, UnknownNameError
from ...core.files import write_whole
from ...core.json_data import from_json

registry: Registry[type["Tokenizer"]] = Registry("tokenizer")
MOST_BYTES, MOST_VALUES = 2**28, 2**24  # of a file; the largest vocabularies in use hold a quarter of a million tokens


class Tokenizer(Configurable, ABC):
    """Text to ids and back. The id of a token is its place in the vocabulary.

    A special token, such as one that ends a document, never comes from ordinary text, however it is spelt: who types
    "<eos>" does not end the document. It is asked for with `token_to_id`, or with `encode(..., special=True)`.

    Args:
        vocabulary: the V tokens, each once, special ones among them.
        special_tokens: tokens that stand for no text.
        unknown_token: the special token for what the vocabulary has not; None if there is no such thing.

    Raises:
        ArgumentError: no tokens, a token twice, or a special token that is not in the vocabulary.

    Example:
        >>> from lamina.data.tokenizers import CharacterTokenizer
        >>> tokenizer = CharacterTokenizer.train(["hello"])
        >>> tokenizer.vocabulary
        ('<pad>', '<unk>', 'e', 'h', 'l', 'o')
        >>> tokenizer.encode("hole"), tokenizer.decode([3, 5, 4, 2]), len(tokenizer)
        ([3, 5, 4, 2], 'hole', 6)

    A subclass says how text is cut (`_tokenize`) and joined (`_join`).
    """

    def __init__(
        self, vocabulary: Sequence[str], special_tokens: Sequence[str] = (), unknown_token: str | None = None
    ) -> None:
        self.vocabulary, self.special_tokens = tuple(vocabulary), tuple(special_tokens)
        self.unknown_token = unknown_token
        self._ids = {token: i for i, token in enumerate(self.vocabulary)}
        self._check_vocabulary()
        self._ordinary = {token: i for token, i in self._ids.items() if token not in set(self.special_tokens)}
        self._unknown_id = None if unknown_token is None else self._ids[unknown_token]
        self._special = re.compile("|".join(map(re.escape, sorted(self.special_tokens, key=len, reverse=True))))

    @abstractmethod
    def _tokenize(self, text: str) -> list[int]:
        """The ids of text without special tokens."""

    @abstractmethod
    def _join(self, tokens: list[str]) -> str:
        """The text of some tokens."""

    def __len__(self) -> int:
        return len(self.vocabulary)

    def encode(self, text: str, special: bool = False) -> list[int]:
        """The ids of a text.

        Args:
            text: any text; the empty one has no ids.
            special: whether special tokens that are spelt out in it are read as such.

        Raises:
            DTypeError: not a text.
            DataError: something in the text is not in the vocabulary, and there is no unknown token.
        """
        if not isinstance(text, str):
            raise DTypeError(
                type(self).__name__,
                "only text can be cut into tokens",
                expected="a str",
                received=f"a {type(text).__name__}",
                remedy="Decode bytes first; pass a list of texts to encode_batch",
            )
        if not special or not self.special_tokens:
            return self._tokenize(text)
        ids: list[int] = []
        start = 0
        for found in self._special.finditer(text):
            ids += self._tokenize(text[start : found.start()])
            ids.append(self._ids[found[0]])
            start = found.end()
        return ids + self._tokenize(text[start:])

    def encode_batch(self, texts: Iterable[str], special: bool = False) -> list[list[int]]:
        """The ids of each text; `pad_sequences` makes one array of them."""
        return [self.encode(text, special) for text in texts]

    def decode(self, ids: Any, skip_special_tokens: bool = True) -> str:
        """The text of some ids.

        Args:
            ids: whole numbers (T,) from 0 to V - 1: a list, an array or a tensor.
            skip_special_tokens: whether special tokens are left out; the unknown token never is.

        Raises:
            DataError: an id outside of the vocabulary.
            DTypeError: not whole numbers, or not one row of them.
        """
        hidden = set(self.special_tokens) - {self.unknown_token} if skip_special_tokens else set()
        tokens = [self.vocabulary[i] for i in self._checked(ids)]
        return self._join([token for token in tokens if token not in hidden])

    def token_to_id(self, token: str) -> int:
        """The id of a token.

        Raises:
            UnknownNameError: the vocabulary has no such token.
        """
        if token in self._ids:
            return self._ids[token]
        raise UnknownNameError(
            type(self).__name__,
            "the vocabulary has no such token",
            expected=f"one of {len(self)} tokens, the special ones being {', '.join(self.special_tokens) or 'none'}",
            received=repr(token),
            remedy="Name it in special_tokens when the tokenizer is trained",
        )

    def save(self, path: str | Path) -> None:
        """Write the tokenizer as JSON, whole or not at all; `load_tokenizer` reads it."""
        content = {"class_name": type(self).__name__, "config": self.get_config()}
        write_whole(path, json.dumps(content, ensure_ascii=False).encode())

    def _lookup(self, token: str) -> int:
        """The id of a piece of text, the unknown one's if it has none."""
        found = self._ordinary.get(token, self._unknown_id)
        if found is not None:
            return found
        raise DataError(
            type(self).__name__,
            "the vocabulary must hold all of the text, as there is no unknown token",
            expected=f"one of its {len(self)} tokens",
            received=repr(token),
            remedy="Train on text that holds it, or with an unknown_token",
        )

    def _checked(self, ids: Any) -> list[int]:
        array = np.asarray(ids)
        if array.size and (array.ndim != 1 or array.dtype.kind not in "iu"):
            raise DTypeError(
                type(self).__name__,
                "ids are one row of whole numbers",
                expected="shape (T,) and an integer type",
                received=f"shape {array.shape} and type {array.dtype}",
                remedy="Decode row by row",
            )
        wrong = np.flatnonzero((array < 0) | (array >= len(self)))
        if wrong.size:
            raise DataError(
                type(self).__name__,
                "every id has its token",
                expected=f"ids from 0 to {len(self) - 1}",
                received=f"{array[wrong[0]]} in place {wrong[0]}",
                remedy="Is this the tokenizer that the model was trained with?",
            )
        return [int(i) for i in array]

    def _check_vocabulary(self) -> None:
        repeated = [token for token, count in Counter(self.vocabulary).items() if count > 1]
        named = self.special_tokens if self.unknown_token is None else (*self.special_tokens, self.unknown_token)
        missing = [token for token in named if token not in self._ids]
        rules = (
            (not self.vocabulary, "a vocabulary is not empty", "at least one token", "none"),
            (bool(repeated), "every token occurs once", "different tokens", f"more than one {repeated[:1]}"),
            (bool(missing), "special tokens are in the vocabulary", "tokens of it", f"{missing[:1]}"),
            ("" in self._ids, "a token is not empty", "tokens of at least one character", "''"),
            (self.unknown_token is not None and self.unknown_token not in self.special_tokens,
             "the unknown token is a special one", f"one of {self.special_tokens}", repr(self.unknown_token)),
        )  # fmt: skip
        for broken, rule, expected, received in rules:
            if broken:
                raise ArgumentError(
                    type(self).__name__, rule, expected=expected, received=received, remedy="Change the vocabulary"
                )


def load_tokenizer(path: str | Path) -> Tokenizer:
    """The tokenizer that `Tokenizer.save` wrote.

    Args:
        path: a JSON file; what it names is looked up among Lamina's tokenizers and nowhere else.

    Raises:
        FileFormatError: another kind of file, or a damaged one.
        UnknownNameError: it names a tokenizer that Lamina has not.

    Example:
        >>> import tempfile
        >>> from lamina.data.tokenizers import CharacterTokenizer
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     CharacterTokenizer.train(["ab"]).save(f"{folder}/characters.json")
        ...     load_tokenizer(f"{folder}/characters.json").encode("ba")
        [3, 2]
    """
    try:
        content = from_json(str(path), Path(path).read_bytes(), MOST_BYTES, MOST_VALUES)
        kind, config = content["class_name"], content["config"]
        if isinstance(kind, str) and isinstance(config, dict):
            return registry[kind].from_config(config)
        received = f"a class_name of type {type(kind).__name__} and a config of type {type(config).__name__}"
    except (ValueError, TypeError, KeyError) as error:
        if isinstance(error, UnknownNameError):
            raise
        received = f"{type(error).__name__}: {error}"
    raise FileFormatError(
        "load_tokenizer",
        f"{path} is not a tokenizer that Lamina has saved",
        expected='JSON with "class_name" and "config"',
        received=received,
        remedy="A tokenizer.json of Hugging Face is read by read_tokenizer",
    )


def as_texts(texts: str | Iterable[str], who: str) -> list[str]:
    """The texts to train on; there must be something in them."""
    found = [texts] if isinstance(texts, str) else list(texts)
    if any(found):
        return found
    raise DataError(
        who,
        "a tokenizer learns from text",
        expected="at least one character",
        received="none" if found else "no text at all",
        remedy="Check the file or the filter that the text came from",
    )


def check_size(size: int, least: int, what: str, who: str) -> None:
    """Refuse a vocabulary that cannot even hold what every text needs."""
    if size < least:
        raise ArgumentError(
            who,
            f"the vocabulary holds {what}",
            expected=f"a vocabulary_size of at least {least}",
            received=size,
            remedy="Pass a larger vocabulary_size",
        )
