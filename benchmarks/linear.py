"""Tables that say whether the cost grows as the work grows; `growth.py` fills them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LARGEST = 1.2  # times linear


@dataclass(frozen=True)
class Growth:
    """One table: the seconds at each size, and for every name of a ratio how far from linear they are."""

    title: str
    sizes: Sequence[int]
    seconds: Sequence[float]
    ratios: dict[str, Sequence[float]]

    def lines(self) -> list[str]:
        """The table in Markdown; the last ratio is the one that is judged."""
        made = [f"| {self.title} | ms | {' | '.join(self.ratios)} |", "| ---: " * (2 + len(self.ratios)) + "|"]
        for i, (size, seconds) in enumerate(zip(self.sizes, self.seconds, strict=True)):
            ratios = [values[i] for values in self.ratios.values()]
            told = [f"{ratio:.2f}" for ratio in ratios]
            told[-1] += " ✓" if ratios[-1] <= LARGEST else " ✗"
            made.append(f"| {size:,} | {1000 * seconds:.3g} | {' | '.join(told)} |")
        return made


def to_linear(seconds: Sequence[float], work: Sequence[float]) -> list[float]:
    """The cost of a unit of work over that in the first line."""
    return [(s / w) / (seconds[0] / work[0]) for s, w in zip(seconds, work, strict=True)]
