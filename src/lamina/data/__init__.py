"""Data on its way into training: arrays, streams, datasets, splits, labels."""

from .arrays import ArrayData, as_array_data, check_finite
from .dataset import Dataset
from .labels import class_weights, to_categorical
from .randomness import permutation
from .sequences import pad_sequences
from .splits import Split, train_test_split, validation_split
from .stream import as_batches, is_stream

__all__ = [
    "ArrayData",
    "Dataset",
    "Split",
    "as_array_data",
    "as_batches",
    "check_finite",
    "class_weights",
    "is_stream",
    "pad_sequences",
    "permutation",
    "to_categorical",
    "train_test_split",
    "validation_split",
]
