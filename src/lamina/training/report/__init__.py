"""Reports: what a trained classifier has learned, on one page that needs nothing else."""

from .classification import Classification, ClassScore, as_probabilities
from .write import Story, write_report

__all__ = ["ClassScore", "Classification", "Story", "as_probabilities", "write_report"]
