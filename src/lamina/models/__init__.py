"""The living room: models that can be trained, judged, saved and shown."""

from .functional import Functional
from .learning_rate_finder import LearningRateSweep, lr_find
from .model import Model
from .saving import load_model, register
from .sequential import Sequential

__all__ = ["Functional", "LearningRateSweep", "Model", "Sequential", "load_model", "lr_find", "register"]
