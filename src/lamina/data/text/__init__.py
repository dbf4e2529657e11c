"""Text on its way into training: files larger than memory, windows of tokens, batches of sequences of like length."""

from .buckets import bucket_by_length
from .dataset import TextDataset
from .packing import pack
from .pieces import read_pieces
from .token_file import tokenize_files

__all__ = ["TextDataset", "bucket_by_length", "pack", "read_pieces", "tokenize_files"]
