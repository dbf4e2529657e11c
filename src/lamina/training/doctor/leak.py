"""A next-token model that can see the next token learns to copy it: found out before it is trained."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .case import Case
from .finding import Finding

_SAME = 1e-5  # relative: what rounding may change


def predicts_next_token(x: Any, y: Any) -> bool:
    """Whether targets are the inputs moved on by one: y[n, t] = x[n, t + 1], whole numbers (N, T).

    Example:
        >>> predicts_next_token(np.array([[5, 6, 7, 8]]), np.array([[6, 7, 8, 9]]))
        True
    """
    if not (isinstance(x, np.ndarray) and isinstance(y, np.ndarray)) or x.shape != y.shape or x.ndim != 2:
        return False
    kinds, length = x.dtype.kind + y.dtype.kind, x.shape[1]
    return length > 3 and set(kinds) <= set("iu") and bool(np.mean(y[:, :-1] == x[:, 1:]) > 0.99 and np.ptp(x) > 0)


def sees_the_future(predict: Callable[[np.ndarray], Any], x: np.ndarray) -> bool:
    """Whether outputs in the first half of a sequence change with the tokens of the second.

    Args:
        predict: ids (2, T) to outputs (2, T, ...).
        x: ids (N, T).

    Example:
        >>> backwards = lambda ids: np.cumsum(ids[:, ::-1], 1)[:, ::-1, None]
        >>> [sees_the_future(predict, np.array([[1, 2, 3, 4]])) for predict in (backwards, lambda ids: ids)]
        [True, False]
    """
    half = x.shape[1] // 2
    changed = np.concatenate([x[0, :half], np.roll(x[0], 1)[half:]])
    if np.array_equal(changed, x[0]):
        return False
    outputs = np.asarray(predict(np.stack([x[0], changed])), np.float64)
    if outputs.ndim < 2 or outputs.shape[1] != x.shape[1]:
        return False
    one, other = outputs[:, :half]
    return bool(np.abs(one - other).max() > _SAME * max(np.abs(outputs).max(), 1e-30))


def future_seen(case: Case, predict: Callable[[np.ndarray], Any]) -> Iterator[Finding]:
    """A model that is to learn the next token and can look it up."""
    if not isinstance(case.x, np.ndarray) or len(case.heads) != 1:
        return
    x, y = case.x[case.rows[:32]], case.heads[0].y[case.rows[:32]]
    if predicts_next_token(x, y) and sees_the_future(predict, x):
        yield Finding(
            "future-seen",
            "warning",
            f"{type(case.model).__name__} {case.model.name!r} leaks the answer: the targets are the inputs moved on "
            "by one, and its outputs at a place change with the inputs after it. It will learn to copy the next "
            "token, with a loss too good to be true, and cannot write",
            f"tokens {x.shape[1] // 2} to {x.shape[1] - 1} were exchanged, and outputs before them changed",
            "Let no place see a later one: use_causal_mask=True in MultiHeadAttention, is_causal=True in "
            "ops.dot_product_attention, or -inf in hand-made scores where s > t; an RNN must not be Bidirectional. "
            "And tell the places apart, for example with PositionEmbedding",
        )
