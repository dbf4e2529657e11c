"""Judging and choosing models: cross-validation, and advice on classes and thresholds."""

from .class_balance import ClassBalance, class_balance
from .cross_validation import CrossValidation, confidence, cross_validate
from .threshold import Threshold, choose_threshold

__all__ = [
    "ClassBalance",
    "CrossValidation",
    "Threshold",
    "choose_threshold",
    "class_balance",
    "confidence",
    "cross_validate",
]
