"""Learning rates that change with the step: functions of the number of updates made so far."""

from ...core import serialize
from .cosine import CosineDecay, CosineDecayRestarts
from .decay import ExponentialDecay, InverseTimeDecay, PolynomialDecay, StepDecay
from .joined import Join, PiecewiseConstantDecay, WarmUp
from .one_cycle import OneCycle
from .schedule import LearningRateSchedule, get, registry
from .stable import WSD

__all__ = [
    "WSD",
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "Join",
    "LearningRateSchedule",
    "OneCycle",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "StepDecay",
    "WarmUp",
    "get",
    "registry",
    "serialize",
]
