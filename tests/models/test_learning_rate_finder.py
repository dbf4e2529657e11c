"""`lr_find`: the losses are those of training by hand, the suggestion is good, and nothing is left behind."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import layers, optimizers
from lamina.core import ArgumentError, NotBuiltError
from lamina.models import LearningRateSweep, lr_find


def data(rng: np.random.Generator, n: int = 96) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=(n, 5)).astype("float32")
    return x, (x @ np.array([[1.0], [-2.0], [0.5], [0.0], [3.0]])).astype("float32")


def linear(optimizer: Any) -> lamina.Model:
    model = lamina.Sequential([layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(optimizer, "mse")
    return model


def test_losses_are_those_of_the_formula(rng: np.random.Generator) -> None:
    x, y = data(rng)
    sweep = linear(optimizers.SGD(0.5)).lr_find(x, y, 1e-3, 1.0, steps=30, batch_size=96)
    w, losses = np.zeros((5, 1)), []
    rates = 1e-3 * 1000 ** (np.arange(30) / 29)
    for rate in rates:
        losses.append(np.mean((x @ w - y) ** 2))
        w = w - rate * 2 / 96 * x.T @ (x @ w - y)
    assert len(sweep.losses) > 20
    np.testing.assert_allclose(sweep.rates, rates[: len(sweep.rates)], rtol=1e-12)
    np.testing.assert_allclose(sweep.losses, losses[: len(sweep.losses)], rtol=1e-3, atol=1e-9)


def test_the_sweep_stops_when_the_loss_explodes_and_the_suggestion_lies_below(rng: np.random.Generator) -> None:
    x, y = data(rng)
    limit = 2 / np.linalg.eigvalsh(2 / 96 * x.T @ x).max()  # gradient descent diverges beyond
    sweep = linear(optimizers.SGD()).lr_find(x, y, 1e-6, 1e6, steps=200, batch_size=96)
    assert len(sweep.losses) < 200 and np.isfinite(sweep.losses).all()
    assert limit / 200 < sweep.suggestion < limit
    trained = linear(optimizers.SGD(sweep.suggestion))
    history = trained.fit(x, y, batch_size=96, epochs=100, verbose=0).history["loss"]
    assert history[-1] < 0.05 * history[0]


def rich(seed: int = 3) -> lamina.Model:
    """Dropout, running statistics, a metric, slots, averages, frozen weights."""
    lamina.set_seed(seed)
    frozen = layers.Dense(6, trainable=False)
    model = lamina.Sequential(
        [layers.Dense(6, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.3), frozen, layers.Dense(1)]
    )
    model.compile(optimizers.Adam(0.01, use_ema=True), "mse", metrics=["mae"])
    return model


def everything(model: lamina.Model) -> list[np.ndarray]:
    return [np.array(v) for v in (*model.variables, *model.optimizer.variables, *model.objective.variables)]


def test_everything_is_as_before(rng: np.random.Generator) -> None:
    x, y = data(rng)
    model = rich()
    model.fit(x, y, epochs=2, verbose=0)
    before, optimizer, history = everything(model), model.optimizer, model.history
    model.lr_find(x, y)
    assert model.optimizer is optimizer and model.history is history and model.epochs_done == 2
    after = everything(model)
    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("epochs_before", [0, 1])
def test_training_goes_on_as_if_nothing_had_been(epochs_before: int, rng: np.random.Generator) -> None:
    x, y = data(rng)
    runs = []
    for sweeping in (False, True):
        model = rich()
        if epochs_before:
            model.fit(x, y, epochs=epochs_before, verbose=0)
        if sweeping:
            model.lr_find(x, y, steps=20)
        history = model.fit(x, y, initial_epoch=epochs_before, epochs=epochs_before + 2, verbose=0).history
        runs.append([*everything(model), *map(np.asarray, history.values())])
        if epochs_before:
            assert len(model._programs["train"][1].compilations) == 1  # the sweep did not push the program out
    for plain, swept in zip(*runs, strict=True):
        np.testing.assert_array_equal(plain, swept)


def test_a_failure_on_the_way_is_undone_too(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = data(rng)
    model = rich()
    model.fit(x, y, epochs=1, verbose=0)
    before, optimizer = everything(model), model.optimizer

    def breaks(batches: Any) -> Any:
        yield x[:32], y[:32]
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError, match="the disk is gone"):
        lr_find(model, breaks(None))
    assert model.optimizer is optimizer
    for old, new in zip(before, everything(model), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_nan_ends_the_sweep(rng: np.random.Generator) -> None:
    x, y = data(rng)
    sweep = linear(optimizers.SGD()).lr_find(x, y, 1.0, 1e30, steps=40, stop_factor=np.inf)
    assert 2 < len(sweep.losses) < 40 and np.isfinite(sweep.losses).all()


def test_no_suggestion_where_nothing_falls() -> None:
    rates = np.geomspace(1e-3, 1.0, 20)
    assert LearningRateSweep(rates, rates).suggestion is None
    assert LearningRateSweep(rates[:1], rates[:1]).suggestion is None


def test_plot(tmp_path: Path, rng: np.random.Generator) -> None:
    x, y = data(rng)
    sweep = linear(optimizers.SGD()).lr_find(x, y, steps=40)
    figure = sweep.plot(tmp_path / "sweep.png")
    assert (tmp_path / "sweep.png").read_bytes()[:4] == b"\x89PNG"
    (axes,) = figure.axes
    raw, smooth, mark = axes.get_lines()
    np.testing.assert_array_equal(raw.get_ydata(), sweep.losses)
    np.testing.assert_array_equal(smooth.get_ydata(), sweep.smoothed)
    assert mark.get_xdata()[0] == sweep.suggestion


def test_refusals(rng: np.random.Generator) -> None:
    x, y = data(rng)
    with pytest.raises(NotBuiltError, match="compile"):
        lamina.Sequential([layers.Dense(1)]).lr_find(x, y)
    model = linear(optimizers.SGD())
    with pytest.raises(ArgumentError, match="lr_find: the learning rate rises"):
        model.lr_find(x, y, 1.0, 0.1)
    with pytest.raises(ArgumentError, match="lr_find: the learning rate rises"):
        model.lr_find(x, y, steps=1)
