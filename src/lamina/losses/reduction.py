"""From one loss per sample to the number that is minimised."""

import functools
import operator
from collections.abc import Sequence
from typing import Any

from .. import ops
from ..core import ArgumentError, Tensor
from ..ops.targets import aligned_weight

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)


def known_reduction(who: str, reduction: str | None) -> str | None:
    """`reduction`, if it is the name of one.

    Raises:
        ArgumentError: it is not.

    Example:
        >>> known_reduction("MeanSquaredError", "sum")
        'sum'
    """
    if reduction in REDUCTIONS:
        return reduction
    raise ArgumentError(
        who,
        "reduction says how the samples' losses become one",
        expected="one of " + ", ".join(map(str, REDUCTIONS)),
        received=repr(reduction),
        remedy="Choose one of these",
    )


def reduce_losses(
    who: str, values: Tensor, reduction: str | None, sample_weight: Any = None, masks: Sequence[Tensor] = ()
) -> Tensor:
    """Weighted losses, summed and divided as `reduction` says.

        sum_over_batch_size, mean:   Σ w l / (number of losses, or of those that the mask leaves)
        mean_with_sample_weight:     Σ w l / Σ w
        sum:                         Σ w l
        none, None:                  w l, one number per sample

    Args:
        values: l, (N, ...).
        sample_weight: w, (N,) or of more of the first axes of `values`; None for 1.
        masks: which losses count: those at which all are true. Their axes are the first of `values`.

    Example:
        >>> [reduce_losses("Loss", Tensor([1.0, 3.0]), how, [3.0, 1.0]).item()
        ...  for how in ("mean", "mean_with_sample_weight", "sum")]
        [3.0, 1.5, 6.0]
    """
    weight = None if sample_weight is None else aligned_weight(who, sample_weight, values)
    mask = functools.reduce(operator.mul, [aligned_weight(who, m, values) for m in masks]) if masks else None
    if mask is not None:
        weight = mask if weight is None else weight * mask
    weighted = values if weight is None else values * weight
    if reduction in ("none", None):
        return weighted
    total = ops.sum(weighted)
    if reduction == "sum":
        return total
    counted = weight if reduction == "mean_with_sample_weight" else mask
    return total / values.size if counted is None else total / _not_zero(ops.sum(counted))


def _not_zero(count: Tensor) -> Tensor:
    return ops.where(count == 0, 1.0, count)
