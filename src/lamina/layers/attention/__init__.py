"""Attention: layers that look up what they need among the places of a sequence."""

from .attention import AdditiveAttention, Attention
from .cache import KeyValueCache
from .grouped_query import GroupQueryAttention
from .multi_head import MultiHeadAttention

__all__ = [
    "AdditiveAttention",
    "Attention",
    "GroupQueryAttention",
    "KeyValueCache",
    "MultiHeadAttention",
]
