"""The Transformer: positions, encoder and decoder blocks, and the whole of both."""

from .decoder import TransformerDecoder
from .encoder import TransformerEncoder
from .positions import PositionEmbedding, RotaryEmbedding, SinePositionEncoding
from .transformer import Transformer

__all__ = [
    "PositionEmbedding",
    "RotaryEmbedding",
    "SinePositionEncoding",
    "Transformer",
    "TransformerDecoder",
    "TransformerEncoder",
]
