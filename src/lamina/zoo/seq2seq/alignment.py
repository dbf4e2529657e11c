"""Which part of the source a translator looks at for each part of its translation."""

from typing import NamedTuple

import numpy as np


class Alignment(NamedTuple):
    """Attention of a translation to its source.

    Args:
        source: S tokens.
        target: T tokens, the last of which is the end.
        weights: (T, S); row t says how much of the attention goes to each source token when token t is chosen, and
            sums to 1.

    Example:
        >>> found = Alignment(["三", "月"], ["M", "a"], np.array([[0.9, 0.1], [0.3, 0.7]]))
        >>> print(found)
        M 三
        a 月
    """

    source: list[str]
    target: list[str]
    weights: np.ndarray

    def __str__(self) -> str:
        """Each target token and the source token that it looks at most, line by line."""
        most = self.weights.argmax(axis=1)
        return "\n".join(f"{token} {self.source[i]}" for token, i in zip(self.target, most, strict=True))
