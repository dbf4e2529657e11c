"""Sequences whose answer is known and depends on the distant past: what a recurrent cell must be able to remember."""

import numpy as np

from ..core import ArgumentError
from ..data.randomness import generator

Arrays = tuple[np.ndarray, np.ndarray]  # x, y


def adding_problem(samples: int = 1000, steps: int = 100, seed: int = 0) -> Arrays:
    """Add the two numbers that are marked: y = Σ_t x[t, 0] x[t, 1].

    Column 0 of x has numbers from [0, 1), column 1 has 1 at two steps, one in each half, and 0 elsewhere. Who answers
    1 whatever he sees has a mean squared error of 1/6; to do better, a network must carry a number over steps / 2
    steps in the mean.

    Args:
        samples: N, number of sequences.
        steps: T, length of a sequence, at least 2.
        seed: any integer; two seeds give sequences of which none is equal.

    Returns:
        x float32 (N, T, 2), y float32 (N, 1).

    Raises:
        ArgumentError: samples below 1 or steps below 2.

    Example:
        >>> x, y = adding_problem(3, steps=6)
        >>> x.shape, x[..., 1].tolist()[0]
        ((3, 6, 2), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
        >>> bool(np.allclose(x.prod(axis=2).sum(axis=1, keepdims=True), y))
        True

    Reference: Hochreiter and Schmidhuber 1997, Long short-term memory, whose numbers are from [-1, 1] and whose y is
    scaled into [0, 1]; this form is that of Le et al. 2015, A simple way to initialize recurrent networks.
    """
    _check("adding_problem", samples=(samples, 1), steps=(steps, 2))
    rng = generator(seed)
    x = np.zeros((samples, steps, 2), np.float32)
    x[..., 0] = rng.random((samples, steps), np.float32)
    rows, half = np.arange(samples), steps // 2
    x[rows, rng.integers(0, half, samples), 1] = 1
    x[rows, rng.integers(half, steps, samples), 1] = 1
    return x, x.prod(axis=2).sum(axis=1, keepdims=True)


def copy_task(
    samples: int = 1000, steps: int = 10, symbols: int = 8, min_steps: int | None = None, seed: int = 0
) -> Arrays:
    """Say the same again: y = x, rows of symbols 1 ... symbols, filled up with 0.

    Args:
        samples: N, number of sequences.
        steps: T, length of the longest sequence.
        symbols: number of symbols.
        min_steps: least length; each length in between is equally likely. None: all have length T.
        seed: any integer.

    Returns:
        x int32 (N, T), y int32 (N, T).

    Raises:
        ArgumentError: samples, steps, symbols or min_steps below 1, or min_steps above steps.

    Example:
        >>> x, y = copy_task(2, steps=5, min_steps=2)
        >>> x.tolist(), bool((x == y).all())
        ([[2, 8, 4, 5, 0], [3, 7, 2, 3, 0]], True)

    Reference: Graves, Wayne and Danihelka 2014, Neural Turing machines.
    """
    x, _ = _symbols("copy_task", samples, steps, symbols, min_steps, seed)
    return x, x.copy()


def reverse_task(
    samples: int = 1000, steps: int = 10, symbols: int = 8, min_steps: int | None = None, seed: int = 0
) -> Arrays:
    """Say it backwards: y[t] = x[L - 1 - t] for a sequence of length L, both filled up with 0.

    Args:
        samples, steps, symbols, min_steps, seed: as in `copy_task`.

    Returns:
        x int32 (N, T), y int32 (N, T).

    Raises:
        ArgumentError: as `copy_task`.

    Example:
        >>> x, y = reverse_task(2, steps=5, min_steps=2)
        >>> x.tolist(), y.tolist()
        ([[2, 8, 4, 5, 0], [3, 7, 2, 3, 0]], [[5, 4, 8, 2, 0], [3, 2, 7, 3, 0]])
    """
    x, lengths = _symbols("reverse_task", samples, steps, symbols, min_steps, seed)
    place = lengths[:, None] - 1 - np.arange(steps)
    return x, np.where(place >= 0, np.take_along_axis(x, np.maximum(place, 0), axis=1), 0).astype(np.int32)


def _symbols(who: str, samples: int, steps: int, symbols: int, least: int | None, seed: int) -> Arrays:
    """Rows of symbols with zeros behind, and their lengths (N,)."""
    least = steps if least is None else least
    _check(who, samples=(samples, 1), steps=(steps, max(1, least)), symbols=(symbols, 1), min_steps=(least, 1))
    rng = generator(seed)
    lengths = rng.integers(least, steps + 1, samples)
    x = rng.integers(1, symbols + 1, (samples, steps), np.int32)
    return np.where(np.arange(steps) < lengths[:, None], x, 0).astype(np.int32), lengths


def _check(who: str, **arguments: tuple[int, int]) -> None:
    for name, (value, least) in arguments.items():
        if value < least:
            raise ArgumentError(
                who,
                f"{name} must be at least {least}",
                expected=f"{name} >= {least}",
                received=value,
                remedy=f"Pass a larger value for {name}",
            )
