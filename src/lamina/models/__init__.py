"""The living room: models that can be trained, judged, saved and shown."""

from .batch_statistics import update_batch_normalization
from .functional import Functional
from .generation import Generation, Generator, StepModel, TextModel
from .learning_rate_finder import LearningRateSweep, lr_find
from .model import Model
from .saving import load_model, register
from .sequential import Sequential

__all__ = [
    "Functional",
    "Generation",
    "Generator",
    "LearningRateSweep",
    "Model",
    "Sequential",
    "StepModel",
    "TextModel",
    "load_model",
    "lr_find",
    "register",
    "update_batch_normalization",
]
