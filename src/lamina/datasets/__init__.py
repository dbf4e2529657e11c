"""Data sets to learn on: MNIST inside the package, scikit-learn's small ones, Python's own help as a text, and
generated points, sequences and texts whose answers are known."""

from . import synthetic
from .catalogue import DatasetInfo, catalogue
from .facts import Question, facts
from .idx import read_idx
from .packaged import mnist
from .python_topics import python_topics
from .reports import reports
from .reviews import reviews
from .sequences import adding_problem, copy_task, reverse_task
from .small import breast_cancer, diabetes, digits, iris, wine
from .topics import TOPICS, topics
from .translation import date_translation, numeral_translation

__all__ = [
    "TOPICS",
    "DatasetInfo",
    "Question",
    "adding_problem",
    "breast_cancer",
    "catalogue",
    "copy_task",
    "date_translation",
    "diabetes",
    "digits",
    "facts",
    "iris",
    "mnist",
    "numeral_translation",
    "python_topics",
    "read_idx",
    "reports",
    "reverse_task",
    "reviews",
    "synthetic",
    "topics",
    "wine",
]
