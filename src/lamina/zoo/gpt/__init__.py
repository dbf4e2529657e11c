"""GPT: a language model in the layout of GPT-2."""

from .block import GPTBlock
from .model import GPT

__all__ = ["GPT", "GPTBlock"]
