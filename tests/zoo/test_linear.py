"""Trained by gradient descent, they end where closed form and scikit-learn do."""

import numpy as np
import pytest
import sklearn.datasets
import sklearn.linear_model

import lamina
from lamina.zoo import LinearRegression, LogisticRegression


def standardized(x: np.ndarray) -> np.ndarray:
    return ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)


@pytest.fixture(scope="module")
def diabetes():
    x, y = sklearn.datasets.load_diabetes(return_X_y=True)
    return standardized(x), y.astype(np.float32)


@pytest.fixture(scope="module")
def cancer():
    x, y = sklearn.datasets.load_breast_cancer(return_X_y=True)
    return standardized(x), y


def closed_form(x: np.ndarray, y: np.ndarray, l2: float) -> np.ndarray:
    """[w, b] of least squares with the penalty l2 · Σ w², from the normal equations in float64."""
    rows = np.column_stack([x.astype(float), np.ones(len(x))])
    penalty = l2 * np.diag([1.0] * x.shape[1] + [0.0])
    return np.linalg.solve(rows.T @ rows / len(x) + penalty, rows.T @ y.astype(float) / len(x))


@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_linear_regression_is_least_squares(diabetes, l2):
    x, y = diabetes
    model = LinearRegression(l2=l2)
    model.fit(x, y, batch_size=len(x), epochs=1500, verbose=0)
    kernel, bias = model.get_weights()
    found, wanted = np.r_[kernel[:, 0], bias], closed_form(x, y, l2)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-4 * np.abs(wanted).max())
    exact = np.column_stack([x, np.ones(len(x))]) @ wanted
    np.testing.assert_allclose(model.predict(x)[:, 0], exact, rtol=1e-4)


@pytest.mark.parametrize("c", [1.0, 0.05])
def test_logistic_regression_is_scikit_learns(cancer, c):
    x, y = cancer
    peer = sklearn.linear_model.LogisticRegression(C=c, tol=1e-8, max_iter=10_000).fit(x.astype(float), y)
    model = LogisticRegression(l2=1 / (2 * c * len(x)), learning_rate=0.3)
    model.fit(x, y, batch_size=len(x), epochs=3000, verbose=0)
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(kernel[:, 0], peer.coef_[0], atol=1e-3)
    np.testing.assert_allclose(bias, peer.intercept_, atol=1e-3)
    np.testing.assert_allclose(model.predict(x)[:, 0], peer.predict_proba(x)[:, 1], atol=1e-3)


def test_several_classes_are_scikit_learns():
    x, y = sklearn.datasets.load_wine(return_X_y=True)
    x = standardized(x)
    peer = sklearn.linear_model.LogisticRegression(tol=1e-8, max_iter=10_000).fit(x.astype(float), y)
    model = LogisticRegression(classes=3, l2=1 / (2 * len(x)), learning_rate=0.3)
    model.fit(x, y, batch_size=len(x), epochs=1500, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0].T, peer.coef_, atol=1e-3)
    assert model.evaluate(x, y, verbose=0, return_dict=True)["accuracy"] == pytest.approx(peer.score(x, y))


@pytest.mark.parametrize("make", [lambda: LinearRegression(2, l2=0.1), lambda: LogisticRegression(classes=3)])
def test_they_can_be_saved(make, tmp_path, rng):
    x = rng.normal(size=(8, 4)).astype(np.float32)
    model = make()
    model(x)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    model.save(tmp_path / "m.lamina")
    np.testing.assert_array_equal(lamina.load_model(tmp_path / "m.lamina").predict(x), model.predict(x))
