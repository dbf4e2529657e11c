"""Cross-validation: scores as by hand, intervals as by the formula, and why they are corrected."""

import numpy as np
import pytest
import scipy.stats
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import cross_val_score

import lamina
from lamina.core import ArgumentError
from lamina.data import k_fold, time_folds
from lamina.tune import confidence, cross_validate


def test_the_interval_is_the_formula(rng):
    scores = rng.normal(0.8, 0.05, 10)
    found = confidence(scores, train_rows=180, test_rows=20, level=0.9)
    error = np.sqrt((1 / 10 + 20 / 180) * scores.var(ddof=1))
    assert found.mean == pytest.approx(scores.mean()) and found.standard_error == pytest.approx(error)
    np.testing.assert_allclose(found.interval, scipy.stats.t.interval(0.9, 9, loc=scores.mean(), scale=error))


def test_without_correction_the_interval_would_be_too_short():
    """Least squares on 40 rows, 300 times: how often a 95 % interval holds the expected error.

    That error is the mean over all trials. s² / J alone takes 20 folds of the same rows for independent.
    """
    rng, results = np.random.default_rng(0), []
    for trial in range(300):
        x = rng.normal(size=(40, 5))
        y = x.sum(axis=1) + rng.normal(size=40)
        scores = []
        for split in k_fold(40, 5, repeats=4, seed=trial):
            w = np.linalg.lstsq(x[split.train], y[split.train], rcond=None)[0]
            scores.append(np.mean((x[split.validation] @ w - y[split.validation]) ** 2))
        results.append(confidence(scores, 32, 8))
    truth = np.mean([found.mean for found in results])
    naive = [abs(found.mean - truth) <= 2.093 * found.scores.std(ddof=1) / np.sqrt(20) for found in results]
    corrected = [found.interval[0] <= truth <= found.interval[1] for found in results]
    assert np.mean(naive) < 0.8 < 0.9 < np.mean(corrected)


def least_squares() -> lamina.Model:
    model = lamina.zoo.LinearRegression()
    model.compile(lamina.optimizers.SGD(0.3, momentum=0.8), "mse", metrics=["mae"])
    return model


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3)).astype(np.float32)
    return x, (x @ [1.0, -2.0, 0.5] + 0.3 * rng.normal(size=60)).astype(np.float32)[:, None]


@pytest.mark.parametrize("folds", [k_fold(60, 3, seed=4), time_folds(60, 2)])
def test_scores_are_scikit_learns_for_the_same_model_and_folds(data, folds):
    x, y = data
    splits = [(split.train, split.validation) for split in folds]
    peer = -cross_val_score(LinearRegression(), x, y, cv=splits, scoring="neg_mean_squared_error")
    found = cross_validate(least_squares, x, y, folds=folds, epochs=150, batch_size=60)
    np.testing.assert_allclose(found.scores, peer, rtol=1e-4)
    rows = [np.mean([len(part[i]) for part in splits]) for i in (0, 1)]
    assert found.standard_error == pytest.approx(confidence(peer, *rows).standard_error, rel=1e-3)


def test_metrics_by_name_and_by_function(data):
    x, y = data
    by_name = cross_validate(least_squares, x, y, folds=2, metric="mae", epochs=20, batch_size=60)
    by_function = cross_validate(least_squares, x, y, folds=2, metric=mean_squared_error, epochs=20, batch_size=60)
    assert by_name.metric == "mae" and by_function.metric == "mean_squared_error"
    assert (by_name.scores < 1).all() and (by_function.scores < by_name.scores).all()
    with pytest.raises(ArgumentError, match="does not log this metric. Expected one of loss, mae, received 'auc'"):
        cross_validate(least_squares, x, y, folds=2, metric="auc")


def test_duplicates_are_told(data):
    x, y = (np.concatenate([part, part]) for part in data)
    found = cross_validate(least_squares, x, y, folds=2, epochs=1)
    expected = sum(len(split.leaks(x).test) for split in k_fold(120, 2))
    assert 0 < found.leaks == expected and str(found).endswith(f"beware, {expected} held-out rows were also trained on")


@pytest.mark.parametrize(("scores", "level"), [([0.5], 0.95), ([0.5, 0.6], 1.0), ([[0.5], [0.6]], 0.9)])
def test_refused(scores, level):
    with pytest.raises(ArgumentError, match="an interval needs scores"):
        confidence(scores, 10, 5, level)
