"""The text that a language model learns from, as tokens, and the part of it that is held out."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...core import DataError
from ...data.text import read_pieces, tokenize_files
from ...data.tokenizers import BytePairTokenizer, CharacterTokenizer, Tokenizer
from ...datasets import python_topics

HELD_OUT = 0.1
_ENOUGH = 8  # MiB of each file that the tokenizer learns from


class Cut(StrEnum):
    """What a token is."""

    CHARACTERS = "characters"
    BYTE_PAIRS = "byte-pairs"

    def tokenizer(self, texts: Sequence[str], vocabulary: int) -> Tokenizer:
        """A tokenizer of this kind that has learned from texts."""
        if self is Cut.CHARACTERS:
            return CharacterTokenizer.train(texts)
        return BytePairTokenizer.train(texts, vocabulary)


class Corpus(NamedTuple):
    """Tokens to learn from and to judge on.

    Args:
        title: for people.
        tokenizer: what made the tokens.
        training, held_out: rows of ids.
        bytes_per_token: of the training text.
    """

    title: str
    tokenizer: Tokenizer
    training: np.ndarray
    held_out: np.ndarray
    bytes_per_token: float


def embedded(cut: Cut, vocabulary: int) -> Corpus:
    """The language reference of Python, which comes with it; whole topics are held out."""
    training, held_out = ("\n\n".join(texts) for texts in python_topics(HELD_OUT))
    tokenizer = cut.tokenizer([training], vocabulary)
    first, last = (np.array(tokenizer.encode(text), np.int32) for text in (training, held_out))
    return Corpus("Python's language reference", tokenizer, first, last, len(training.encode()) / len(first))


def from_files(files: Sequence[Path], cut: Cut, vocabulary: int, folder: Path, context: int) -> Corpus:
    """Text files, which may be larger than memory; the last tenth of their tokens is held out.

    Raises:
        DataError: bytes that are not UTF-8, no text, or too little of it.
    """
    beginning = [piece for file in files for piece in islice(read_pieces(file), _ENOUGH)]
    if not any(piece.strip() for piece in beginning):
        raise _too_little("no text", context)
    tokenizer = cut.tokenizer(beginning, vocabulary)
    tokens = tokenize_files(files, tokenizer, cache=folder / "tokens")
    last = round(HELD_OUT * len(tokens))
    if last < 2 * context:
        raise _too_little(f"{len(tokens):,} tokens", context)
    size = sum(file.stat().st_size for file in files) / len(tokens)
    return Corpus(", ".join(file.name for file in files), tokenizer, tokens[:-last], tokens[-last:], size)


def _too_little(received: str, context: int) -> DataError:
    return DataError(
        "lamina train text",
        "there must be text to learn from, and a tenth of it to judge on",
        expected=f"at least {round(2 * context / HELD_OUT):,} tokens for a context of {context}",
        received=received,
        remedy="Add files, or choose a smaller --context",
    )
