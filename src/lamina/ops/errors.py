"""How far predictions are from labels, sample by sample: what losses and metrics share beside the cross-entropies.

All take labels y and predictions p of one shape (..., F), see `targets`, and return (...).
"""

import math
from typing import Any

from ..core import Tensor
from .activation import softplus
from .casting import tensor
from .comparison import where
from .exponential import log
from .extrema import abs, clip, maximum
from .powers import rsqrt, square
from .reduction import all, max, mean, sum
from .targets import aligned_target

_TINY = 1e-7


def _pair(who: str, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    y_pred = tensor(y_pred)
    return aligned_target(who, y_true, y_pred), y_pred


def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """mean (y - p)² over the last axis.

    Example:
        >>> mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]])
        Tensor([2.5], float32)
    """
    y, p = _pair("mean_squared_error", y_true, y_pred)
    return mean(square(y - p), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """mean |y - p| over the last axis.

    Example:
        >>> mean_absolute_error([[0.0, 1.0]], [[1.0, 3.0]])
        Tensor([1.5], float32)
    """
    y, p = _pair("mean_absolute_error", y_true, y_pred)
    return mean(abs(y - p), axis=-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """100 · mean |y - p| / |y| over the last axis, |y| at least 1e-7.

    Example:
        >>> mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 5.0]])
        Tensor([37.5], float32)
    """
    y, p = _pair("mean_absolute_percentage_error", y_true, y_pred)
    return 100.0 * mean(abs(y - p) / maximum(abs(y), _TINY), axis=-1)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """mean (log(1 + y) - log(1 + p))² over the last axis; negative numbers count as 0.

    Example:
        >>> mean_squared_logarithmic_error([[0.0, 1.0]], [[0.0, 3.0]])
        Tensor([0.24022], float32)
    """
    y, p = _pair("mean_squared_logarithmic_error", y_true, y_pred)
    return mean(square(log(1.0 + maximum(y, _TINY)) - log(1.0 + maximum(p, _TINY))), axis=-1)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """mean of ½e² where |e| ≤ δ, else δ|e| - ½δ², over the last axis; e = y - p.

    Example:
        >>> huber([[0.0, 0.0]], [[0.5, 3.0]])
        Tensor([1.3125], float32)
    """
    y, p = _pair("huber", y_true, y_pred)
    e = abs(y - p)
    return mean(where(e <= delta, 0.5 * square(e), delta * e - 0.5 * delta * delta), axis=-1)


def log_cosh(y_true: Any, y_pred: Any) -> Tensor:
    """mean log cosh(p - y) over the last axis: ½e² near 0, |e| - log 2 far away.

    Example:
        >>> log_cosh([[0.0]], [[1.0]])
        Tensor([0.4337808], float32)
    """
    y, p = _pair("log_cosh", y_true, y_pred)
    e = p - y
    return mean(e + softplus(-2.0 * e) - math.log(2.0), axis=-1)


def _signs(y: Tensor) -> Tensor:
    """Labels 0 and 1 as -1 and 1; other labels as they are."""
    return where(all((y == 0) | (y == 1)), 2.0 * y - 1.0, y)


def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """mean max(1 - y p, 0) over the last axis; y is -1 or 1 (or 0 or 1 throughout).

    Example:
        >>> hinge([[-1.0, 1.0]], [[0.5, 0.5]])
        Tensor([1.], float32)
    """
    y, p = _pair("hinge", y_true, y_pred)
    return mean(maximum(1.0 - _signs(y) * p, 0.0), axis=-1)


def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """mean max(1 - y p, 0)² over the last axis; labels as in `hinge`.

    Example:
        >>> squared_hinge([[-1.0, 1.0]], [[0.5, 0.5]])
        Tensor([1.25], float32)
    """
    y, p = _pair("squared_hinge", y_true, y_pred)
    return mean(square(maximum(1.0 - _signs(y) * p, 0.0)), axis=-1)


def categorical_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """max(1 + largest score of a wrong class - score of the right one, 0); y is one-hot.

    Example:
        >>> categorical_hinge([[0.0, 1.0]], [[0.5, 0.8]])
        Tensor([0.7], float32)
    """
    y, p = _pair("categorical_hinge", y_true, y_pred)
    return maximum(max((1.0 - y) * p, axis=-1) - sum(y * p, axis=-1) + 1.0, 0.0)


def kl_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """Σ y log(y / p) over the last axis, both within [1e-7, 1].

    Example:
        >>> kl_divergence([[0.5, 0.5]], [[0.25, 0.75]])
        Tensor([0.143841], float32)
    """
    y, p = (clip(v, _TINY, 1.0) for v in _pair("kl_divergence", y_true, y_pred))
    return sum(y * log(y / p), axis=-1)


def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """mean p - y log p over the last axis: the negative log-likelihood of counts y with mean p, up to log y!.

    Example:
        >>> poisson([[1.0, 2.0]], [[1.0, 1.0]])
        Tensor([0.9999998], float32)
    """
    y, p = _pair("poisson", y_true, y_pred)
    return mean(p - y * log(p + _TINY), axis=-1)


def cosine(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """y · p / (|y| |p|) along `axis`: 1 for the same direction, -1 for opposite ones.

    Example:
        >>> cosine([[0.0, 1.0]], [[3.0, 4.0]])
        Tensor([0.8], float32)
    """
    y, p = _pair("cosine_similarity", y_true, y_pred)
    return sum(_unit(y, axis) * _unit(p, axis), axis=axis)


def _unit(x: Tensor, axis: int) -> Tensor:
    return x * rsqrt(maximum(sum(square(x), axis=axis, keepdims=True), 1e-12))
