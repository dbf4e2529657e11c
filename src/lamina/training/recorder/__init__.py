"""The flight recorder: what made the first value that is not finite, and how to see it again."""

from .guard import Guard
from .record import read_story, replay
from .story import Line, Story
from .watch import Scale

__all__ = ["Guard", "Line", "Scale", "Story", "read_story", "replay"]
