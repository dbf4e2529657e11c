"""Optimizers: rules that change weights by their gradients, and schedules of the learning rate."""

from ..core import serialize
from . import schedules
from .adadelta import Adadelta
from .adafactor import Adafactor
from .adagrad import Adagrad
from .adam import Adam
from .adamax import Adamax
from .adamw import AdamW
from .find import get
from .ftrl import Ftrl
from .lamb import Lamb
from .lars import LARS
from .lbfgs import LBFGS
from .lion import Lion
from .loss_scale_optimizer import LossScaleOptimizer
from .multi_optimizer import MultiOptimizer, OptimizerMap
from .muon import Muon
from .nadam import Nadam
from .optimizer import Optimizer, registry
from .rmsprop import RMSprop
from .sam import SAM
from .schedule_free_adamw import ScheduleFreeAdamW
from .sgd import SGD
from .swa import SWA

__all__ = [
    "LARS",
    "LBFGS",
    "SAM",
    "SGD",
    "SWA",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "get",
    "registry",
    "schedules",
    "serialize",
]
