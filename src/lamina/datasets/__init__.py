"""Data sets to learn on: MNIST inside the package, scikit-learn's small ones, and generated points in the plane."""

from . import synthetic
from .catalogue import DatasetInfo, catalogue
from .idx import read_idx
from .packaged import mnist
from .small import breast_cancer, diabetes, digits, iris, wine

__all__ = [
    "DatasetInfo",
    "breast_cancer",
    "catalogue",
    "diabetes",
    "digits",
    "iris",
    "mnist",
    "read_idx",
    "synthetic",
    "wine",
]
