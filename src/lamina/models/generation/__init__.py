"""From a model's logits to text: choosing tokens, the compiled loop, streams and beams."""

from .generator import Generation, Generator
from .protocol import StepModel
from .sampling import Sampling, draw, keep_top_k, keep_top_p, penalize, sampling_of
from .text import TextStream
from .text_model import TextModel

__all__ = [
    "Generation",
    "Generator",
    "Sampling",
    "StepModel",
    "TextModel",
    "TextStream",
    "draw",
    "keep_top_k",
    "keep_top_p",
    "penalize",
    "sampling_of",
]
