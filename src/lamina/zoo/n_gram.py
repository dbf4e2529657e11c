"""The statistical language model: how often did this token follow these? What neural models are compared with."""

import math
from typing import Any

import numpy as np

from ..core import ArgumentError, DataError, NotBuiltError
from ..data.randomness import generator
from ..data.tokenizers import CharacterTokenizer, Tokenizer
from .n_gram_counts import SMOOTHINGS, Counts, count_grams


class NGramModel:
    """P(w_t | w_1 … w_{t-1}) ≈ P(w_t | w_{t-n+1} … w_{t-1}), from counts.

    With h the history of n - 1 tokens, h' the same without its first, and c the counts:

    - "kneser_ney": P(w | h) = max(c(hw) - D, 0) / Σ_w c(hw) + γ(h) P(w | h'), down to the uniform 1 / V. D depends on
      whether c(hw) is 1, 2 or more; γ(h) gives out what D took away. Below the highest order c(hw) counts how many
      different tokens stood before hw instead of how often it occurs.
    - "add_k": P(w | h) = (c(hw) + k) / (Σ_w c(hw) + k V).

    Tokens at the beginning of a text have a history of start marks, which are never predicted themselves.

    Args:
        order: n, 5 for the 5-gram model.
        smoothing: "kneser_ney" (interpolated, with three discounts) or "add_k".
        k: the k of "add_k".
        tokenizer: how text is cut; None takes its characters. Not used where token ids are given.
        vocabulary_size: V for token ids; None is the tokenizer's, or the greatest id seen and 1.

    Raises:
        ArgumentError: order or vocabulary_size below 1, k not positive, or an unknown smoothing.

    Example:
        >>> model = NGramModel(order=3).fit(["the cat sat on the mat. " * 9])
        >>> round(model.perplexity("the cat sat on the mat. the cat"), 4)
        1.3137
        >>> model.generate(12, seed=1, prompt="the ")
        'cat on the m'

    Reference: Shannon 1948, A mathematical theory of communication; Kneser and Ney 1995, Improved backing-off for
    m-gram language modeling; Chen and Goodman 1999, An empirical study of smoothing techniques for language modeling.
    """

    def __init__(
        self,
        order: int = 5,
        smoothing: str = "kneser_ney",
        k: float = 1.0,
        tokenizer: Tokenizer | None = None,
        vocabulary_size: int | None = None,
    ) -> None:
        self.order, self.smoothing, self.k, self.tokenizer = order, smoothing, k, tokenizer
        self.vocabulary_size = vocabulary_size or (0 if tokenizer is None else len(tokenizer))
        self._levels: list[Counts] = []
        for name, value, fits, expected in (
            ("order", order, order >= 1, "at least 1"),
            ("smoothing", repr(smoothing), smoothing in SMOOTHINGS, " or ".join(map(repr, SMOOTHINGS))),
            ("k", k, k > 0, "a positive number"),
            ("vocabulary_size", vocabulary_size, vocabulary_size is None or vocabulary_size >= 1, "at least 1"),
        ):
            if not fits:
                raise ArgumentError(
                    "NGramModel",
                    f"{name} is out of range",
                    expected=expected,
                    received=value,
                    remedy=f"Change {name}",
                )

    def fit(self, texts: Any) -> "NGramModel":
        """Count.

        Args:
            texts: a text, or token ids (T,); or a list of texts, or of sequences of ids.

        Returns:
            The model itself.

        Raises:
            DataError: no tokens, or an id outside of the vocabulary.
        """
        documents = _documents(texts)
        if self.tokenizer is None and any(isinstance(document, str) and document for document in documents):
            self.tokenizer = CharacterTokenizer.train([document for document in documents if isinstance(document, str)])
            self.vocabulary_size = len(self.tokenizer)
        rows = [self._ids(document) for document in documents]
        if not any(row.size for row in rows):
            raise _no_tokens("there must be tokens to count")
        self.vocabulary_size = self.vocabulary_size or 1 + max(int(row.max()) for row in rows if row.size)
        padded = np.concatenate([self._padded(row) for row in rows])
        self._levels = count_grams(padded, self.order, self.vocabulary_size, self.smoothing, self.k)
        return self

    def token_log_probabilities(self, text: Any) -> np.ndarray:
        """log P(w_t | h_t) of each token: (T,), natural logarithms.

        Args:
            text: a text, or token ids (T,).

        Raises:
            NotBuiltError: before `fit`.
            DataError: an id outside of the vocabulary.
        """
        self._check_fitted()
        tokens = self._padded(self._ids(text))
        p = np.full(len(tokens), 1 / self.vocabulary_size)
        history = np.zeros(len(tokens), np.int64)
        for level in self._levels:
            gram = level.find(np.where(history < 0, -1, history * self._base + tokens))
            known = (history >= 0) & (level.total[history] > 0)
            mass = np.where(gram < 0, 0.0, level.mass[gram])
            total = np.where(known, level.total[history], 1.0)
            p = np.where(known, mass / total + level.rest[history] / total * p, p)
            history = np.concatenate([[-1], gram[:-1]])
        return np.log(p[self.order - 1 :])

    def log_probability(self, text: Any) -> float:
        """log P(w_1 … w_T) = Σ_t log P(w_t | h_t), the chain rule.

        Args:
            text: a text, or token ids (T,).
        """
        return math.fsum(self.token_log_probabilities(text))

    def perplexity(self, texts: Any) -> float:
        """exp(-mean log P(w_t | h_t)) over all tokens, as `metrics.Perplexity` has it for neural models.

        Args:
            texts: as in `fit`. The value is per token: only models with one tokenizer can be compared.

        Raises:
            DataError: no tokens.
        """
        logs = np.concatenate([self.token_log_probabilities(text) for text in _documents(texts)])
        if not logs.size:
            raise _no_tokens("perplexity is a mean over tokens")
        return math.exp(-math.fsum(logs) / logs.size)

    def probabilities(self, context: Any = ()) -> np.ndarray:
        """P(w | context) of every token w: (V,), which add up to 1.

        Args:
            context: the text or the token ids before it; only the last n - 1 count.
        """
        self._check_fitted()
        tokens = self._padded(self._ids(context))
        p = np.full(self.vocabulary_size, 1 / self.vocabulary_size)
        for i, level in enumerate(self._levels):
            history = self._place(tokens[len(tokens) - i :])
            if history >= 0 and level.total[history] > 0:
                begin, end = np.searchsorted(level.keys, [history * self._base, history * self._base + self._base - 1])
                p *= level.rest[history] / level.total[history]
                p[level.keys[begin:end] - history * self._base] += level.mass[begin:end] / level.total[history]
        return p

    def generate(self, length: int, seed: int = 0, prompt: Any = ()) -> Any:
        """Draw one token after the other.

        Args:
            length: how many.
            seed: any integer; the same seed gives the same tokens.
            prompt: the text or the token ids to go on from.

        Returns:
            The new text, or the new ids if the model has no tokenizer.
        """
        rng = generator(seed)
        ids = [int(i) for i in self._ids(prompt)]
        start = len(ids)
        for _ in range(length):
            edges = np.cumsum(self.probabilities(np.array(ids[-self.order :], np.int64)))
            ids.append(int(np.searchsorted(edges, rng.random() * edges[-1], side="right")))
        return ids[start:] if self.tokenizer is None else self.tokenizer.decode(ids[start:])

    @property
    def _base(self) -> int:
        return self.vocabulary_size + 1  # the start mark is token number V

    def _check_fitted(self) -> None:
        if not self._levels:
            raise NotBuiltError(
                "NGramModel",
                "counts are needed",
                expected="a fitted model",
                received="one without counts",
                remedy="Call fit first",
            )

    def _ids(self, text: Any) -> np.ndarray:
        """The ids of a text or of a row of ids, checked."""
        given = self.tokenizer.encode(text) if isinstance(text, str) and self.tokenizer else text
        ids = np.asarray(given if len(given) else np.zeros(0, np.int64))
        limit = self.vocabulary_size or np.iinfo(np.int64).max
        if ids.ndim == 1 and ids.dtype.kind in "iu" and (not ids.size or 0 <= ids.min() <= ids.max() < limit):
            return ids.astype(np.int64)
        raise DataError(
            "NGramModel",
            "a text is a row of token ids of the vocabulary",
            expected=f"whole numbers (T,) from 0 to {limit - 1 if self.vocabulary_size else 'V - 1'}",
            received=f"{ids} of shape {ids.shape}"
            if ids.size < 9
            else f"{ids.min()} to {ids.max()}, shape {ids.shape}",
            remedy="Use the tokenizer that the model was fitted with, or pass vocabulary_size",
        )

    def _padded(self, ids: np.ndarray) -> np.ndarray:
        """The tokens behind n - 1 start marks."""
        return np.concatenate([np.full(self.order - 1, self.vocabulary_size), ids])

    def _place(self, tokens: np.ndarray) -> int:
        """Where the gram of these tokens stands among those of its length; -1 if it never occurred."""
        place = 0
        for level, token in zip(self._levels, tokens, strict=False):
            place = int(level.find(np.array([place * self._base + token]))[0]) if place >= 0 else -1
        return place


def _documents(texts: Any) -> list[Any]:
    """One text, or one row of ids, as a list of one."""
    if isinstance(texts, str) or (len(texts) and np.ndim(texts[0]) == 0 and not isinstance(texts[0], str)):
        return [texts]
    return list(texts)


def _no_tokens(rule: str) -> DataError:
    return DataError(
        "NGramModel", rule, expected="at least one token", received="none", remedy="Check where the text came from"
    )
