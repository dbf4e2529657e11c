"""The table of metrics that are compared with Keras; labels and predictions are drawn as for the losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .asking import seed_of, title
from .loss_table import KINDS

UPDATES = 3


@dataclass(frozen=True)
class Case:
    """A metric that gets three updates of one `kind` of data, with or without sample weights."""

    name: str
    config: dict[str, Any]
    kind: str
    weighted: bool = False

    def __str__(self) -> str:
        return title(self.name, self.config, self.kind, "weighted" * self.weighted)

    def updates(self) -> list[tuple[np.ndarray | None, ...]]:
        """Triples of labels, predictions and sample weights; a metric of plain values gets the predictions alone."""
        rng = np.random.default_rng(seed_of(str(self)))
        drawn = []
        for _ in range(UPDATES):
            y_true, y_pred = KINDS[self.kind](rng)
            weight = rng.uniform(0, 2, y_pred.shape[:1]).astype("float32") if self.weighted else None
            drawn.append((None if self.name in ("Mean", "Sum") else y_true, y_pred.astype("float32"), weight))
        return drawn


def rows(name: str, kind: str, *configs: dict[str, Any], weighted: tuple[bool, ...] = (False, True)) -> list[Case]:
    return [Case(name, config, kind, w) for config in configs or [{}] for w in weighted]


def accuracies() -> list[Case]:
    return [
        *rows("Accuracy", "binary_rounded"),
        *rows("BinaryAccuracy", "binary", {}, {"threshold": 0.3}),
        *rows("BinaryAccuracy", "binary_whole"),
        *rows("CategoricalAccuracy", "classes"),
        *rows("CategoricalAccuracy", "classes_in_time", weighted=(False,)),
        *rows("SparseCategoricalAccuracy", "sparse"),
        *rows("SparseCategoricalAccuracy", "sparse_column"),
        *rows("SparseCategoricalAccuracy", "sparse_in_time", weighted=(False,)),
        *rows("TopKCategoricalAccuracy", "classes", {"k": 1}, {"k": 2}, {"k": 3}),
        *rows("SparseTopKCategoricalAccuracy", "sparse", {"k": 2}),
        *rows("SparseTopKCategoricalAccuracy", "sparse_column", {"k": 2}),
    ]


def confusion() -> list[Case]:
    thresholds = [{}, {"thresholds": 0.3}, {"thresholds": [0.2, 0.5, 0.8]}]
    cases = []
    for name in ("Precision", "Recall"):
        cases += rows(name, "binary", *thresholds)
        cases += rows(name, "binary_whole")
        cases += rows(name, "classes", {"top_k": 2}, {"class_id": 1}, {"top_k": 1, "class_id": 2})
    for name in ("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"):
        cases += rows(name, "binary", *thresholds)
    averages = [{"average": average} for average in (None, "micro", "macro", "weighted")]
    return [
        *cases,
        *rows("F1Score", "classes", *averages, {"threshold": 0.3}, {"average": "macro", "threshold": 0.3}),
        *rows("F1Score", "binary", {"threshold": 0.5}),
        *rows("FBetaScore", "classes", {"beta": 2.0}, {"beta": 0.5, "average": "macro"}),
        *rows("AUC", "binary", {}, {"curve": "PR"}, {"num_thresholds": 20}),
        *rows("AUC", "binary", {"summation_method": "minoring"}, {"summation_method": "majoring"}),
        *rows("AUC", "binary", {"curve": "PR", "summation_method": "minoring"}, {"thresholds": [0.2, 0.4, 0.6]}),
        *rows("AUC", "binary_whole", {}, {"multi_label": True, "num_labels": 3}, weighted=(False,)),
        *rows("AUC", "binary_logits", {"from_logits": True}, weighted=(False,)),
        *rows("PrecisionAtRecall", "binary", {"recall": 0.5}, weighted=(False,)),
        *rows("RecallAtPrecision", "binary", {"precision": 0.5}, weighted=(False,)),
        *rows("SensitivityAtSpecificity", "binary", {"specificity": 0.5}, weighted=(False,)),
        *rows("SpecificityAtSensitivity", "binary", {"sensitivity": 0.5}, weighted=(False,)),
    ]


def means() -> list[Case]:
    errors = ("MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError", "LogCoshError", "CosineSimilarity")
    positive = ("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Poisson")
    return [
        *(case for name in errors for case in rows(name, "values")),
        *(case for name in positive for case in rows(name, "positive")),
        *(case for name in ("Hinge", "SquaredHinge", "CategoricalHinge") for case in rows(name, "signs")),
        *(case for name in ("Mean", "Sum") for case in rows(name, "values")),
        *rows("BinaryCrossentropy", "binary", {}, {"label_smoothing": 0.2}),
        *rows("BinaryCrossentropy", "binary_logits", {"from_logits": True}),
        *rows("CategoricalCrossentropy", "classes", {}, {"label_smoothing": 0.2}),
        *rows("CategoricalCrossentropy", "classes_logits", {"from_logits": True}),
        *rows("SparseCategoricalCrossentropy", "sparse"),
        *rows("SparseCategoricalCrossentropy", "sparse_logits", {"from_logits": True}),
        *rows("KLDivergence", "classes"),
        *rows("R2Score", "values", {}, {"class_aggregation": "variance_weighted_average"}, {"class_aggregation": None}),
    ]


CASES = [*accuracies(), *confusion(), *means()]
