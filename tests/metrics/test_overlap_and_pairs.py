"""The IoU family, the confusion matrix, R² and correlations beyond what the comparison with Keras covers."""

from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

import lamina
from lamina import metrics
from lamina.core import ArgumentError, ShapeError

BATCHES = [slice(0, 25), slice(25, 50), slice(50, 60)]
N, C = 60, 4


def streamed(metric: Any, y: Any, p: Any, weights: Any = None, compiled: bool = True) -> np.ndarray:
    update = lamina.compile(metric.update_state) if compiled else metric.update_state
    for rows in BATCHES:
        update(y[rows], p[rows], None if weights is None else weights[rows])
    assert not compiled or len(update.compilations) == 2  # for the full batch and the ragged last one
    return metric.result().numpy()


@pytest.fixture
def weights(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(0, 3, N).astype("float32")


@pytest.fixture
def labels(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, C, N).astype("int32")


@pytest.fixture
def scores(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(N, C)).astype("float32")


@pytest.mark.parametrize("normalize", [None, "true", "pred", "all"])
@pytest.mark.parametrize("weighted", [False, True])
def test_confusion_matrix_is_sklearns(
    normalize: str | None, weighted: bool, labels: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> None:
    w = weights if weighted else None
    chosen = scores.argmax(-1).astype("int32")
    expected = sk.confusion_matrix(labels, chosen, sample_weight=w, normalize=normalize)
    for y, p, classes in (
        (labels, scores, None), (labels[:, None], scores, C), (np.eye(C)[labels], scores, None), (labels, chosen, C),
    ):  # fmt: skip
        found = streamed(metrics.ConfusionMatrix(classes, normalize), y, p, w, compiled=p is scores)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


def test_confusion_matrix_of_one_output_and_of_pixels(rng: np.random.Generator) -> None:
    y, p = rng.integers(0, 2, N), rng.uniform(size=N).astype("float32")
    expected = sk.confusion_matrix(y, p > 0.5)
    for labels, predictions in ((y, p), (y[:, None], p[:, None]), (y, p[:, None]), (y[:, None], p)):
        assert metrics.ConfusionMatrix()(labels, predictions).tolist() == expected.tolist()
    pixels, guesses = rng.integers(0, 3, (2, 5, 6, 6))
    matrix = metrics.ConfusionMatrix(3, ignore_class=1)(pixels, guesses).numpy()
    expected = sk.confusion_matrix(pixels.ravel(), guesses.ravel())
    expected[1] = 0
    assert matrix.tolist() == expected.tolist()


def test_confusion_matrix_leaves_out_what_is_no_class() -> None:
    assert metrics.ConfusionMatrix(2)([0, -1, 7, 1], [0, 1, 1, 5]).tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert metrics.ConfusionMatrix(2, "true")([0], [1]).tolist() == [[0.0, 1.0], [0.0, 0.0]]
    with pytest.raises(ArgumentError, match="class numbers do not tell.*Pass num_classes"):
        metrics.ConfusionMatrix()([0], [1])
    with pytest.raises(ArgumentError, match="normalize"):
        metrics.ConfusionMatrix(normalize="rows")
    with pytest.raises(ShapeError, match="labels"):
        metrics.ConfusionMatrix()([0, 1, 2], [[0.1, 0.9]])


@pytest.mark.parametrize("weighted", [False, True])
def test_iou_is_sklearns_jaccard(weighted: bool, labels: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> None:
    w = weights if weighted else None
    chosen = scores.argmax(-1).astype("int32")
    each = sk.jaccard_score(labels, chosen, average=None, sample_weight=w)
    assert streamed(metrics.MeanIoU(C), labels, chosen, w) == pytest.approx(each.mean(), rel=1e-6)
    assert streamed(metrics.IoU(C, [2]), labels, chosen, w) == pytest.approx(each[2], rel=1e-6)
    found = streamed(metrics.OneHotMeanIoU(C), np.eye(C, dtype="float32")[labels], scores, w)
    assert found == pytest.approx(each.mean(), rel=1e-6)


def test_iou_of_pictures_with_a_weight_each(rng: np.random.Generator) -> None:
    y, p = rng.integers(0, 3, (2, 4, 8, 8))
    w = np.array([1.0, 0.0, 2.5, 0.5])
    expected = sk.jaccard_score(y.ravel(), p.ravel(), average="macro", sample_weight=np.repeat(w, 64))
    assert metrics.MeanIoU(3)(y, p, w).item() == pytest.approx(expected, rel=1e-6)
    in_front = np.moveaxis(np.eye(3)[y], -1, 1)
    assert metrics.OneHotMeanIoU(3, axis=1)(in_front, np.moveaxis(np.eye(3)[p], -1, 1), w).item() == pytest.approx(
        expected, rel=1e-6
    )


def test_iou_without_any_class() -> None:
    assert metrics.MeanIoU(3).result().item() == 0.0
    assert metrics.IoU(3, [2])([0, 1], [0, 1]).item() == 0.0
    assert metrics.MeanIoU(3)([0, 1], [0, 1]).item() == 1.0
    for ids in ([3], [-1], []):
        with pytest.raises(ArgumentError, match="IoU: target_class_ids name classes. Expected numbers from 0 to 2"):
            metrics.IoU(3, ids)
    with pytest.raises(ShapeError):
        metrics.MeanIoU(3)([0, 1, 2], [0, 1])


@pytest.mark.parametrize("name", ["IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"])
def test_config(name: str) -> None:
    wanted = {"target_class_ids": (0, 2)} if "Mean" not in name else {}
    metric = getattr(metrics, name)(3, **wanted, ignore_class=1, axis=1)
    again = metrics.get(metrics.serialize(metric))
    assert type(again) is type(metric) and again.get_config() == metric.get_config() and again.ignore_class == 1


@pytest.mark.parametrize("offset", [0.0, 3000.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_r2_is_sklearns(offset: float, weighted: bool, rng: np.random.Generator, weights: np.ndarray) -> None:
    """Also with labels far from 0, where sums of squares in float32 would leave nothing of the spread."""
    y = (rng.normal(size=(N, 3)) * [1, 2, 4] + offset).astype("float32")
    p = (y + rng.normal(size=(N, 3))).astype("float32")
    w = weights if weighted else None
    names = {None: "raw_values", "uniform_average": "uniform_average", "variance_weighted_average": "variance_weighted"}
    for ours, theirs in names.items():
        expected = sk.r2_score(y.astype(float), p.astype(float), sample_weight=w, multioutput=theirs)
        np.testing.assert_allclose(streamed(metrics.R2Score(ours), y, p, w), expected, rtol=1e-5, atol=1e-5)


def test_r2_adjusted_and_at_the_edges(rng: np.random.Generator) -> None:
    y, p = rng.normal(size=(2, N)).astype("float32")
    plain, adjusted = streamed(metrics.R2Score(), y, p), streamed(metrics.R2Score(num_regressors=4), y, p)
    assert adjusted == pytest.approx(1 - (1 - plain) * (N - 1) / (N - 5), rel=1e-5)
    assert metrics.R2Score(num_regressors=2)(y[:3], p[:3]).item() == metrics.R2Score()(y[:3], p[:3]).item()
    assert metrics.R2Score().result().item() == 0.0
    for predictions in ([2.0, 2.0], [2.0, 3.0]):
        assert metrics.R2Score()([2.0, 2.0], predictions).item() == sk.r2_score([2.0, 2.0], predictions)
    with pytest.raises(ArgumentError, match="R2Score: class_aggregation"):
        metrics.R2Score("mean")
    with pytest.raises(ArgumentError, match="R2Score: num_regressors"):
        metrics.R2Score(num_regressors=-1)


def test_correlations_against_scipy_and_the_formula(rng: np.random.Generator, weights: np.ndarray) -> None:
    y = rng.normal(size=(N, 7)).astype("float32")
    p = (0.5 * y + rng.normal(size=y.shape) + 2).astype("float32")
    pearson = [stats.pearsonr(*rows).statistic for rows in zip(y, p, strict=True)]
    concordance = [
        2 * np.mean((a - a.mean()) * (b - b.mean())) / (a.var() + b.var() + (a.mean() - b.mean()) ** 2)
        for a, b in zip(y.astype(float), p.astype(float), strict=True)
    ]
    for metric, each in ((metrics.PearsonCorrelation, pearson), (metrics.ConcordanceCorrelation, concordance)):
        assert streamed(metric(), y, p) == pytest.approx(np.mean(each), rel=1e-5)
        assert streamed(metric(), y, p, weights) == pytest.approx(np.average(each, weights=weights), rel=1e-5)
        assert metric()(y, y).item() == pytest.approx(1, abs=1e-6)
    assert metrics.PearsonCorrelation()(y, 3 - 2 * y).item() == pytest.approx(-1, abs=1e-6)
    assert metrics.ConcordanceCorrelation()(y, 3 - 2 * y).item() > -0.9
    for metric in (metrics.PearsonCorrelation(), metrics.ConcordanceCorrelation()):
        with pytest.raises(ShapeError, match="a correlation is one of several numbers"):
            metric([[1.0], [2.0]], [[1.0], [2.0]])
