"""Reports: what a trained network has learned, on one page that needs nothing else."""

from .classification import Classification, ClassScore, as_probabilities
from .language import LanguageResult, Sample, write_language_report
from .sections import Story
from .translation import TranslationResult, write_translation_report
from .write import write_report

__all__ = [
    "ClassScore",
    "Classification",
    "LanguageResult",
    "Sample",
    "Story",
    "TranslationResult",
    "as_probabilities",
    "write_language_report",
    "write_report",
    "write_translation_report",
]
