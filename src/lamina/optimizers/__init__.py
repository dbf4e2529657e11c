"""Optimizers: rules that change weights by their gradients, and schedules of the learning rate."""

from ..core import serialize
from . import schedules
from .adam import Adam
from .adamw import AdamW
from .optimizer import Optimizer, get, registry
from .rmsprop import RMSprop
from .sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "get", "registry", "schedules", "serialize"]
