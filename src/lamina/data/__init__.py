"""Data on its way into training: arrays, streams, datasets, splits, labels."""

from . import download, text, tokenizers
from .arrays import ArrayData, as_array_data, check_finite
from .dataset import Dataset
from .download import get_file
from .folds import k_fold, time_folds
from .labels import class_weights, to_categorical
from .leaks import Leaks, find_leaks
from .randomness import permutation
from .sequences import pad_sequences
from .splits import Split, train_test_split, validation_split
from .stream import as_batches, is_stream

__all__ = [
    "ArrayData",
    "Dataset",
    "Leaks",
    "Split",
    "as_array_data",
    "as_batches",
    "check_finite",
    "class_weights",
    "download",
    "find_leaks",
    "get_file",
    "is_stream",
    "k_fold",
    "pad_sequences",
    "permutation",
    "text",
    "time_folds",
    "to_categorical",
    "tokenizers",
    "train_test_split",
    "validation_split",
]
