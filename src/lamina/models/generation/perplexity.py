"""How well a model predicts a text, token by token."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ... import ops
from ...core import ArgumentError, DataError, Tensor, compile, no_grad
from ...layers.context import training_phase
from .prompts import bucket, check_ids

_BATCH = 8  # windows that go through the model together


class Perplexity:
    """exp(−mean log p(token | tokens before it)) of a model over a text, in windows that fit the model.

    The text is cut into windows of the model's context. With a stride below the context the windows overlap, and only
    tokens that no earlier window has judged count: each then has at least context − stride tokens before it.

    Args:
        model: ids (N, T) to logits (N, T, V), with `vocabulary_size` and `context` (None: windows of 1024).

    Example:
        >>> import jax.numpy as jnp
        >>> class Even:
        ...     vocabulary_size, context = 4, 16
        ...     def __call__(self, ids): return Tensor(jnp.zeros((*ids.shape, 4)))
        >>> round(Perplexity(Even())([0, 1, 2, 3, 0]), 3)
        4.0

    Reference: Jelinek et al. 1977, Perplexity: a measure of the difficulty of speech recognition tasks.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

        def total(tokens: Tensor, targets: Tensor, counts: Tensor) -> Tensor:
            with no_grad(), training_phase(False):
                losses = ops.sparse_softmax_cross_entropy(model(tokens), targets)
                return (losses.astype("float32") * counts).sum()

        self._total = compile(total, max_compiles=64)

    def __call__(self, ids: Any, stride: int | None = None) -> float:
        """The perplexity of a text.

        Args:
            ids: (T,) at least two.
            stride: tokens from one window to the next; by default the context.

        Raises:
            DataError: fewer than two tokens, or an id outside the vocabulary.
            ArgumentError: a stride outside 1 ... context.
        """
        text = np.asarray(ids).reshape(-1)
        if len(text) < 2:
            raise DataError(
                "perplexity",
                "every token but the first is predicted",
                expected="at least two tokens",
                received=len(text),
                remedy="Pass a longer text",
            )
        check_ids([text.tolist()], self.model.vocabulary_size, None, who="perplexity")
        width = bucket(len(text) - 1, self.model.context or 1024)
        stride = width if stride is None else min(stride, width)
        if stride < 1:
            raise ArgumentError(
                "perplexity",
                "the windows move on",
                expected=f"a stride in 1 ... {width}",
                received=stride,
                remedy="Leave it out for windows side by side",
            )
        windows = list(_windows(text.astype(np.int32), width, stride))
        batches = [_stacked(windows[i : i + _BATCH]) for i in range(0, len(windows), _BATCH)]
        return math.exp(math.fsum(float(self._total(*batch)) for batch in batches) / (len(text) - 1))


def _windows(text: np.ndarray, width: int, stride: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Tokens, targets and which targets count, each (width,), padded with zeros."""
    judged = 0
    for start in range(0, len(text) - 1, stride):
        part = text[start : start + width + 1]
        tokens, targets, counts = np.zeros(width, np.int32), np.zeros(width, np.int32), np.zeros(width, np.float32)
        tokens[: len(part) - 1], targets[: len(part) - 1] = part[:-1], part[1:]
        counts[judged - start : len(part) - 1] = 1.0
        yield tokens, targets, counts
        judged = start + len(part) - 1
        if judged == len(text) - 1:
            return


def _stacked(windows: Sequence[tuple[np.ndarray, ...]]) -> list[np.ndarray]:
    """A batch; a smaller rest is filled up to a power of two with windows in which nothing counts."""
    rows = [np.stack(column) for column in zip(*windows, strict=True)]
    missing = bucket(len(windows), _BATCH, least=1) - len(windows)
    return [np.concatenate([row, np.zeros((missing, row.shape[1]), row.dtype)]) for row in rows]
