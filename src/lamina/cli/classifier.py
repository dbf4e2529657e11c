"""A saved classifier of pictures, as the commands use it."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from ..core import ShapeError
from ..models import load_model
from ..training.report import Classification, as_probabilities
from .output import table


def load(path: Path) -> Any:
    """The model at `path`, for looking and predicting."""
    return load_model(path, compile=False)


def probabilities(model: Any, images: np.ndarray) -> np.ndarray:
    """Class probabilities (N, U) of grey images (N, H, W), in whatever form the model takes them.

    Raises:
        ShapeError: the model does not read pictures of this size, or does not return one row per picture.
    """
    wanted = getattr(model, "input_shape", None) or model.built_on
    sizes = wanted[1:] if isinstance(wanted, tuple) else ()
    if None in sizes or math.prod(sizes) != math.prod(images.shape[1:]):
        raise ShapeError(
            f"the model {model.name!r}",
            "it does not read such pictures",
            expected=f"a model for {images.shape[1]} x {images.shape[2]} grey images",
            received=f"one for inputs of shape {wanted}",
            remedy="See lamina summary MODEL",
        )
    outputs = model.predict(images.reshape(len(images), *sizes))
    if not hasattr(outputs, "ndim") or outputs.ndim != 2:
        raise ShapeError(
            f"the model {model.name!r}",
            "a classifier returns one row of numbers per picture",
            expected="an output (N, U)",
            received=f"an output {getattr(outputs, 'shape', type(outputs).__name__)}",
            remedy="See lamina summary MODEL",
        )
    return as_probabilities(outputs)


def score_table(result: Classification, what: str = "images") -> Any:
    """Precision, recall, F1 and support, class by class."""

    def share(value: float) -> str:
        return "-" if math.isnan(value) else f"{value:.4f}"

    rows = [(s.name, share(s.precision), share(s.recall), share(s.f1), f"{s.support:,}") for s in result.scores]
    return table("", ("class", "precision", "recall", "F1", what), rows)


def verdict(result: Classification, what: str = "images") -> str:
    """The accuracy in one sentence."""
    low, high = (100 * bound for bound in result.interval)
    wrong = f"{result.mistakes:,} of {len(result.y_true):,} {what} wrong"
    return f"Test accuracy {100 * result.accuracy:.2f} % ({wrong}; 95 % interval {low:.2f} to {high:.2f} %)"
