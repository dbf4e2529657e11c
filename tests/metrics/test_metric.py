"""The state of metrics: in loops, compiled, lazily built; names, configs, refusals, and what "accuracy" means."""

import logging
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import Tensor, Variable, losses, metrics
from lamina.core import ArgumentError, ShapeError, UnknownNameError, functional
from lamina.metrics import resolve_accuracy

WITH_ARGUMENTS = {"PrecisionAtRecall", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity"}
OVERLAPS = {"IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"}  # they need the number of classes
ABSTRACT = {"Metric", "MeanMetricWrapper", *WITH_ARGUMENTS, *OVERLAPS}
CLASSES = [name for name in metrics.__all__ if name[0].isupper() and name not in ABSTRACT]


def test_update_inside_a_loop_of_the_program() -> None:
    metric = metrics.Precision([0.3, 0.6])
    step = functional(metric.update_state, metric.variables)
    y, p = jnp.array([[0, 1, 1], [1, 0, 1]]), jnp.array([[0.5, 0.7, 0.1], [0.2, 0.4, 0.9]])
    values = [v.array for v in metric.variables]
    looped = jax.lax.fori_loop(0, 2, lambda i, values: step(values, y[i], p[i])[1], values)
    for row in range(2):
        metric.update_state(y[row], p[row])
    assert [v.tolist() for v in looped] == [v.tolist() for v in metric.variables]
    assert metric.result().tolist() == pytest.approx([0.5, 1.0])


def test_state_that_is_made_inside_a_program() -> None:
    metric = metrics.F1Score("micro")
    update = lamina.compile(metric.update_state)
    assert metric.variables == []
    for _ in range(2):
        update(np.eye(3, dtype="float32"), np.eye(3, dtype="float32"))
    assert metric.result().item() == 1.0 and len(update.compilations) == 1
    other = metrics.F1Score("micro")
    other.build((None, 3))
    assert [(v.path, v.shape) for v in other.variables] == [(v.path, v.shape) for v in metric.variables]


def test_no_history_is_kept() -> None:
    w = Variable([1.0, 2.0])
    for metric in (metrics.MeanSquaredError(), metrics.Mean(), metrics.Recall()):
        metric([0.0, 1.0], w * 2.0) if metric.name != "mean" else metric(w * 2.0)
        assert not any(v.requires_grad for v in metric.variables)
        assert not metric.result().requires_grad


def test_mean_and_sum() -> None:
    mean, total = metrics.Mean(), metrics.Sum()
    assert mean.result().item() == 0.0
    for values, weights in (([1.0, 3.0], None), (5.0, None), ([[1.0, 2.0], [3.0, 4.0]], [1.0, 0.5])):
        mean.update_state(values, weights)
        total.update_state(values, weights)
    assert total.result().item() == 9 + 3 + 3.5
    assert mean.result().item() == pytest.approx(15.5 / 6)


def test_a_result_is_a_value_and_not_the_state() -> None:
    total = metrics.Sum()
    before = total([1.0])
    total.update_state([2.0])
    assert before.item() == 1.0


def test_sixteen_bit_predictions_are_counted_exactly() -> None:
    metric = metrics.BinaryAccuracy()
    for _ in range(10):
        metric.update_state(np.ones(400), Tensor(np.ones(400), "bfloat16"))
    metric.update_state(np.ones(3), Tensor(np.zeros(3), "bfloat16"))
    assert metric.count.item() == 4003 and metric.total.item() == 4000


def test_top_k_with_ties_and_nan() -> None:
    scores = np.array([[0.5, 0.5, 0.1], [np.nan, 0.1, 0.2]], "float32")
    assert metrics.sparse_top_k_categorical_accuracy([1, 0], scores, k=1).tolist() == [1.0, 0.0]


def test_ignored_class(rng: np.random.Generator) -> None:
    labels, z, w = np.array([0, 2, 1]), rng.normal(size=(3, 3)).astype("float32"), np.array([1.0, 5.0, 2.0])
    metric = metrics.SparseCategoricalCrossentropy(from_logits=True, ignore_class=2)
    loss = losses.SparseCategoricalCrossentropy(True, reduction="mean_with_sample_weight")
    assert metric(labels, z, w).item() == pytest.approx(loss(labels[[0, 2]], z[[0, 2]], w[[0, 2]]).item(), rel=1e-6)


PAIRED = ["MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError"]
PAIRED += ["Poisson", "KLDivergence", "Hinge", "SquaredHinge", "CategoricalHinge", "BinaryCrossentropy"]


@pytest.mark.parametrize("name", [*PAIRED, "CategoricalCrossentropy"])
def test_equals_the_loss_of_the_same_name(name: str, rng: np.random.Generator) -> None:
    y, p = rng.integers(0, 2, (6, 4)).astype("float32"), rng.uniform(0.1, 0.9, (6, 4)).astype("float32")
    metric = metrics.get(name)
    for rows in (slice(0, 2), slice(2, 6)):
        metric.update_state(y[rows], p[rows])
    assert metric.result().item() == pytest.approx(losses.get(name)(y, p).item(), rel=1e-6)


def test_signs_of_cosine_similarity() -> None:
    y, p = [[0.0, 1.0]], [[3.0, 4.0]]
    assert metrics.get("cosine_similarity")(y, p).item() == -losses.get("cosine_similarity")(y, p).item() > 0


def test_log_cosh_error() -> None:
    assert metrics.LogCoshError()([0.0], [3.0]).item() == pytest.approx(np.log(np.cosh(3.0)), rel=1e-6)


@pytest.mark.parametrize("name", sorted(WITH_ARGUMENTS))
def test_best_value_where_another_is_good_enough(name: str, rng: np.random.Generator) -> None:
    y, p = rng.integers(0, 2, 80), rng.uniform(size=80).astype("float32")
    metric = getattr(metrics, name)(0.6, num_thresholds=20)
    metric = metrics.get(metrics.serialize(metric))
    best = 0.0
    for t in np.linspace(0, 1, 20):
        counts = [((p > t) == said) & (y == true) for said, true in ((1, 1), (1, 0), (0, 0), (0, 1))]
        tp, fp, tn, fn = (c.sum() for c in counts)
        values = {"Recall": (tp, fn), "Precision": (tp, fp), "Sensitivity": (tp, fn), "Specificity": (tn, fp)}
        wanted, given = (values[part][0] / max(1, sum(values[part])) for part in name.split("At"))
        best = max(best, wanted if given >= 0.6 else 0.0)
    assert 0 < best < 1 and metric(y, p).item() == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("name", CLASSES)
def test_names_and_config(name: str) -> None:
    metric = metrics.get(name)
    again = metrics.get(metrics.serialize(metric))
    assert type(again) is type(metric) and again.get_config() == metric.get_config()
    assert metrics.get(metric.name).name == metric.name


SHORT = "mse MSE rmse RMSE mae MAE mape msle bce cce scce kld accuracy auc AUC f1_score"


@pytest.mark.parametrize("short", SHORT.split())
def test_short_names(short: str) -> None:
    assert isinstance(metrics.get(short), metrics.Metric)


def test_functions_are_wrapped() -> None:
    metric = metrics.get(metrics.binary_accuracy)
    assert metric.name == "binary_accuracy" and metric([1, 0], [0.9, 0.9]).item() == 0.5
    assert metrics.get(metrics.serialize(metric))([1, 0], [0.9, 0.9]).item() == 0.5


@pytest.mark.parametrize(
    ("loss", "target", "output", "logits", "kind"),
    [
        ("binary_crossentropy", (None,), (None, 1), False, "BinaryAccuracy"),
        ("binary_crossentropy", (None, 1), (None, 1), True, "BinaryAccuracy"),
        ("binary_crossentropy", (None, 5), (None, 5), False, "BinaryAccuracy"),
        ("mean_squared_error", (None,), (None,), False, "BinaryAccuracy"),
        ("sparse_categorical_crossentropy", (None,), (None, 10), True, "SparseCategoricalAccuracy"),
        ("sparse_categorical_crossentropy", (None, 1), (None, 10), True, "SparseCategoricalAccuracy"),
        ("sparse_categorical_crossentropy", (None, 7), (None, 7, 10), True, "SparseCategoricalAccuracy"),
        ("categorical_crossentropy", (None, 10), (None, 10), False, "CategoricalAccuracy"),
        ("mean_squared_error", (None, 10), (None, 10), False, "CategoricalAccuracy"),
    ],
)
def test_what_accuracy_means(
    loss: str, target: Any, output: Any, logits: bool, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "lamina.metrics"):
        chosen = resolve_accuracy(loss, target, output, logits)
    assert type(chosen).__name__ == kind and chosen.name == "accuracy"
    assert f"'accuracy' is {kind}, for loss {loss}" in caplog.text
    if kind == "BinaryAccuracy":
        assert chosen.threshold == (0.0 if logits else 0.5)


def test_refusals() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'accuracy'"):
        metrics.get("acuracy")
    with pytest.raises(ArgumentError, match="swap"):
        metrics.get(losses.MeanSquaredError())
    with pytest.raises(ArgumentError, match="AUC: curve must be known.*received 'roc'"):
        metrics.AUC(curve="roc")
    with pytest.raises(ArgumentError, match="num_thresholds >= 2"):
        metrics.AUC(1)
    with pytest.raises(ArgumentError, match="PrecisionAtRecall.*share in .0, 1.*received 2"):
        metrics.PrecisionAtRecall(2)
    with pytest.raises(ArgumentError, match="Recall: thresholds"):
        metrics.Recall([0.1, float("nan")])
    with pytest.raises(ArgumentError, match="F1Score: average"):
        metrics.F1Score("mean")
    with pytest.raises(ArgumentError, match="FBetaScore: beta"):
        metrics.FBetaScore(beta=0)
    for name in ("Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "Precision", "F1Score", "AUC", "mse"):
        with pytest.raises(ShapeError, match="labels and predictions have one shape"):
            metrics.get(name)(np.ones((4, 2)), np.ones((4, 3)))
    with pytest.raises(ShapeError, match="labels"):
        metrics.SparseCategoricalAccuracy()(np.ones((4, 3), int), np.ones((4, 3)))
    with pytest.raises(ShapeError, match="each sample has one weight"):
        metrics.Recall()(np.ones(4), np.ones(4), np.ones(3))
