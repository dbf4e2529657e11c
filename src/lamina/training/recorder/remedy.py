"""What to do about a value that is not finite, from what made it."""

from typing import Any

import numpy as np

from .origin import DATA, OPTIMIZER, STATE, Origin
from .watch import BACKWARD, Scale

LARGE = 1e6  # of weights and activations that belong to a healthy network, none is as large

_GENERAL = "lower the learning rate, pass clipnorm=1.0 to the optimizer, or look for extreme values in the data"
_LOGARITHMS = {"log", "log2", "log10", "log1p", "logaddexp"}
_ROOTS = {"sqrt", "rsqrt", "hypot", "p_norm", "std"}
_NORMS = {"standardize", "standardize_by_mean_square", "layer_norm_kernel", "batch_norm_kernel"}
_QUOTIENTS = {"divide", "reciprocal", "remainder", "floor_divide", *_NORMS}
_POWERS = {"power_of_tensors", "power_of_number"}
_EXPONENTIALS = {"exp", "exp2", "expm1", "sinh", "cosh"}
_INVERSES = {"arccos", "arcsin", "acos", "asin", "atanh", "arctanh", "acosh", "arccosh"}


def remedy(origin: Origin, optimizer: Any, activations: dict[str, Scale]) -> str:
    """One sentence of advice.

    Args:
        origin: what was found.
        optimizer: of the model, or None.
        activations: sizes of the layers' outputs in the same step.
    """
    if origin.phase == DATA:
        return "Remove or fill in such values before the batches are made, for example with np.nan_to_num"
    if origin.phase == STATE:
        return "Load weights that are finite; these were not before the step"
    if origin.phase == OPTIMIZER:
        return _of_optimizer(origin, optimizer)
    event = origin.event
    if origin.constant is not None and event is not None and event.place.layer == "loss_weights":
        return "Give compile loss_weights that are finite"
    name = "" if event is None else event.of or event.op
    specific = _of_op(name, origin)
    given = [] if event is None else map(Scale.of, event.inputs)
    largest = max((scale.largest for scale in (*activations.values(), *given)), default=0.0)
    if largest > LARGE:
        also = f"; {specific}" if specific != _GENERAL else ""
        return f"Lower the learning rate or pass clipnorm=1.0 to the optimizer: values reach {largest:.2g}{also}"
    return specific[0].upper() + specific[1:]


def _of_op(name: str, origin: Origin) -> str:
    backward = origin.phase == BACKWARD
    if name in _LOGARITHMS:
        return "keep the argument of the logarithm above 0, for example log(x + 1e-7) or a loss with from_logits=True"
    if name in _ROOTS and backward:
        return "the slope of a root or norm at 0 is infinite: add a small number below it, as in sqrt(x + 1e-12)"
    if name in _ROOTS:
        return "keep what is below the root at 0 or above, for example with ops.maximum(x, 0)"
    if name in _POWERS:
        return "keep the base above 0, for example x + 1e-7, or use a whole exponent"
    if name in _EXPONENTIALS:
        return "keep the argument of the exponential below 88, for example by subtracting its maximum or by ops.clip"
    if name in _INVERSES:
        return "keep the argument inside the interval, for example with ops.clip"
    if name in _QUOTIENTS:
        what = "in both branches of where, also the one not taken, " if backward else ""
        return f"{what}keep the divisor away from 0, for example x / (y + 1e-7), or epsilon > 0 in a normalisation"
    return _GENERAL


def _of_optimizer(origin: Origin, optimizer: Any) -> str:
    rate = getattr(optimizer, "learning_rate", None)
    rate = None if rate is None else float(np.asarray(rate))
    if np.isnan(np.asarray(origin.array)).any() and (rate is None or rate < LARGE):
        return "Look at the rule of the optimizer: it divides 0 by 0, most likely; add an epsilon > 0 to the divisor"
    return "Lower the learning rate" + ("" if rate is None else f", which is {rate:g}")
