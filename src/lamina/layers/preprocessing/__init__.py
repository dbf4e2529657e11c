"""Layers that learn from the data before training: statistics, bins, vocabularies.

`adapt(data)` reads an array, a list, a `Dataset` or any iterable of batches once. What it learns belongs to the layer
and is saved with the model: statistics as weights, bins and vocabularies in the config.

Where they run: layers of numbers (`Normalization`, `Discretization`, `CategoryEncoding`, `IntegerLookup`, and `Hashing`
and `HashedCrossing` of integers) run anywhere, also inside a model. Text never reaches a device: `StringLookup`,
`TextVectorization` and hashing of strings run on the host, before the model.
"""

from .category_encoding import CategoryEncoding
from .discretization import Discretization
from .feature_space import FeatureSpace
from .hashed_crossing import HashedCrossing
from .hashing import Hashing
from .integer_lookup import IntegerLookup
from .normalization import Normalization
from .string_lookup import StringLookup
from .text_vectorization import TextVectorization

__all__ = [
    "CategoryEncoding", "Discretization", "FeatureSpace", "HashedCrossing", "Hashing", "IntegerLookup",
    "Normalization", "StringLookup", "TextVectorization",
]  # fmt: skip
