"""Losses with labels of their own kind inside `fit`: they go down, and a second call compiles nothing."""

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import layers, losses

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 5)).astype("float32")
W = RNG.normal(size=(5, 3)).astype("float32")
CLASSES = (X @ W).argmax(axis=1)
PAIRS = RNG.normal(size=(40, 2, 5)).astype("float32")
NOISY = (X[:, 0] + RNG.normal(size=40) / 4).astype("float32")
SERIES = RNG.normal(size=(40, 6, 5)).astype("float32")
SPELT = np.stack([1 + CLASSES, np.where(X[:, 0] > 0, 1 + (CLASSES + 1) % 3, 0)], axis=1)


def dense(*units: int, **last: Any) -> list[layers.Layer]:
    return [*(layers.Dense(n, activation="tanh") for n in units[:-1]), layers.Dense(units[-1], **last)]


CASES: dict[str, tuple[losses.Loss, np.ndarray, np.ndarray, list[layers.Layer]]] = {
    "CTC": (losses.CTC(), SERIES, SPELT, dense(8, 4)),
    "generalized": (losses.CategoricalGeneralizedCrossEntropy(), X, CLASSES, dense(3, activation="softmax")),
    "circle": (losses.Circle(gamma=4.0), X, CLASSES, [*dense(8, 3), layers.UnitNormalization()]),
    "triplet": (losses.TripletMargin(), X, CLASSES, dense(3)),
    "hard triplet": (losses.TripletMargin(1.0, "hard", "euclidean"), X, CLASSES, dense(3)),
    "contrastive": (losses.Contrastive(), PAIRS, (PAIRS[:, 0, 0] * PAIRS[:, 1, 0] < 0) * 1, dense(3)),
    "NT-Xent": (losses.NTXent(0.5), PAIRS, np.arange(40), dense(8)),
    "Gaussian": (losses.GaussianNLL(), X, NOISY, dense(8, 2)),
    "quantile": (losses.Quantile(0.9), X, NOISY, dense(1)),
    "quantiles": (losses.Quantile([0.1, 0.5, 0.9]), X, NOISY, dense(3)),
}


@pytest.mark.parametrize("name", CASES)
def test_fit(name: str) -> None:
    loss, x, y, stack = CASES[name]
    lamina.set_seed(1)
    model = lamina.Sequential([layers.Input(x.shape[1:]), *stack])
    model.compile(lamina.optimizers.Adam(0.03), loss)
    history = model.fit(x, y, batch_size=16, epochs=8, verbose=0).history["loss"]
    before = {kind: list(program.compilations) for kind, (_, program) in model._programs.items()}
    model.fit(x, y, batch_size=16, epochs=1, verbose=0)
    after = {kind: program.compilations for kind, (_, program) in model._programs.items()}
    assert np.isfinite(history).all() and history[-1] < 0.95 * history[0]
    assert before == after and all(len(reasons) <= 2 for reasons in after.values())


def test_labels_that_do_not_fit_into_the_frames_are_refused_before_training() -> None:
    model = lamina.Sequential([layers.Input((2, 5)), layers.Dense(4)])
    model.compile("adam", "ctc")
    with pytest.raises(lamina.core.DataError, match="CTC: each label needs a frame.*need 3 in row 1"):
        model.fit(SERIES[:2, :2], np.array([[1, 2], [3, 3]]), verbose=0)
