"""BERT: a text encoder in the layout of the published models."""

from .block import BERTBlock
from .masking import mask_tokens
from .model import BERT

__all__ = ["BERT", "BERTBlock", "mask_tokens"]
