"""The table of losses that are compared with Keras: class, arguments, and what labels and predictions look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .asking import seed_of, title

REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]


@dataclass(frozen=True)
class Case:
    """`kind` names a function of this file that draws labels and predictions; `weights` is the shape of the sample
    weights.
    """

    name: str
    config: dict[str, Any]
    kind: str
    weights: tuple[int, ...] | None = None

    def __str__(self) -> str:
        return title(self.name, self.config, self.kind, self.weights and f"weights{self.weights}")

    def arrays(self) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(seed_of(str(self)))
        y_true, y_pred = KINDS[self.kind](rng)
        given = {"y_true": y_true, "y_pred": y_pred.astype("float32")}
        if self.weights is not None:
            given["sample_weight"] = rng.uniform(0, 2, self.weights).astype("float32")
        return given


def probabilities(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    logits = np.exp(rng.normal(size=shape))
    return logits / logits.sum(-1, keepdims=True)


def one_hot(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.eye(shape[-1], dtype="float32")[rng.integers(0, shape[-1], shape[:-1])]


def binary(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 2, (6, 1)).astype("float32"), rng.uniform(0.01, 0.99, (6, 1))


def binary_whole(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 2, (6, 3)).astype("int32"), rng.uniform(0.01, 0.99, (6, 3))


def binary_rounded(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 2, (6, 1)).astype("float32"), rng.integers(0, 2, (6, 1))


def binary_edge(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return np.array([[0], [0], [1], [1]], "float32"), np.array([[0.3], [1e-4], [0.7], [0.999]])


def binary_logits(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 2, (6, 3)).astype("float32"), rng.normal(size=(6, 3)) * 5


def classes(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return one_hot(rng, (6, 4)), probabilities(rng, (6, 4))


def classes_unnormalised(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return one_hot(rng, (6, 4)), rng.uniform(0.1, 2, (6, 4))


def classes_logits(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return one_hot(rng, (6, 4)), rng.normal(size=(6, 4)) * 5


def classes_in_time(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return one_hot(rng, (3, 5, 4)), probabilities(rng, (3, 5, 4))


def sparse(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 4, (6,)).astype("int32"), probabilities(rng, (6, 4))


def sparse_column(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 4, (6, 1)).astype("int32"), probabilities(rng, (6, 4))


def sparse_logits(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 4, (6,)).astype("int32"), rng.normal(size=(6, 4)) * 5


def sparse_in_time(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 4, (3, 5)).astype("int32"), rng.normal(size=(3, 5, 4))


def values(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(6, 3)).astype("float32"), rng.normal(size=(6, 3)) * 2


def series(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(3, 5, 2)).astype("float32"), rng.normal(size=(3, 5, 2)) * 2


def positive(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.uniform(0.2, 2, (6, 3)).astype("float32"), rng.uniform(0.2, 2, (6, 3))


def signs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.choice([-1.0, 1.0], (6, 3)).astype("float32"), rng.normal(size=(6, 3))


def sequences(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    labels = [[1, 2, 0, 0], [3, 3, 1, 0], [2, 1, 2, 4], [0, 0, 0, 0], [4, 4, 4, 4]]
    return np.array(labels, "int32"), rng.normal(size=(5, 9, 5)) * 2


def embeddings(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    vectors = rng.normal(size=(8, 3))
    return np.array([0, 1, 2, 0, 1, 2, 0, 1], "int32"), vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def embeddings_column(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    labels, vectors = embeddings(rng)
    return labels[:, None], vectors


KINDS = {
    f.__name__: f
    for f in (
        *(
            binary,
            binary_whole,
            binary_rounded,
            binary_edge,
            binary_logits,
            classes,
            classes_unnormalised,
            classes_logits,
            classes_in_time,
        ),
        *(sparse, sparse_column, sparse_logits, sparse_in_time, values, series, positive, signs),
        *(sequences, embeddings, embeddings_column),
    )
}


def rows(name: str, kind: str, *configs: dict[str, Any], weights: tuple[tuple[int, ...], ...] = ()) -> list[Case]:
    """Each configuration without sample weights; the first one again with sample weights of each given shape."""
    first = configs[0] if configs else {}
    return [*(Case(name, c, kind) for c in configs or [{}]), *(Case(name, first, kind, shape) for shape in weights)]


def reductions(name: str, kind: str, config: dict[str, Any], weights: tuple[int, ...]) -> list[Case]:
    ways = [{**config, "reduction": reduction} for reduction in REDUCTIONS]
    return [Case(name, way, kind, shape) for way in ways for shape in (None, weights)]


def regression() -> list[Case]:
    cases = []
    for name in ("MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh", "CosineSimilarity"):
        cases += rows(name, "values", weights=((6,), (6, 1)))
        cases += rows(name, "series", weights=((3, 1), (3, 5)))
    return [
        *cases,
        *rows("Huber", "values", {"delta": 0.3}, {"delta": 5.0}),
        *reductions("MeanSquaredError", "values", {}, (6,)),
        *rows("MeanAbsolutePercentageError", "positive", weights=((6,),)),
        *rows("MeanSquaredLogarithmicError", "positive", weights=((6,),)),
        *rows("Poisson", "positive", weights=((6,),)),
        *rows("KLDivergence", "classes", weights=((6,),)),
        *rows("CosineSimilarity", "series", {"axis": 1}),
        *(
            case
            for name in ("Hinge", "SquaredHinge", "CategoricalHinge")
            for case in rows(name, "signs", weights=((6,),))
        ),
    ]


def classification() -> list[Case]:
    logits, smooth = {"from_logits": True}, {"label_smoothing": 0.2}
    return [
        *rows("BinaryCrossentropy", "binary", {}, smooth, weights=((6,), (6, 1))),
        *rows("BinaryCrossentropy", "binary_whole", {}),
        *rows("BinaryCrossentropy", "binary_edge", {}),
        *rows("BinaryCrossentropy", "binary_logits", logits, {**logits, **smooth}, weights=((6,),)),
        *reductions("BinaryCrossentropy", "binary_logits", logits, (6,)),
        *rows("CategoricalCrossentropy", "classes", {}, smooth, weights=((6,),)),
        *rows("CategoricalCrossentropy", "classes_unnormalised", {}),
        *rows("CategoricalCrossentropy", "classes_logits", logits, {**logits, **smooth}, weights=((6,),)),
        *rows("CategoricalCrossentropy", "classes_in_time", {}, weights=((3, 5), (3, 1))),
        *rows("CategoricalCrossentropy", "classes_in_time", {"axis": 1}),
        *rows("SparseCategoricalCrossentropy", "sparse", {}, {"ignore_class": 2}, weights=((6,),)),
        *rows("SparseCategoricalCrossentropy", "sparse_column", {}, weights=((6,), (6, 1))),
        *rows("SparseCategoricalCrossentropy", "sparse_logits", logits, {**logits, "ignore_class": 1}, weights=((6,),)),
        *rows(
            "SparseCategoricalCrossentropy", "sparse_in_time", logits, {**logits, "ignore_class": 0}, weights=((3, 5),)
        ),
        *reductions("SparseCategoricalCrossentropy", "sparse_logits", logits, (6,)),
        *rows("BinaryFocalCrossentropy", "binary", {}, {"apply_class_balancing": True}, {"gamma": 1.0}),
        *rows("CategoricalFocalCrossentropy", "classes", {}, {"gamma": 1.0, "alpha": 0.5}),
        *rows("Dice", "classes", {}),
        *rows("Tversky", "classes", {}, {"alpha": 0.3, "beta": 0.3}),  # unequal ones mean the opposite in Keras
        *rows("CategoricalGeneralizedCrossEntropy", "sparse", {}, {"q": 0.3}, {"q": 0.9}, weights=((6,),)),
        *reductions("CategoricalGeneralizedCrossEntropy", "sparse", {"q": 0.7}, (6,)),
    ]


def structured() -> list[Case]:
    """Labels that belong to a whole sequence, or that say which embeddings belong together."""
    mild = {"gamma": 2.0}
    return [
        *rows("CTC", "sequences", {}, weights=((5,),)),
        *reductions("CTC", "sequences", {}, (5,)),
        *rows("Circle", "embeddings", {}, mild, {**mild, "margin": 0.1}, weights=((8,),)),
        *rows("Circle", "embeddings", {**mild, "remove_diagonal": False}),
        *rows("Circle", "embeddings_column", mild),
        *reductions("Circle", "embeddings", {}, (8,)),
    ]


BEYOND_KERAS = {"Contrastive", "GaussianNLL", "NTXent", "Quantile", "TripletMargin"}
CASES = [*regression(), *classification(), *structured()]
