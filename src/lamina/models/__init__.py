"""The living room: models that can be trained, judged, saved and shown."""

from .functional import Functional
from .model import Model
from .saving import load_model, register
from .sequential import Sequential

__all__ = ["Functional", "Model", "Sequential", "load_model", "register"]
