"""The table of whole `fit` runs that are compared with Keras: same weights before, same order of rows.

Adam's epsilon is so small that it does not matter where it stands: Keras adds it before the second moment's bias is
corrected, the textbook and Lamina after.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .asking import seed_of

TANH, RELU = {"activation": "tanh"}, {"activation": "relu"}
ADAM = ["Adam", {"learning_rate": 0.01, "epsilon": 1e-12}]
SGD = ["SGD", {"learning_rate": 0.1, "momentum": 0.9}]
LOGITS = ["SparseCategoricalCrossentropy", {"from_logits": True}]
PIXELS = [
    ["Conv2D", {"filters": 4, "kernel_size": 3, **RELU}],
    ["MaxPooling2D", {"pool_size": 2}],
    ["BatchNormalization", {}],
    ["Flatten", {}],
    ["Dense", {"units": 4}],
]
DENSE = [["Dense", {"units": 5, **TANH}], ["Dense", {"units": 4}]]
BINARY = [["Dense", {"units": 5, **TANH}], ["Dense", {"units": 1, "activation": "sigmoid"}]]


@dataclass(frozen=True)
class Case:
    """A stack of layers, what it is compiled with, and what `fit` gets; 22 rows make a ragged last batch of 6."""

    title: str
    layers: list[Any]
    compiled: dict[str, Any]
    fitted: dict[str, Any] = field(default_factory=lambda: {"epochs": 3, "batch_size": 8})
    shape: tuple[int, ...] = (22, 6)
    labels: str = "classes"
    weighted: bool = False
    validated: bool = False
    padded: bool = False

    def __str__(self) -> str:
        return self.title

    def arrays(self) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(seed_of(self.title))
        arrays = {"x": rng.normal(size=self.shape).astype("float32"), "y": self.draw_labels(rng)}
        if self.padded:  # sequences of 1 to T steps, then zeros
            lengths = rng.integers(1, self.shape[1] + 1, self.shape[0])
            arrays["x"] *= np.arange(self.shape[1])[None, :, None] < lengths[:, None, None]
        if self.weighted:
            arrays["sample_weight"] = rng.uniform(0, 2, self.shape[0]).astype("float32")
        if self.validated:
            arrays |= {"x_val": rng.normal(size=self.shape).astype("float32"), "y_val": self.draw_labels(rng)}
        return arrays

    def draw_labels(self, rng: np.random.Generator) -> np.ndarray:
        rows = self.shape[0]
        if self.labels == "class of each step":
            return rng.integers(0, 4, self.shape[:2]).astype("int32")
        if self.labels == "classes":
            return rng.integers(0, 4, rows).astype("int32")
        if self.labels == "binary":
            return rng.integers(0, 2, (rows, 1)).astype("float32")
        return rng.normal(size=(rows, 4)).astype("float32")


SPARSE = {"optimizer": ADAM, "loss": LOGITS, "metrics": ["accuracy"]}
PENALTY = [
    ["Dense", {"units": 5, "kernel_regularizer": "l2", **TANH}],
    ["Dense", {"units": 4, "bias_regularizer": "l1"}],
]
BOUND = [
    ["Dense", {"units": 5, "kernel_constraint": "max_norm", **TANH}],
    ["Dense", {"units": 4, "kernel_constraint": "non_neg"}],
]
EACH_STEP = [["Masking", {}], ["LSTM", {"units": 3, "return_sequences": True}], ["Dense", {"units": 4}]]
LAST_STEP = [["Masking", {}], ["GRU", {"units": 3}], ["Dense", {"units": 4}]]
MEAN_STEP = [["Masking", {}], ["BatchNormalization", {}], ["GlobalAveragePooling1D", {}], ["Dense", {"units": 4}]]
SENTENCES: dict[str, Any] = {"shape": (22, 5, 3), "padded": True}
CASES = [
    Case("masked steps", EACH_STEP, {"optimizer": ADAM, "loss": LOGITS}, labels="class of each step", **SENTENCES),
    Case("masked recurrence", LAST_STEP, SPARSE, **SENTENCES),
    Case("masked mean", MEAN_STEP, SPARSE, **SENTENCES),
    Case("dense", DENSE, SPARSE),
    Case("sgd", DENSE, {**SPARSE, "optimizer": SGD}),
    Case("one batch", DENSE, SPARSE, {"epochs": 4, "batch_size": 64}),
    Case("sample weights", DENSE, {**SPARSE, "weighted_metrics": ["accuracy"]}, weighted=True),
    Case(
        "class weights", DENSE, SPARSE, {"epochs": 3, "batch_size": 8, "class_weight": {0: 1.0, 1: 2.0, 2: 0.5, 3: 0.0}}
    ),
    Case("validation", DENSE, SPARSE, validated=True),
    Case("penalty", PENALTY, SPARSE, validated=True),
    Case("constraints", BOUND, {**SPARSE, "optimizer": SGD}),
    Case("textbook network", BINARY, {**SPARSE, "loss": ["BinaryCrossentropy", {}]}, labels="binary"),
    Case(
        "regression", DENSE, {"optimizer": SGD, "loss": ["MeanSquaredError", {}], "metrics": ["mae"]}, labels="values"
    ),
    Case("images", PIXELS, {**SPARSE, "optimizer": SGD}, shape=(22, 8, 8, 2)),
    Case("clipping", DENSE, {**SPARSE, "optimizer": ["Adam", {**ADAM[1], "global_clipnorm": 0.1}]}),
]
