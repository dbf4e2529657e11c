"""Prompts: checked, and brought to a few shapes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import ArgumentError, DataError


def bucket(size: int, most: int | None = None, least: int = 16) -> int:
    """The next power of two that is at least `size` and `least`, but at most `most`: few lengths, few programs.

    Example:
        >>> bucket(5), bucket(17), bucket(70, most=100)
        (16, 32, 100)
    """
    length = max(least, 1 << (size - 1).bit_length())
    return length if most is None else min(length, most)


def encoded(prompt: Any, tokenizer: Any) -> list[int]:
    """The ids of a prompt, which is a text or holds ids already.

    Raises:
        ArgumentError: a text without a tokenizer.
        DataError: nothing in it.
    """
    if isinstance(prompt, str):
        if tokenizer is None:
            raise ArgumentError(
                "generate",
                "a text can be read by a tokenizer only",
                expected="a model that has a tokenizer, or a list of ids",
                received=repr(prompt[:40]),
                remedy="Pass tokenizer= where the model or Generator is made",
            )
        prompt = tokenizer.encode(prompt)
    ids = np.asarray(prompt).reshape(-1)
    if not len(ids):
        raise DataError(
            "generate",
            "a prompt holds at least one token",
            expected="text or ids",
            received="an empty prompt",
            remedy="Begin with the token that begins texts, or with a line break",
        )
    return _whole(ids)


def _whole(ids: np.ndarray) -> list[int]:
    if ids.dtype.kind not in "iu":
        raise DataError(
            "generate",
            "ids are whole numbers",
            expected="integers",
            received=f"data of type {ids.dtype}",
            remedy="Encode the text with a tokenizer first",
        )
    return [int(i) for i in ids]


def check_ids(rows: Sequence[Sequence[int]], vocabulary_size: int, context: int | None, who: str = "generate") -> None:
    """Refuse ids outside the vocabulary, and prompts that the model cannot see as a whole.

    Example:
        >>> check_ids([[1, 2], [7]], vocabulary_size=5, context=None)
        Traceback (most recent call last):
        lamina.core.errors.DataError: generate: ids are numbers of the vocabulary. Expected 0 ... 4,
        received 7 at place 0 of row 1. Use the tokenizer that the model was trained with.
    """
    for n, row in enumerate(rows):
        ids = np.asarray(row)
        wrong = np.flatnonzero((ids < 0) | (ids >= vocabulary_size))
        if len(wrong):
            raise DataError(
                who,
                "ids are numbers of the vocabulary",
                expected=f"0 ... {vocabulary_size - 1}",
                received=f"{ids[wrong[0]]} at place {wrong[0]} of row {n}",
                remedy="Use the tokenizer that the model was trained with",
            )
        if context is not None and len(row) > context:
            raise DataError(
                who,
                "the model sees a prompt as a whole",
                expected=f"at most {context} tokens, the model's context",
                received=f"{len(row)} tokens in row {n}",
                remedy=f"Shorten it, for example to its last {context} tokens",
            )


def padded(rows: Sequence[Sequence[int]], most: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Tokens (N, T) with zeros after each row, T from `bucket`, and the lengths (N,).

    Example:
        >>> tokens, lengths = padded([[1, 2, 3], [4]], most=4)
        >>> tokens.tolist(), lengths.tolist()
        ([[1, 2, 3, 0], [4, 0, 0, 0]], [3, 1])
    """
    lengths = np.array([len(row) for row in rows], np.int32)
    tokens = np.zeros((len(rows), bucket(int(lengths.max()), most)), np.int32)
    for n, row in enumerate(rows):
        tokens[n, : len(row)] = row
    return tokens, lengths
