"""Macro, micro and weighted precision, recall and F-scores: streamed in ragged batches, scikit-learn's to 1e-7."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

import lamina
from lamina import metrics
from lamina.core import ArgumentError

BATCHES = [slice(0, 40), slice(40, 80), slice(80, 91)]
N, C = 91, 5
AVERAGES = ["micro", "macro", "weighted"]
Make = Callable[[str, Any], Any]
# made from an average and a threshold; None: the largest score is the prediction
METRICS: dict[str, tuple[Make, Callable[..., Any]]] = {
    "precision": (lambda a, t: metrics.Precision(t, 1 if t is None else None, average=a), sk.precision_score),
    "recall": (lambda a, t: metrics.Recall(t, 1 if t is None else None, average=a), sk.recall_score),
    "f1": (lambda a, t: metrics.F1Score(a, t), sk.f1_score),
    "f2": (lambda a, t: metrics.FBetaScore(a, 2.0, t), lambda *data, **how: sk.fbeta_score(*data, beta=2.0, **how)),
}


def streamed(metric: Any, y: np.ndarray, p: np.ndarray, w: np.ndarray | None) -> Any:
    update = lamina.compile(metric.update_state)
    for rows in BATCHES:
        update(y[rows], p[rows], None if w is None else w[rows])
    return metric.result().numpy()


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize("weighted", [False, True])
def test_of_one_class_out_of_several(name: str, average: str, weighted: bool, rng: np.random.Generator) -> None:
    make, oracle = METRICS[name]
    y = rng.choice(C, N, p=[0.4, 0.3, 0.15, 0.1, 0.05])
    p = (np.eye(C)[y] + rng.normal(size=(N, C))).astype("float32")
    w = rng.integers(1, 5, N).astype("float32") if weighted else None
    expected = oracle(y, p.argmax(-1), average=average, sample_weight=w, labels=range(C), zero_division=0)
    assert abs(streamed(make(average, None), np.eye(C, dtype="float32")[y], p, w) - expected) <= 1e-7


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("average", AVERAGES)
def test_of_several_yes_or_no_outputs(name: str, average: str, rng: np.random.Generator) -> None:
    make, oracle = METRICS[name]
    y, p = rng.integers(0, 2, (N, C)), rng.uniform(size=(N, C)).astype("float32")
    y[:, 4], p[:, 3] = 0, 0.1  # never true, never predicted
    expected = oracle(y, p > 0.5, average=average, zero_division=0)
    assert abs(streamed(make(average, 0.5), y, p, None) - expected) <= 1e-7


def test_several_thresholds_in_any_order(rng: np.random.Generator) -> None:
    y, p = rng.integers(0, 2, (N, C)), rng.uniform(size=(N, C)).astype("float32")
    found = streamed(metrics.Precision([0.8, 0.2], average="macro"), y, p, None)
    expected = [sk.precision_score(y, p > t, average="macro") for t in (0.8, 0.2)]
    np.testing.assert_allclose(found, expected, atol=1e-7)
    assert metrics.Precision([0.8, 0.2], average="macro").result().tolist() == [0.0, 0.0]


def test_state_config_and_refusals() -> None:
    metric = metrics.Recall(top_k=1, average="weighted")
    assert metric.result().item() == 0.0 and metric.variables == []
    again = metrics.get(metrics.serialize(metric))
    assert again.get_config() == metric.get_config() and again.average == "weighted"
    assert metric([[1], [0], [1]], [[0.9], [0.2], [0.3]]).item() == 1.0  # a lone output is the largest
    metric.reset_state()
    assert all((v.numpy() == 0).all() for v in metric.variables)
    assert metrics.Precision(average="micro").variables[0].shape == metrics.Precision().variables[0].shape == (1,)
    for wrong in ({"average": "mean"}, {"average": "macro", "class_id": 1}):
        with pytest.raises(ArgumentError, match="Precision: average says how several outputs become one"):
            metrics.Precision(**wrong)
