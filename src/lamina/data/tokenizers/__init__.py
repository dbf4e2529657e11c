"""Tokenizers: text to whole numbers and back, trained here or read from a file without code."""

from .byte_pair import BytePairTokenizer
from .character import CharacterTokenizer
from .hugging_face import HuggingFaceTokenizer, read_tokenizer
from .tokenizer import Tokenizer, load_tokenizer
from .whitespace import WhitespaceTokenizer
from .word_piece import WordPieceTokenizer

__all__ = [
    "BytePairTokenizer",
    "CharacterTokenizer",
    "HuggingFaceTokenizer",
    "Tokenizer",
    "WhitespaceTokenizer",
    "WordPieceTokenizer",
    "load_tokenizer",
    "read_tokenizer",
]
