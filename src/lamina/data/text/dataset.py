"""A long row of tokens as batches for a language model: each window, and the same window one token later."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from ...core import ArgumentError, DataError, DTypeError
from ..dataset import Dataset
from ..randomness import WINDOWS, generator, permutation
from ..tokenizers import Tokenizer
from .token_file import tokenize_files

ORDERS = ("random", "consecutive", "streams")


class TextDataset(Dataset):
    """Windows of T tokens x, with the tokens that follow as targets: y[n, t] = x[n, t + 1].

    Tokens are read where they lie when a batch is asked for: an array, or a file larger than memory. As with every
    `Dataset`, what epoch e gives depends on e and the seed only.

    Args:
        tokens: ids in a row (tokens,), of an integer type; an array or a memory map.
        length: T, tokens of a window.
        batch_size: N, windows of a batch.
        order: "random": the text is cut into windows at a place that differs from epoch to epoch, and they come in
            random order; "consecutive": one after the other from the beginning, as for evaluation; "streams": window n
            of a batch goes on where window n of the batch before it ended, as a stateful RNN needs it.
        seed: of the random order.

    Each epoch sees each token once; at most 2 T tokens at the ends (N T for "streams") are left out.

    Raises:
        DataError: fewer tokens than one batch of streams, or one window, needs.
        DTypeError: tokens are not one row of whole numbers.
        ArgumentError: an unknown order, or a length or batch_size below 1.

    Example:
        >>> data = TextDataset(np.arange(10), length=3, batch_size=2, order="consecutive")
        >>> for x, y in data:
        ...     print(x.tolist(), y.tolist())
        [[0, 1, 2], [3, 4, 5]] [[1, 2, 3], [4, 5, 6]]
        [[6, 7, 8]] [[7, 8, 9]]
    """

    def __init__(self, tokens: Any, length: int, batch_size: int = 32, order: str = "random", seed: int = 0) -> None:
        self.tokens = tokens if isinstance(tokens, np.ndarray) else np.asarray(tokens)
        self.window, self.batch_size, self.order, self.seed = length, batch_size, order, seed
        self._check()
        super().__init__(self._batches, -(-self.windows // batch_size), batched=True)

    @classmethod
    def from_files(
        cls,
        files: str | Path | Sequence[str | Path],
        tokenizer: Tokenizer,
        length: int,
        batch_size: int = 32,
        order: str = "random",
        seed: int = 0,
        separator: str | None = None,
        cache: str | Path | None = None,
    ) -> Self:
        """Windows of text files, tokenized once: see `tokenize_files` for `separator` and `cache`.

        Raises:
            DataError: bytes that are not UTF-8, no text, or too little.
        """
        return cls(tokenize_files(files, tokenizer, separator, cache), length, batch_size, order, seed)

    @classmethod
    def from_texts(
        cls,
        texts: str | Sequence[str],
        tokenizer: Tokenizer,
        length: int,
        batch_size: int = 32,
        order: str = "random",
        seed: int = 0,
        separator: str | None = None,
    ) -> Self:
        """Windows of texts in memory, with the special token `separator` behind each of them.

        Raises:
            DataError: too little text.
        """
        behind = [] if separator is None else [tokenizer.token_to_id(separator)]
        rows = tokenizer.encode_batch([texts] if isinstance(texts, str) else texts)
        return cls(np.array([i for row in rows for i in (*row, *behind)], np.int32), length, batch_size, order, seed)

    def split(self, validation_split: float = 0.1) -> tuple["TextDataset", "TextDataset"]:
        """The beginning of the text in this order, and the last share of it, in consecutive order.

        Raises:
            ArgumentError: a share outside of (0, 1).
            DataError: a part is too short.
        """
        _check_range("validation_split", validation_split, 0 < validation_split < 1, "a number between 0 and 1")
        cut = len(self.tokens) - round(len(self.tokens) * validation_split)
        train = TextDataset(self.tokens[:cut], self.window, self.batch_size, self.order, self.seed)
        return train, TextDataset(self.tokens[cut:], self.window, self.batch_size, "consecutive")

    @property
    def windows(self) -> int:
        """How many windows an epoch has."""
        whole = (len(self.tokens) - 1) // self.window
        if self.order == "streams":
            return whole // self.batch_size * self.batch_size
        return max(whole - 1, 1) if self.order == "random" else whole  # one less leaves room to begin elsewhere

    def read(self, starts: Any) -> np.ndarray:
        """The windows that begin at `starts` (N,), each with the token behind it: int32 (N, T + 1)."""
        places = np.asarray(starts)[:, None] + np.arange(self.window + 1)
        return np.asarray(self.tokens[places], np.int32)

    def _batches(self, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        starts = self._starts(epoch)
        for first in range(0, len(starts), self.batch_size):
            rows = self.read(starts[first : first + self.batch_size])
            yield rows[:, :-1], rows[:, 1:]

    def _starts(self, epoch: int) -> np.ndarray:
        count, length = self.windows, self.window
        if self.order == "streams":
            return np.arange(count).reshape(self.batch_size, -1).T.ravel() * length
        if self.order == "consecutive":
            return np.arange(count) * length
        room = len(self.tokens) - 1 - count * length
        offset = int(generator(self.seed, epoch, WINDOWS).integers(room + 1))
        return permutation(count, self.seed, epoch).astype(np.int64) * length + offset

    def _check(self) -> None:
        if self.tokens.ndim != 1 or self.tokens.dtype.kind not in "iu":
            raise DTypeError(
                "TextDataset",
                "tokens are one row of whole numbers",
                expected="shape (tokens,) and an integer type",
                received=f"shape {self.tokens.shape} and type {self.tokens.dtype}",
                remedy="Pass text through TextDataset.from_texts",
            )
        _check_range("length", self.window, self.window >= 1, "at least 1")
        _check_range("batch_size", self.batch_size, self.batch_size >= 1, "at least 1")
        _check_range("order", repr(self.order), self.order in ORDERS, f"one of {ORDERS}")
        needed = self.window * (self.batch_size if self.order == "streams" else 1) + 1
        if len(self.tokens) < needed:
            raise DataError(
                "TextDataset",
                "there must be text for a window, and a token behind it",
                expected=f"at least {needed} tokens",
                received=len(self.tokens),
                remedy="Use more text or a smaller length",
            )


def _check_range(name: str, value: Any, fits: bool, expected: str) -> None:
    if not fits:
        raise ArgumentError(
            "TextDataset", f"{name} is out of range", expected=expected, received=value, remedy=f"Change {name}"
        )
