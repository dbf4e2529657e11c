"""The engine: steps, the compiled loop over them, and what feeds it."""

from .checkpoint import Checkpoints
from .dispatch import Pace, Program
from .forward import Forward
from .objective import Objective
from .recorder import replay
from .steps import test_step, train_step

__all__ = ["Checkpoints", "Forward", "Objective", "Pace", "Program", "replay", "test_step", "train_step"]
