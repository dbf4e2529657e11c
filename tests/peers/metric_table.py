"""The table of metrics that are compared with Keras; labels and predictions are drawn as for the losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .asking import seed_of, title
from .loss_table import KINDS as LOSS_KINDS
from .loss_table import one_hot, probabilities

UPDATES = 3
OWN = {
    "BLEU", "CharErrorRate", "ConfusionMatrix", "ExpectedCalibrationError", "HitRate", "MeanAveragePrecision",
    "MeanReciprocalRank", "NDCG", "Perplexity", "RougeL", "RougeN", "WordErrorRate",
}  # metrics without a namesake in Keras; each has an oracle of its own in tests/metrics  # fmt: skip


def segments(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Class numbers of the pixels of pictures; 5 is none of the 4 classes, -1 is void."""
    return rng.integers(-1, 4, (3, 4, 5)).astype("int32"), rng.integers(0, 6, (3, 4, 5))


def segment_scores(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 4, (3, 4, 5)).astype("int32"), probabilities(rng, (3, 4, 5, 4))


def one_hot_segments(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return one_hot(rng, (3, 4, 5, 4)), probabilities(rng, (3, 4, 5, 4))


def flat_segments(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 3, (12,)).astype("int32"), rng.integers(0, 3, (12,))


def first_class_left_out(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(1, 4, (12,)).astype("int32"), rng.integers(1, 4, (12,))


def sorted_ids(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 6, (8,)).astype("int32"), np.argsort(rng.normal(size=(8, 6)), axis=-1)[:, :4]


def curves(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y = rng.normal(size=(6, 7)).astype("float32")
    return y, 0.7 * y + rng.normal(size=y.shape) + 1


def far_off(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y = rng.normal(size=(9, 3)).astype("float32") * np.array([1, 5, 2], "float32") + 1
    return y, y + rng.normal(size=y.shape)


_OWN_KINDS = (
    segments, segment_scores, one_hot_segments, flat_segments, first_class_left_out, sorted_ids, curves, far_off,
)  # fmt: skip
KINDS = LOSS_KINDS | {draw.__name__: draw for draw in _OWN_KINDS}


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
        *rows("SparseTopKCategoricalAccuracy", "sorted_ids", *({"k": k, "from_sorted_ids": True} for k in (1, 3, 5))),
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
    ]


def overlaps() -> list[Case]:
    """Rows with weights ask for a state of floats: Keras' default one of integers cuts fractions to 0."""
    ids, floats = [0, 2], {"dtype": "float32"}
    scores = {"num_classes": 4, "sparse_y_pred": False}
    pixels = (False,)  # one weight for each pixel is all that Keras takes: flat kinds have it
    return [
        *rows("IoU", "segments", {"num_classes": 4, "target_class_ids": ids}, weighted=pixels),
        *rows("IoU", "segments", {"num_classes": 4, "target_class_ids": [1], "ignore_class": 2}, weighted=pixels),
        *rows("IoU", "segment_scores", {**scores, "target_class_ids": [1, 2, 3]}, weighted=pixels),
        *rows("IoU", "flat_segments", {"num_classes": 3, "target_class_ids": ids, **floats}),
        *rows("MeanIoU", "segments", {"num_classes": 4}, {"num_classes": 4, "ignore_class": -1}, weighted=pixels),
        *rows("MeanIoU", "segment_scores", scores, weighted=pixels),
        *rows("MeanIoU", "flat_segments", {"num_classes": 3, **floats}, {"num_classes": 5, **floats}),
        *rows("MeanIoU", "first_class_left_out", {"num_classes": 4, "ignore_class": 3, **floats}),
        *rows("BinaryIoU", "binary", {}, {"threshold": 0.3}, {"target_class_ids": [1]}, weighted=pixels),
        *rows("BinaryIoU", "binary", floats, {"target_class_ids": [0], "threshold": 0.7, **floats}),
        *rows("BinaryIoU", "binary_logits", {"threshold": 0.0}, weighted=pixels),
        *rows("OneHotIoU", "one_hot_segments", {"num_classes": 4, "target_class_ids": ids}, weighted=pixels),
        *rows("OneHotIoU", "classes", {"num_classes": 4, "target_class_ids": [3], **floats}),
        *rows("OneHotMeanIoU", "one_hot_segments", {"num_classes": 4}, weighted=pixels),
        *rows(
            "OneHotMeanIoU", "classes", {"num_classes": 4, **floats}, {"num_classes": 4, "ignore_class": 1, **floats}
        ),
    ]


def correlations() -> list[Case]:
    aggregations = [{"class_aggregation": a} for a in ("uniform_average", "variance_weighted_average", None)]
    return [
        *rows("R2Score", "values", *aggregations),
        *rows("R2Score", "far_off", *aggregations),
        *rows("R2Score", "binary", {}, {"num_regressors": 2}),
        *rows("PearsonCorrelation", "curves"),
        *rows("PearsonCorrelation", "values"),
        *rows("PearsonCorrelation", "curves", {"axis": 0}, weighted=(False,)),
        *rows("ConcordanceCorrelation", "curves"),
        *rows("ConcordanceCorrelation", "values"),
        *rows("ConcordanceCorrelation", "curves", {"axis": 0}, weighted=(False,)),
    ]


CASES = [*accuracies(), *confusion(), *means(), *overlaps(), *correlations()]
