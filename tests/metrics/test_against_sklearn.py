"""Metrics against scikit-learn, fed in ragged batches, with and without sample weights, eager and compiled."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

import lamina
from lamina import metrics

BATCHES = [slice(0, 25), slice(25, 50), slice(50, 60)]
N, CLASSES = 60, 4


class Data:
    def __init__(self, rng: np.random.Generator) -> None:
        self.y = rng.integers(0, 2, N)
        self.scores = rng.uniform(size=N).astype("float32").round(3)
        self.columns = rng.integers(0, 2, (N, CLASSES))
        self.column_scores = rng.uniform(size=(N, CLASSES)).astype("float32").round(3)
        self.classes = rng.integers(0, CLASSES, N)
        self.one_hot = np.eye(CLASSES, dtype="float32")[self.classes]
        self.logits = rng.normal(size=(N, CLASSES)).astype("float32")
        self.chosen = self.logits.argmax(-1)
        self.values, self.guesses = rng.normal(size=(2, N, 3)).astype("float32")
        self.weights = rng.integers(1, 5, N).astype("float32")


@pytest.fixture
def data(rng: np.random.Generator) -> Data:
    return Data(rng)


Oracle = Callable[[Data, Any], Any]
CASES: dict[str, tuple[Callable[[], Any], Callable[[Data], tuple[Any, Any]], Oracle]] = {
    "accuracy": (
        metrics.Accuracy,
        lambda d: (d.classes, d.chosen),
        lambda d, w: sk.accuracy_score(d.classes, d.chosen, sample_weight=w),
    ),
    "binary accuracy": (
        metrics.BinaryAccuracy,
        lambda d: (d.y, d.scores[:, None]),
        lambda d, w: sk.accuracy_score(d.y, d.scores > 0.5, sample_weight=w),
    ),
    "binary accuracy at 0.3": (
        lambda: metrics.BinaryAccuracy(threshold=0.3),
        lambda d: (d.y, d.scores),
        lambda d, w: sk.accuracy_score(d.y, d.scores > 0.3, sample_weight=w),
    ),
    "categorical accuracy": (
        metrics.CategoricalAccuracy,
        lambda d: (d.one_hot, d.logits),
        lambda d, w: sk.accuracy_score(d.classes, d.chosen, sample_weight=w),
    ),
    "sparse accuracy": (
        metrics.SparseCategoricalAccuracy,
        lambda d: (d.classes[:, None], d.logits),
        lambda d, w: sk.accuracy_score(d.classes, d.chosen, sample_weight=w),
    ),
    "top 2": (
        lambda: metrics.TopKCategoricalAccuracy(2),
        lambda d: (d.one_hot, d.logits),
        lambda d, w: sk.top_k_accuracy_score(d.classes, d.logits, k=2, sample_weight=w),
    ),
    "sparse top 3": (
        lambda: metrics.SparseTopKCategoricalAccuracy(3),
        lambda d: (d.classes, d.logits),
        lambda d, w: sk.top_k_accuracy_score(d.classes, d.logits, k=3, sample_weight=w),
    ),
    "precision": (
        metrics.Precision,
        lambda d: (d.y, d.scores),
        lambda d, w: sk.precision_score(d.y, d.scores > 0.5, sample_weight=w),
    ),
    "precision, three thresholds": (
        lambda: metrics.Precision([0.8, 0.2, 0.5]),
        lambda d: (d.y, d.scores[:, None]),
        lambda d, w: [sk.precision_score(d.y, d.scores > t, sample_weight=w) for t in (0.8, 0.2, 0.5)],
    ),
    "precision of one class": (
        lambda: metrics.Precision(class_id=2),
        lambda d: (d.columns, d.column_scores),
        lambda d, w: sk.precision_score(d.columns[:, 2], d.column_scores[:, 2] > 0.5, sample_weight=w),
    ),
    "recall": (
        metrics.Recall,
        lambda d: (d.y, d.scores),
        lambda d, w: sk.recall_score(d.y, d.scores > 0.5, sample_weight=w),
    ),
    "recall of the top 2": (
        lambda: metrics.Recall(top_k=2),
        lambda d: (d.one_hot, d.logits),
        lambda d, w: sk.top_k_accuracy_score(d.classes, d.logits, k=2, sample_weight=w),
    ),
    "recall, micro over columns": (
        metrics.Recall,
        lambda d: (d.columns, d.column_scores),
        lambda d, w: sk.recall_score(d.columns, d.column_scores > 0.5, average="micro", sample_weight=w),
    ),
    "false positives": (
        metrics.FalsePositives,
        lambda d: (d.y, d.scores),
        lambda d, w: sk.confusion_matrix(d.y, d.scores > 0.5, sample_weight=w)[0, 1],
    ),
    "true negatives": (
        metrics.TrueNegatives,
        lambda d: (d.y, d.scores),
        lambda d, w: sk.confusion_matrix(d.y, d.scores > 0.5, sample_weight=w)[0, 0],
    ),
    "true positives": (
        metrics.TruePositives,
        lambda d: (d.y, d.scores),
        lambda d, w: sk.confusion_matrix(d.y, d.scores > 0.5, sample_weight=w)[1, 1],
    ),
    "false negatives": (
        metrics.FalseNegatives,
        lambda d: (d.y, d.scores),
        lambda d, w: sk.confusion_matrix(d.y, d.scores > 0.5, sample_weight=w)[1, 0],
    ),
    **{
        f"f1 {average}": (
            lambda average=average: metrics.F1Score(average),
            lambda d: (d.one_hot, d.logits),
            lambda d, w, average=average: sk.f1_score(d.classes, d.chosen, average=average, sample_weight=w),
        )
        for average in (None, "micro", "macro", "weighted")
    },
    "f2 of columns": (
        lambda: metrics.FBetaScore("macro", beta=2.0, threshold=0.5),
        lambda d: (d.columns, d.column_scores),
        lambda d, w: sk.fbeta_score(d.columns, d.column_scores > 0.5, beta=2.0, average="macro", sample_weight=w),
    ),
    "f1 of one column": (
        lambda: metrics.F1Score(threshold=0.5),
        lambda d: (d.y, d.scores),
        lambda d, w: [sk.f1_score(d.y, d.scores > 0.5, sample_weight=w)],
    ),
    "auc": (  # 1001 thresholds part all scores, which have three digits
        lambda: metrics.AUC(thresholds=np.arange(0.0005, 1, 0.001)),
        lambda d: (d.y, d.scores),
        lambda d, w: sk.roc_auc_score(d.y, d.scores, sample_weight=w),
    ),
    "auc of columns": (
        lambda: metrics.AUC(thresholds=np.arange(0.0005, 1, 0.001), multi_label=True),
        lambda d: (d.columns, d.column_scores),
        lambda d, w: sk.roc_auc_score(d.columns, d.column_scores, sample_weight=w),
    ),
    "mse": (
        metrics.MeanSquaredError,
        lambda d: (d.values, d.guesses),
        lambda d, w: sk.mean_squared_error(*map(np.float64, (d.values, d.guesses)), sample_weight=w),
    ),
    "rmse": (
        metrics.RootMeanSquaredError,
        lambda d: (d.values, d.guesses),
        lambda d, w: sk.mean_squared_error(*map(np.float64, (d.values, d.guesses)), sample_weight=w) ** 0.5,
    ),
    "mae": (
        metrics.MeanAbsoluteError,
        lambda d: (d.values, d.guesses),
        lambda d, w: sk.mean_absolute_error(*map(np.float64, (d.values, d.guesses)), sample_weight=w),
    ),
    "bce": (
        metrics.BinaryCrossentropy,
        lambda d: (d.y, np.clip(d.scores, 0.001, 0.999)),
        lambda d, w: sk.log_loss(d.y, np.float64(np.clip(d.scores, 0.001, 0.999)), sample_weight=w),
    ),
    "cce": (
        lambda: metrics.CategoricalCrossentropy(from_logits=True),
        lambda d: (d.one_hot, d.logits),
        lambda d, w: sk.log_loss(d.classes, softmax(d.logits), sample_weight=w),
    ),
    "scce": (
        lambda: metrics.SparseCategoricalCrossentropy(from_logits=True),
        lambda d: (d.classes, d.logits),
        lambda d, w: sk.log_loss(d.classes, softmax(d.logits), sample_weight=w),
    ),
}


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(np.float64(z))
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize(("weighted", "compiled"), [(False, False), (True, True)], ids=["eager", "weighted, compiled"])
@pytest.mark.parametrize("name", CASES)
def test_equals_sklearn(name: str, weighted: bool, compiled: bool, data: Data) -> None:
    make, inputs, oracle = CASES[name]
    metric = make()
    update = lamina.compile(metric.update_state) if compiled else metric.update_state
    y, p = inputs(data)
    for rows in BATCHES:
        update(y[rows], p[rows], data.weights[rows] if weighted else None)
    wanted = oracle(data, data.weights if weighted else None)
    np.testing.assert_allclose(metric.result().numpy(), wanted, rtol=3e-7)
    first = metric.result().numpy()
    metric.reset_state()
    assert all((v.numpy() == 0).all() for v in metric.variables)
    for rows in BATCHES[::-1]:
        update(y[rows], p[rows], data.weights[rows] if weighted else None)
    np.testing.assert_allclose(metric.result().numpy(), first, rtol=3e-7)


def test_pr_area_is_close_to_average_precision(rng: np.random.Generator) -> None:
    y = rng.integers(0, 2, 5000)
    scores = np.clip(rng.normal(0.4 + 0.2 * y, 0.15), 0, 1).astype("float32")
    areas = {m: metrics.AUC(1000, "PR", m)(y, scores).item() for m in ("minoring", "interpolation", "majoring")}
    assert areas["minoring"] < areas["interpolation"] < areas["majoring"]
    assert areas["interpolation"] == pytest.approx(sk.average_precision_score(y, scores), abs=2e-3)


def test_pr_interpolation_is_the_integral(rng: np.random.Generator) -> None:
    """Davis and Goadrich: between two points, true and false positives change in proportion."""
    y, scores = rng.integers(0, 2, 200), rng.uniform(size=200).astype("float32")
    metric = metrics.AUC(5, "PR")
    area = metric(y, scores).item()
    limits = np.array(metric.thresholds)
    tp, fp = (np.array([((scores > t) & (y == k)).sum() for t in limits], float) for k in (1, 0))
    wanted = 0.0
    for i in range(len(limits) - 1):
        s = np.linspace(0, 1, 20001)
        a, b = tp[i + 1] + s * (tp[i] - tp[i + 1]), fp[i + 1] + s * (fp[i] - fp[i + 1])
        precision = np.divide(a, a + b, out=np.full_like(a, np.nan), where=a + b > 0)
        precision[0] = precision[1] if np.isnan(precision[0]) else precision[0]
        wanted += np.trapezoid(precision, a / y.sum())
    assert area == pytest.approx(wanted, rel=1e-4)


def test_roc_sums_enclose_the_area(rng: np.random.Generator) -> None:
    y, scores = rng.integers(0, 2, 500), rng.uniform(size=500).astype("float32")
    low, mid, high = (
        metrics.AUC(20, summation_method=m)(y, scores).item() for m in ("minoring", "interpolation", "majoring")
    )
    assert low < mid < high and mid == pytest.approx((low + high) / 2, rel=1e-5)
    assert mid == pytest.approx(sk.roc_auc_score(y, scores), abs=0.01)


def test_auc_of_logits_and_weights_of_labels(data: Data) -> None:
    probabilities = 1 / (1 + np.exp(-data.logits))
    a = metrics.AUC(multi_label=True, from_logits=True, label_weights=[1, 0, 0, 3])(data.columns, data.logits).item()
    one, other = (metrics.AUC()(data.columns[:, i], probabilities[:, i]).item() for i in (0, 3))
    assert a == pytest.approx((one + 3 * other) / 4, rel=1e-6)
