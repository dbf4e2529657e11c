"""Losses whose labels are smaller than the predictions: Gaussian likelihood, several quantiles, generalised entropy."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss

import lamina
from lamina import Tensor, losses
from lamina.core import ArgumentError, ShapeError


def normal_density(y: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    return np.exp(-((y - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("shape", [(6, 2), (3, 5, 1)])
def test_gaussian_is_minus_log_of_the_density(log: bool, shape: Any, rng: np.random.Generator, x64: None) -> None:
    y, mean, variance = rng.normal(size=shape), rng.normal(size=shape), rng.uniform(0.1, 3, shape)
    p = np.concatenate([mean, np.log(variance) if log else variance], -1)
    wanted = -np.log(normal_density(y, mean, variance)).mean(-1)
    y_, p_ = Tensor(y, "float64"), Tensor(p, "float64")
    np.testing.assert_allclose(losses.gaussian_nll(y_, p_, log, full=True).numpy(), wanted, rtol=1e-9)
    without = losses.GaussianNLL(log, reduction="none")(y_, p_).numpy()
    np.testing.assert_allclose(without, wanted - math.log(2 * math.pi) / 2, rtol=1e-9)
    lamina.gradcheck(lambda p: losses.GaussianNLL(log)(y_, p), p)


def test_gaussian_labels_may_lack_the_last_axis() -> None:
    p = [[0.0, 0.0], [1.0, 1.0]]
    assert losses.GaussianNLL()([1.0, 2.0], p).item() == losses.GaussianNLL()([[1.0], [2.0]], p).item()


def test_a_variance_below_the_smallest_can_rise_again() -> None:
    for log, low in ((True, -50.0), (False, -1.0)):
        loss = losses.GaussianNLL(log, epsilon=1e-2)
        assert loss([[0.3]], [[0.0, low]]).item() == pytest.approx((math.log(1e-2) + 9) / 2, rel=1e-5)
        assert lamina.grad(lambda p, loss=loss: loss([[0.3]], p))([[0.0, low]]).numpy()[0, 1] < 0


def test_gaussian_minimum_is_the_variance_of_the_residuals(rng: np.random.Generator) -> None:
    y = rng.normal(size=(200, 1)).astype("float32") * 3
    best = np.tile([y.mean(), np.log(y.var())], (200, 1)).astype("float32")
    gradient = lamina.grad(lambda p: losses.GaussianNLL()(y, p))(best).numpy()
    np.testing.assert_allclose(gradient.sum(0), 0, atol=1e-5)


@pytest.mark.parametrize("labels", [(6,), (6, 1)])
def test_several_quantiles(labels: tuple[int, ...], rng: np.random.Generator, x64: None) -> None:
    y, p, q = rng.normal(size=labels), rng.normal(size=(6, 3)), [0.1, 0.5, 0.9]
    wanted = np.mean([mean_pinball_loss(y.ravel(), p[:, i], alpha=q[i]) for i in range(3)])
    y_, p_ = Tensor(y, "float64"), Tensor(p, "float64")
    for given in (q, tuple(q), np.array(q)):
        assert losses.Quantile(given)(y_, p_).item() == pytest.approx(wanted, rel=1e-9)
    lamina.gradcheck(lambda p: losses.Quantile(q)(y_, p), p)


def test_one_quantile_is_scikit_learns(rng: np.random.Generator) -> None:
    y, p = rng.normal(size=50), rng.normal(size=50)
    for loss in (losses.get("pinball"), losses.Quantile(0.8)):
        assert loss(y, p).item() == pytest.approx(mean_pinball_loss(y, p, alpha=loss.q), rel=1e-5)


@pytest.mark.parametrize("q", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(6, 4), (3, 5, 4)])
def test_generalized(q: float, shape: tuple[int, ...], rng: np.random.Generator, x64: None) -> None:
    labels, p = rng.integers(0, 4, shape[:-1]), rng.uniform(0.1, 0.9, shape)
    chosen = np.array([row[label] for row, label in zip(p.reshape(-1, 4), labels.ravel(), strict=True)])
    wanted = ((1 - chosen**q) / q).reshape(shape[:-1])
    loss = losses.CategoricalGeneralizedCrossEntropy(q, reduction="none")
    for given in (labels, labels[..., None], labels.astype("float32")):
        np.testing.assert_allclose(loss(given, Tensor(p, "float64")).numpy(), wanted, rtol=1e-9)
    lamina.gradcheck(lambda p: losses.categorical_generalized_cross_entropy(labels, p, q), p)


def test_generalized_limits(rng: np.random.Generator) -> None:
    labels, p = rng.integers(0, 4, 6), rng.dirichlet(np.ones(4), 6).astype("float32")
    entropy = losses.SparseCategoricalCrossentropy()(labels, p).item()
    assert losses.CategoricalGeneralizedCrossEntropy(1e-3)(labels, p).item() == pytest.approx(entropy, rel=1e-2)
    linear = np.mean(1 - p[np.arange(6), labels])
    assert losses.CategoricalGeneralizedCrossEntropy(0.999)(labels, p).item() == pytest.approx(linear, rel=1e-2)


def test_generalized_has_a_finite_slope_where_a_probability_is_zero() -> None:
    loss = losses.CategoricalGeneralizedCrossEntropy()
    assert loss([1], [[1.0, 0.0]]).item() == pytest.approx(2, abs=1e-3)
    assert np.isfinite(lamina.grad(lambda p: loss([1], p))([[1.0, 0.0]]).numpy()).all()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: losses.CategoricalGeneralizedCrossEntropy(0.0),
            "CategoricalGeneralizedCrossEntropy: q .*received 0.0",
        ),
        (lambda: losses.CategoricalGeneralizedCrossEntropy(1.0), "0 < q < 1, received 1.0"),
        (lambda: losses.Quantile(1.0), "Quantile: a quantile is.*received 1.0"),
        (lambda: losses.Quantile([0.5, 0.0]), "Quantile: a quantile is"),
        (lambda: losses.Quantile([]), "Quantile: a quantile is"),
        (lambda: losses.GaussianNLL(epsilon=0.0), "GaussianNLL: epsilon.*received 0.0"),
    ],
)
def test_arguments_are_checked(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        make()


@pytest.mark.parametrize(
    ("loss", "labels", "predictions", "text"),
    [
        (losses.GaussianNLL(), (5, 1), (5, 3), "GaussianNLL: the last axis of the predictions"),
        (losses.GaussianNLL(), (5, 3), (5, 4), "gaussian_nll: labels and predictions have one shape"),
        (losses.Quantile([0.1, 0.9]), (5,), (5, 3), "Quantile: there is one prediction for each quantile"),
        (losses.Quantile([0.1, 0.9]), (5, 2), (5, 2), "quantile: labels and predictions have one shape"),
        (losses.Quantile(), (5, 2), (5, 3), "Quantile: labels and predictions have one shape"),
    ],
)
def test_other_shapes_are_refused(loss: losses.Loss, labels: Any, predictions: Any, text: str) -> None:
    with pytest.raises(ShapeError, match=text):
        loss(np.ones(labels), np.ones(predictions))
