"""Ranges that numbers are drawn from, and the range that pixels lie in."""

from typing import Any

from ...core import ArgumentError, Tensor

Range = tuple[float, float]


def bounds(factor: Any, who: str, argument: str = "factor", least: float = -1.0, most: float = 1.0) -> Range:
    """The range that `factor` stands for: a pair in order, or −f ... f (cut at `least`) for one number f.

    Raises:
        ArgumentError: it is neither, or it leaves `least` ... `most`.

    Example:
        >>> bounds(0.2, "RandomZoom"), bounds(0.2, "RandomHue", least=0.0), bounds((0.3, 0.1), "RandomZoom")
        ((-0.2, 0.2), (0.0, 0.2), (0.1, 0.3))
    """
    pair = factor if isinstance(factor, (tuple, list)) else (factor,)
    numbers = all(isinstance(f, (int, float)) and least <= f <= most for f in pair)
    if not numbers or len(pair) not in (1, 2):
        raise ArgumentError(
            who,
            f"{argument} says from where to where numbers are drawn",
            expected=f"a number or a pair of numbers in {least} ... {most}",
            received=repr(factor),
            remedy=f"For example {argument}={(max(least, 0.1), most)}",
        )
    if len(pair) == 2:
        return float(min(pair)), float(max(pair))
    size = abs(float(pair[0]))
    return max(-size, least), size


def value_range_of(value_range: Any, who: str) -> Range:
    """The pair (lowest, highest) of the pixels' values, in order."""
    pair = tuple(value_range) if isinstance(value_range, (tuple, list)) else ()
    if len(pair) == 2 and pair[0] != pair[1]:
        return float(min(pair)), float(max(pair))
    raise ArgumentError(
        who,
        "value_range is the lowest and the highest value of a pixel",
        expected="two different numbers",
        received=repr(value_range),
        remedy="For example (0, 255) or (0, 1)",
    )


def rescale(images: Tensor, old: Range, new: Range) -> Tensor:
    """Values of the range `old` in the range `new`."""
    return images if old == new else (images - old[0]) * ((new[1] - new[0]) / (old[1] - old[0])) + new[0]


def at_least_float32(images: Tensor) -> Tensor:
    """The values with as many digits as counting them or working out hues needs."""
    return images if images.dtype.itemsize >= 4 else images.astype("float32")
