"""Random first values whose variance follows the number of inputs or outputs of a unit."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import ArgumentError
from .initializer import registry
from .random import Random, cut_normal, normal, uniform

# Standard deviation of a standard normal that is cut off at -2 and 2: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)).
_CUT_STDDEV = 0.87962566103423978


def compute_fans(
    shape: Sequence[int], input_axes: Sequence[int] | None = None, output_axes: Sequence[int] | None = None
) -> tuple[int, int]:
    """How many inputs feed one output of a kernel, and how many outputs one input feeds.

    fan_in = F · R and fan_out = U · R, with F the sizes of the input axes multiplied, U those of the
    output axes, and R those of all others (the receptive field of a convolution).

    Args:
        shape: of the kernel, by default (..., F, U).
        input_axes: axes that are inputs, by default the last but one.
        output_axes: axes that are outputs, by default the last.

    Example:
        >>> compute_fans((3, 3, 16, 32)), compute_fans((5,)), compute_fans((64, 4, 16), (0,), (1, 2))
        ((144, 288), (5, 5), (64, 64))
    """
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    inputs = {axis % len(shape) for axis in input_axes or (-2,)}
    outputs = {axis % len(shape) for axis in output_axes or (-1,)}
    receptive = math.prod(n for axis, n in enumerate(shape) if axis not in inputs | outputs)
    fan_in, fan_out = (math.prod(shape[axis] for axis in axes) * receptive for axes in (inputs, outputs))
    return fan_in, fan_out


_FANS = {"fan_in": lambda i, o: i, "fan_out": lambda i, o: o, "fan_avg": lambda i, o: (i + o) / 2}


@registry.register()
class VarianceScaling(Random):
    """Random values of variance scale / n, so that signals keep their size from layer to layer.

    n = fan_in, fan_out or their mean (see `compute_fans`). Uniform values lie within ±sqrt(3 · scale / n).

    Args:
        scale: a positive factor.
        mode: "fan_in", "fan_out" or "fan_avg".
        distribution: "truncated_normal" (cut off at 2 standard deviations, then widened to the stated variance),
            "untruncated_normal" or "uniform".
        seed: for the same values at each call; otherwise each call draws anew.
        input_axes, output_axes: which axes of the kernel are inputs and outputs; by default the last two.

    Raises:
        ArgumentError: an argument is none of these.

    Example:
        >>> w = VarianceScaling(2.0, "fan_in", "uniform")((50, 400))
        >>> bool(abs(w.std() - 0.2) < 0.01)
        True

    Keras differs: an initializer without a seed gives the same values at every call.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(seed)
        _check("scale", "must be positive", "a number > 0", scale, scale > 0)
        _check("mode", "must name a fan", "one of fan_in, fan_out, fan_avg", mode, mode in _FANS)
        known = ("truncated_normal", "untruncated_normal", "uniform")
        _check("distribution", "must be known", "one of " + ", ".join(known), distribution, distribution in known)
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        fans = compute_fans(shape, self.input_axes, self.output_axes)
        stddev = math.sqrt(self.scale / max(1.0, _FANS[self.mode](*fans)))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * stddev
            return uniform(rng, shape, -limit, limit, dtype)
        if self.distribution == "untruncated_normal":
            return normal(rng, shape, stddev, dtype)
        return cut_normal(rng, shape, stddev / _CUT_STDDEV, dtype)


def _check(name: str, rule: str, expected: str, received: Any, fine: bool) -> None:
    if not fine:
        raise ArgumentError(
            "VarianceScaling", f"{name} {rule}", expected=expected, received=repr(received), remedy=f"Change {name}"
        )
