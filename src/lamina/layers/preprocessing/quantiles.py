"""Quantiles of data that pass by in batches, from a summary of bounded size.

A summary is an array (2, M): values in rising order, and how many data points each stands for.
"""

import numpy as np


def summarize(values: np.ndarray, epsilon: float) -> np.ndarray:
    """About 1/epsilon values at equal steps through the sorted data, each with the weight of a step.

    Example:
        >>> summarize(np.array([4.0, 1.0, 3.0, 2.0]), epsilon=0.5)
        array([[2., 4.], [2., 2.]], dtype=float32)
    """
    ordered = np.sort(values, axis=None).astype(np.float32)
    step = max(ordered.size * epsilon, 1.0)
    chosen = ordered[int(step - 1) :: int(step)]
    return np.stack([chosen, np.full_like(chosen, step)])


def merge(first: np.ndarray, second: np.ndarray, epsilon: float) -> np.ndarray:
    """The summary of the data behind both."""
    both = np.concatenate([first, second], axis=1)
    return compress(both[:, np.argsort(both[0], kind="stable")], epsilon)


def compress(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """The values at the shares epsilon, 2 epsilon, ... 1 of the data, by linear interpolation."""
    values, weights = summary
    if values.size * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    reached = weights.cumsum()
    counts = np.interp(shares, reached / reached[-1], reached)
    picked = np.interp(shares, reached / reached[-1], values)
    return np.stack([picked, np.diff(counts, prepend=0.0)]).astype(np.float32)


def boundaries(summary: np.ndarray, bins: int) -> list[float]:
    """The inner edges of `bins` bins that hold about equally many data points.

    Example:
        >>> boundaries(summarize(np.arange(100.0), epsilon=0.01), bins=4)
        [24.0, 49.0, 74.0]
    """
    return compress(summary, 1.0 / bins)[0, :-1].tolist()
