"""The perceptron learns what a line can separate, within Novikoff's bound, and never exclusive or."""

import numpy as np
import pytest

import lamina
from lamina.datasets import synthetic
from lamina.zoo import Perceptron, linear_separability


def accuracy(model: Perceptron, x: np.ndarray, y: np.ndarray) -> float:
    return float((model.predict(x).ravel() == y).mean())


@pytest.mark.parametrize("seed", range(3))
def test_it_converges_on_two_lines_within_the_bound(seed):
    x, y = synthetic.lines(200, noise=0.0, seed=seed)
    model = Perceptron()
    history = model.fit(x, y, epochs=500)
    assert history.history["error_rate"][-1] == 0.0 and len(history.epoch) < 500  # it stopped by itself
    assert accuracy(model, x, y) == 1.0
    margin, longest = 1 / np.sqrt(8), np.sqrt((x.astype(float) ** 2).sum(axis=1).max() + 1)
    assert 0 < float(model.mistakes) <= (longest / margin) ** 2  # Novikoff 1962


def test_it_converges_on_two_separable_clouds():
    x, y = synthetic.blobs(200, noise=0.1, centers=2)
    assert linear_separability(x, y).separable
    model = Perceptron()
    model.fit(x, y[:, None], epochs=500)
    assert accuracy(model, x, y) == 1.0


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_it_never_learns_exclusive_or(noise):
    x, y = synthetic.xor(40, noise=noise)
    assert not linear_separability(x, y).separable
    model = Perceptron()
    history = model.fit(x, y, epochs=300)
    assert len(history.epoch) == 300 and min(history.history["error_rate"]) > 0  # mistakes in each epoch
    assert accuracy(model, x, y) <= 0.75


def test_the_rule_by_hand(rng):
    """The same rows in the same order through the formula in NumPy."""
    x, y = rng.normal(size=(60, 3)).astype(np.float32), rng.integers(0, 2, 60)
    model = Perceptron()
    model.fit(x, y, epochs=1, shuffle=False)
    w, b, mistakes = np.zeros(3), 0.0, 0
    for row, target in zip(x.astype(float), y, strict=True):
        error = target - float(row @ w + b >= 0)
        w, b, mistakes = w + error * row, b + error, mistakes + abs(error)
    kernel, bias = (v.numpy() for v in (model.kernel, model.bias))
    np.testing.assert_allclose(kernel[:, 0], w, atol=1e-5)
    assert bias[0] == b and float(model.mistakes) == mistakes


def test_it_can_be_saved(tmp_path):
    x, y = synthetic.lines(50, noise=0.0)
    model = Perceptron()
    model.fit(x, y)
    model.save(tmp_path / "p.lamina")
    assert np.array_equal(lamina.load_model(tmp_path / "p.lamina").predict(x), model.predict(x))


def test_callbacks_are_kept():
    seen = []
    watch = lamina.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    x, y = synthetic.xor(8, noise=0.0)
    Perceptron().fit(x, y, epochs=3, callbacks=[watch])
    assert seen == [0, 1, 2]
