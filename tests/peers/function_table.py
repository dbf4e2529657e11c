"""The table of functions and of small objects (regularizers, initializers, ...) that are compared with Keras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .asking import seed_of, title
from .layer_table import ACTIVATIONS
from .loss_table import KINDS


@dataclass(frozen=True)
class Case:
    """A public name of a room; it is called with arrays after (a class) or together with (a function) its arguments."""

    room: str
    name: str
    config: dict[str, Any]
    data: str = "matrix"

    def __str__(self) -> str:
        return title(f"{self.room}.{self.name}", self.config, self.data)

    def inputs(self) -> list[np.ndarray]:
        rng = np.random.default_rng(seed_of(str(self)))
        if self.room == "initializers":
            return [np.array([int(n) for n in self.data.split("x")])]
        if self.data == "matrix":
            return [rng.normal(size=(4, 6)).astype("float32") * 2]
        return [array.astype("int32" if array.dtype.kind == "i" else "float32") for array in KINDS[self.data](rng)]


def rows(room: str, name: str, *configs: dict[str, Any], data: str = "matrix") -> list[Case]:
    return [Case(room, name, config, data) for config in configs or [{}]]


LOSS_FUNCTIONS = {
    "binary_crossentropy": ("binary_whole", {"label_smoothing": 0.1}),
    "categorical_crossentropy": ("classes_in_time", {"label_smoothing": 0.1}),
    "sparse_categorical_crossentropy": ("sparse_in_time", {"from_logits": True}),
    "mean_squared_error": ("series", {}),
    "mean_absolute_error": ("series", {}),
    "huber": ("series", {"delta": 0.5}),
    "hinge": ("signs", {}),
    "poisson": ("positive", {}),
    "log_cosh": ("values", {}),
    "kl_divergence": ("classes", {}),
    "cosine_similarity": ("values", {}),
}
METRIC_FUNCTIONS = {
    "binary_accuracy": ("binary_whole", {"threshold": 0.4}),
    "categorical_accuracy": ("classes", {}),
    "sparse_categorical_accuracy": ("sparse", {}),
    "top_k_categorical_accuracy": ("classes", {"k": 2}),
    "sparse_top_k_categorical_accuracy": ("sparse", {"k": 2}),
}
SETTLED_INITIALIZERS = [
    *rows("initializers", "Zeros", data="2x3"),
    *rows("initializers", "Ones", data="2x3"),
    *rows("initializers", "Constant", {}, {"value": 0.5}, {"value": [1.0, 2.0, 3.0]}, data="2x3"),
    *rows("initializers", "Identity", {}, {"gain": 0.5}, data="4x3"),
    *rows("initializers", "STFT", {}, {"side": "imag"}, {"window": "hamming", "periodic": True}, data="16x1x9"),
    *rows("initializers", "STFT", {"scaling": "spectrum"}, {"scaling": None}, {"window": None}, data="12x1x7"),
]
SCALINGS = [{"mode": m, "distribution": d} for m in ("fan_in", "fan_out") for d in ("uniform", "untruncated_normal")]
RANDOM_INITIALIZERS = [
    *rows("initializers", "RandomNormal", {}, {"mean": 1.0, "stddev": 0.5}, data="200x300"),
    *rows("initializers", "TruncatedNormal", {}, {"mean": 1.0, "stddev": 0.5}, data="200x300"),
    *rows("initializers", "RandomUniform", {}, {"minval": -1.0, "maxval": 3.0}, data="200x300"),
    *rows("initializers", "Orthogonal", {}, {"gain": 3.0}, data="150x100"),
    *rows("initializers", "VarianceScaling", {}, *({"scale": 3.0, **more} for more in SCALINGS), data="200x300"),
    *rows("initializers", "VarianceScaling", {"mode": "fan_avg"}, data="3x3x40x80"),
    *(
        case
        for name in ("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform")
        for case in (
            *rows("initializers", name, data="3x3x40x80"),
            *rows("initializers", name, {"input_axes": [0], "output_axes": [1, 2]}, data="200x10x30"),
        )
    ),
]
CASES = [
    *(case for name in ACTIVATIONS for case in rows("activations", name)),
    *rows("activations", "relu", {"negative_slope": 0.1, "max_value": 1.0, "threshold": 0.2}),
    *rows("activations", "gelu", {"approximate": True}),
    *rows("activations", "leaky_relu", {"negative_slope": 0.01}),
    *rows("activations", "elu", {"alpha": 0.5}),
    *rows("activations", "softmax", {"axis": 0}),
    *rows("activations", "log_softmax", {"axis": 0}),
    *rows("activations", "celu", {"alpha": 0.5}),
    *rows("activations", "glu", {"axis": 0}),
    *rows("activations", "hard_shrink", {"threshold": 1.0}),
    *rows("activations", "soft_shrink", {"threshold": 1.0}),
    *rows("activations", "squareplus", {"b": 1.0}),
    *rows("activations", "threshold", {"threshold": 0.5, "default_value": -2.0}),
    *rows("regularizers", "L1", {}, {"l1": 0.3}),
    *rows("regularizers", "L2", {}, {"l2": 0.3}),
    *rows("regularizers", "L1L2", {}, {"l1": 0.1, "l2": 0.2}),
    *rows("regularizers", "OrthogonalRegularizer", {}, {"factor": 0.3}),
    *rows("constraints", "MaxNorm", {}, {"max_value": 1.0, "axis": 1}, {"axis": [0, 1]}),
    *rows(
        "constraints", "MinMaxNorm", {"min_value": 0.5}, {"min_value": 3.0, "max_value": 4.0, "rate": 0.5, "axis": 1}
    ),
    *rows("constraints", "NonNeg"),
    *rows("constraints", "UnitNorm", {}, {"axis": 1}),
    *(case for name, (data, config) in LOSS_FUNCTIONS.items() for case in rows("losses", name, config, data=data)),
    *(case for name, (data, config) in METRIC_FUNCTIONS.items() for case in rows("metrics", name, config, data=data)),
]
