"""Ranking metrics, average precision, calibration and perplexity against scikit-learn and loops from the formulas."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

import lamina
from lamina import metrics
from lamina.core import ArgumentError, ShapeError

BATCHES = [slice(0, 25), slice(25, 50), slice(50, 60)]
N, C = 60, 8


def streamed(metric: Any, y: Any, p: Any, weights: Any = None) -> float:
    update = lamina.compile(metric.update_state)
    for rows in BATCHES:
        update(y[rows], p[rows], None if weights is None else weights[rows])
    assert len(update.compilations) == 2  # for the full batch and the ragged last one
    return metric.result().item()


def scores_of(rng: np.random.Generator, tied: bool) -> np.ndarray:
    return rng.integers(0, 4, (N, C)).astype("float32") if tied else rng.normal(size=(N, C)).astype("float32")


@pytest.mark.parametrize("k", [None, 1, 3, 20])
@pytest.mark.parametrize("tied", [False, True])
def test_ndcg_is_sklearns(k: int | None, tied: bool, rng: np.random.Generator) -> None:
    y, p, w = rng.integers(0, 4, (N, C)), scores_of(rng, tied), rng.uniform(0, 3, N).astype("float32")
    y[5] = 0
    assert streamed(metrics.NDCG(k), y, p) == pytest.approx(sk.ndcg_score(y, p, k=k), rel=1e-6)
    assert streamed(metrics.NDCG(k), y, p, w) == pytest.approx(sk.ndcg_score(y, p, k=k, sample_weight=w), rel=1e-6)


def first_place(relevance: np.ndarray, scores: np.ndarray) -> float:
    """By sorting, what is not relevant first where scores are equal."""
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], relevance[i] > 0))
    return next((place for place, i in enumerate(order, 1) if relevance[i] > 0), np.inf)


@pytest.mark.parametrize("k", [None, 1, 3])
@pytest.mark.parametrize("tied", [False, True])
def test_hits_and_reciprocal_ranks_by_sorting(k: int | None, tied: bool, rng: np.random.Generator) -> None:
    y, p, w = rng.integers(0, 5, (N, C)) // 3, scores_of(rng, tied), rng.uniform(0, 3, N).astype("float32")
    y[3:6] = 0
    ranks = np.array([first_place(*rows) for rows in zip(y, p, strict=True)])
    hits = ranks <= (k or C)
    assert np.isinf(ranks).any() and (k is None or 0 < hits.mean() < 1)
    for metric, each in ((metrics.HitRate, hits), (metrics.MeanReciprocalRank, hits / ranks)):
        assert streamed(metric(k), y, p) == pytest.approx(each.mean(), rel=1e-6)
        assert streamed(metric(k), y, p, w) == pytest.approx(np.average(each, weights=w), rel=1e-6)


@pytest.mark.parametrize("metric", [metrics.HitRate, metrics.MeanReciprocalRank, metrics.NDCG])
def test_one_relevant_item_by_number(metric: Callable[[int], Any], rng: np.random.Generator) -> None:
    y, p = rng.integers(0, C, N), scores_of(rng, tied=False)
    expected = streamed(metric(3), np.eye(C)[y], p)
    assert streamed(metric(3), y, p) == streamed(metric(3), y[:, None], p) == expected
    assert metrics.HitRate(3)(y, p).item() == metrics.SparseTopKCategoricalAccuracy(3)(y, p).item()
    with pytest.raises(ShapeError):
        metric(3)(np.ones((4, 3)), np.ones((4, 5)))
    with pytest.raises(ArgumentError, match="k is how many places count. Expected k >= 1, received 0"):
        metric(0)


def test_equal_or_missing_scores_earn_nothing() -> None:
    for scores in (np.zeros((1, 5)), np.full((1, 5), np.nan)):
        assert metrics.HitRate(k=4)([2], scores).item() == 0.0
        assert metrics.MeanReciprocalRank()([2], scores).item() == pytest.approx(0.2)


PARTING = np.arange(0.0005, 1, 0.001)  # parts all scores of three digits


@pytest.mark.parametrize("weighted", [False, True])
def test_mean_average_precision_is_sklearns(weighted: bool, rng: np.random.Generator) -> None:
    y = rng.integers(0, 2, (N, 4))
    p = np.clip(rng.uniform(size=(N, 4)) + 0.2 * y, 0, 1).round(3).astype("float32")
    w = rng.integers(1, 5, N).astype("float32") if weighted else None
    each = sk.average_precision_score(y, p, average=None, sample_weight=w)
    assert streamed(metrics.MeanAveragePrecision(thresholds=PARTING), y, p, w) == pytest.approx(each.mean(), rel=1e-6)
    found = streamed(metrics.MeanAveragePrecision(thresholds=PARTING, label_weights=[0, 3, 1, 0]), y, p, w)
    assert found == pytest.approx((3 * each[1] + each[2]) / 4, rel=1e-6)
    lone = streamed(metrics.MeanAveragePrecision(thresholds=PARTING), y[:, 0], p[:, 0], w)
    assert lone == pytest.approx(each[0], rel=1e-6)


@pytest.mark.parametrize("spread", [0.5, 3.0, 5.0])
def test_default_thresholds_part_sure_scores_too(spread: float, rng: np.random.Generator) -> None:
    """Of scores squeezed against 0 and 1, where 200 even thresholds are off by 0.05, as well as near the middle."""
    y = rng.uniform(size=(1500, 2)) < 0.1
    logits = (spread * (2.0 * y - 1 + rng.normal(size=y.shape))).astype("float32")
    expected = sk.average_precision_score(y, logits)
    assert metrics.MeanAveragePrecision(from_logits=True)(y, logits).item() == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("spread", [0.3, 3.0, 5.0])
@pytest.mark.parametrize("thresholds", [10, 100, 1000])
def test_the_exact_average_precision_lies_within_the_bounds(thresholds: int, spread: float) -> None:
    rng = np.random.default_rng(thresholds)
    y = rng.integers(0, 2, (400, 3))
    logits = (spread * rng.normal(size=(400, 3)) + y).astype("float32")
    metric = metrics.MeanAveragePrecision(thresholds, from_logits=True)
    for i in range(0, 400, 130):
        metric.update_state(y[i : i + 130], logits[i : i + 130])
    low, high = (bound.item() for bound in metric.bounds())
    exact = sk.average_precision_score(y, logits)
    assert low - 1e-6 <= exact <= high + 1e-6 and low <= metric.result().item() <= high
    assert high - low < {10: 0.9, 100: 0.2, 1000: 0.03}[thresholds]  # and they come together
    if thresholds == 1000:
        assert metric.result().item() == pytest.approx(exact, abs=0.007)


def test_bounds_hold_with_weights_and_at_the_edges(rng: np.random.Generator) -> None:
    y, p, w = rng.integers(0, 2, 200), rng.uniform(0, 1, 200), rng.uniform(0.01, 1, 200)
    metric = metrics.MeanAveragePrecision(20)
    assert [bound.item() for bound in metric.bounds()] == [0.0, 1.0]
    metric.update_state(y, p, w)
    low, high = (bound.item() for bound in metric.bounds())
    assert low <= sk.average_precision_score(y, p, sample_weight=w) <= high
    alone = metrics.MeanAveragePrecision()
    alone.update_state([0, 0], [0.1, 0.9])  # no positive sample
    assert [bound.item() for bound in alone.bounds()] == [0.0, 0.0]


def test_average_precision_at_the_edges() -> None:
    metric = metrics.get("mAP")
    assert metric.result().item() == 0.0
    assert metric([[0, 1], [0, 1]], [[0.4, 0.3], [0.2, 0.9]]).item() == 0.5  # no sample of the first class
    with pytest.raises(ArgumentError, match="MeanAveragePrecision: a curve has two ends"):
        metrics.MeanAveragePrecision(1)


def calibration_error(hit: np.ndarray, sure: np.ndarray, w: np.ndarray, bins: int) -> float:
    """The formula of Guo et al., bin by bin."""
    error = 0.0
    for b in range(bins):
        inside = (sure > b / bins) & (sure <= (b + 1) / bins)
        if w[inside].sum():
            accuracy, confidence = (np.average(x[inside], weights=w[inside]) for x in (hit, sure))
            error += w[inside].sum() / w.sum() * abs(accuracy - confidence)
    return error


@pytest.mark.parametrize("bins", [1, 10, 15])
@pytest.mark.parametrize("weighted", [False, True])
def test_calibration_error_by_the_formula(bins: int, weighted: bool, rng: np.random.Generator) -> None:
    y, logits = rng.integers(0, C, N), 2 * rng.normal(size=(N, C)).astype("float32")
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    w = rng.uniform(0, 3, N).astype("float32") if weighted else np.ones(N, "float32")
    expected = calibration_error(p.argmax(-1) == y, p.max(-1).astype(float), w.astype(float), bins)
    given = w if weighted else None
    assert 0.05 < expected and streamed(metrics.ExpectedCalibrationError(bins), y, p, given) == pytest.approx(
        expected, rel=1e-5
    )
    for labels in (y[:, None], np.eye(C)[y]):
        metric = metrics.ExpectedCalibrationError(bins, from_logits=True)
        assert streamed(metric, labels, logits, given) == pytest.approx(expected, rel=1e-5)


def test_calibration_error_of_one_output(rng: np.random.Generator) -> None:
    y, logits = rng.integers(0, 2, N), rng.normal(size=N).astype("float32")
    p = 1 / (1 + np.exp(-logits))
    expected = calibration_error((p > 0.5) == y, np.maximum(p, 1 - p).astype(float), np.ones(N), 15)
    assert streamed(metrics.ExpectedCalibrationError(), y, p) == pytest.approx(expected, rel=1e-5)
    metric = metrics.ExpectedCalibrationError(from_logits=True)
    assert streamed(metric, y[:, None], logits[:, None]) == pytest.approx(expected, rel=1e-5)


def test_a_calibrated_model_has_a_small_error(rng: np.random.Generator) -> None:
    p = rng.uniform(size=20000).astype("float32")
    y = rng.uniform(size=p.size) < p
    assert metrics.ExpectedCalibrationError()(y, p).item() < 0.02
    assert metrics.ExpectedCalibrationError()(y, (p > 0.5) * 0.98 + 0.01).item() > 0.2
    assert metrics.ExpectedCalibrationError().result().item() == 0.0
    with pytest.raises(ArgumentError, match="num_bins >= 1"):
        metrics.ExpectedCalibrationError(0)


@pytest.mark.parametrize("from_logits", [False, True])
def test_perplexity_of_all_tokens(from_logits: bool, rng: np.random.Generator) -> None:
    y, logits = rng.integers(0, 5, (N, 7)), rng.normal(size=(N, 7, 5)).astype("float32")
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    surprise = -np.log(np.take_along_axis(p, y[..., None], -1)[..., 0].astype(float))
    given = logits if from_logits else p
    assert streamed(metrics.Perplexity(from_logits=from_logits), y, given) == pytest.approx(
        np.exp(surprise.mean()), rel=1e-5
    )
    found = streamed(metrics.Perplexity(from_logits=from_logits, ignore_class=0), y, given)
    assert found == pytest.approx(np.exp(surprise[y != 0].mean()), rel=1e-5)
    w = rng.uniform(0, 3, N).astype("float32")
    expected = np.exp(np.average(surprise.mean(-1), weights=w))
    assert streamed(metrics.Perplexity(from_logits=from_logits), y, given, w) == pytest.approx(expected, rel=1e-5)


NAMED = ["confusion_matrix", "ece", "perplexity", "mrr", "ndcg", "hit_rate", "precision", "mean_average_precision"]


def test_in_a_fit_by_name_with_a_ragged_last_batch(rng: np.random.Generator) -> None:
    """The validation values are those of all rows at once."""
    x, y = rng.normal(size=(22, 5)).astype("float32"), rng.integers(0, 3, 22).astype("int32")
    model = lamina.Sequential([lamina.layers.Dense(3, activation="softmax")])
    sparse = [name for name in NAMED if name not in ("precision", "mean_average_precision")]
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=sparse)
    model.fit(x, y, epochs=2, batch_size=8, verbose=0)
    found = model.evaluate(x, y, batch_size=8, verbose=0, return_dict=True)
    assert np.shape(found["confusion_matrix"]) == (3, 3) and np.sum(found["confusion_matrix"]) == 22
    for name in sparse:
        np.testing.assert_allclose(found[name], metrics.get(name)(y, model.predict(x, verbose=0)).numpy(), rtol=1e-5)
    one_hot = np.eye(3, dtype="float32")[y]
    dense = ["mean_average_precision", "r2_score", "pearson_correlation", metrics.Recall(average="macro", top_k=1)]
    model.compile("sgd", "categorical_crossentropy", metrics=dense)
    found = model.evaluate(x, one_hot, batch_size=8, verbose=0, return_dict=True)
    for name, metric in zip(
        ["mean_average_precision", "r2_score", "pearson_correlation", "recall"], dense, strict=True
    ):
        again = metrics.get(metric if isinstance(metric, str) else metrics.serialize(metric))
        np.testing.assert_allclose(
            found[name], again(one_hot, model.predict(x, verbose=0)).numpy(), rtol=1e-5, atol=1e-6
        )
