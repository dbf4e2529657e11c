"""Callbacks in a real `fit`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamina import layers
from lamina.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    MetricsLog,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from lamina.core import UnknownNameError
from lamina.models import Sequential, load_model
from lamina.optimizers import SGD, SWA, ScheduleFreeAdamW

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = X @ np.array([[1.0], [-2.0], [0.5]], np.float32)


def make(rate: float = 0.1) -> Sequential:
    model = Sequential([layers.Input((3,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(SGD(rate), "mse")
    return model


def fit(model: Any, *callbacks: Callback, **options: Any) -> dict[str, list[float]]:
    options = {"batch_size": 10, "epochs": 3, "verbose": 0, "shuffle": False} | options
    return dict(model.fit(X, Y, callbacks=list(callbacks), **options).history)


class Weights(Callback):
    """The first weight after every step."""

    def __init__(self, every_step: bool = True) -> None:
        self.replay_safe = not every_step
        self.seen: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(float(self.model.get_weights()[0][0, 0]))


def test_a_callback_that_looks_at_the_model_sees_every_step() -> None:
    looks, other = Weights(), make()
    fit(make(), looks)
    expected = []
    for _ in range(3):
        for rows in range(0, 40, 10):
            other.train_on_batch(X[rows : rows + 10], Y[rows : rows + 10])
            expected.append(float(other.get_weights()[0][0, 0]))
    np.testing.assert_allclose(looks.seen, expected, rtol=1e-6)


def test_steps_and_logs_are_the_same_replayed_or_not() -> None:
    logs: list[list[Any]] = [[], []]
    for safe in (True, False):
        record = LambdaCallback(
            on_train_batch_end=lambda batch, values, safe=safe: logs[safe].append((batch, values)), replay_safe=safe
        )
        fit(make(), record)
    assert [batch for batch, _ in logs[0]] == [0, 1, 2, 3] * 3
    for (batch, one), (other_batch, other) in zip(*logs, strict=True):
        assert batch == other_batch and one == pytest.approx(other, rel=1e-6)


def test_early_stopping_brings_the_best_weights_back() -> None:
    model = make(0.3)
    weights: list[np.ndarray] = []
    keep = LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(model.get_weights()[0]))
    worse = LearningRateScheduler(lambda epoch: 0.1 if epoch < 2 else 3.0)  # diverges from the third epoch on
    history = fit(model, keep, worse, EarlyStopping("loss", patience=2, restore_best_weights=True), epochs=20)
    assert len(history["loss"]) < 20
    np.testing.assert_array_equal(model.get_weights()[0], weights[int(np.nanargmin(history["loss"]))])


def test_ctrl_c_brings_the_best_weights_back() -> None:
    model = make()
    weights: list[np.ndarray] = []

    def interrupt(epoch: int, logs: Any) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    keep = LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(model.get_weights()[0]))
    stop = EarlyStopping("loss", mode="max", patience=9, restore_best_weights=True)  # the first epoch is the best
    with pytest.raises(KeyboardInterrupt):
        fit(model, keep, stop, LambdaCallback(on_epoch_begin=interrupt))
    assert len(weights) == 2 and (weights[0] != weights[1]).any()
    np.testing.assert_array_equal(model.get_weights()[0], weights[0])


def test_a_checkpoint_can_be_loaded(tmp_path: Path) -> None:
    model = make()
    fit(model, ModelCheckpoint(tmp_path / "{epoch}-{loss:.3f}.lamina"), validation_data=(X, Y))
    paths = sorted(tmp_path.iterdir())
    assert len(paths) == 3
    np.testing.assert_array_equal(load_model(paths[-1]).get_weights()[0], model.get_weights()[0])


@pytest.mark.parametrize("callback", [LearningRateScheduler(lambda epoch: [0.1, 0.0, 0.0][epoch]),
                                      ReduceLROnPlateau("loss", factor=1e-9, patience=1, min_delta=1e9)])  # fmt: skip
def test_a_new_rate_holds_from_the_next_step_and_compiles_nothing(callback: Callback) -> None:
    model = make()
    rates: list[float] = []
    watch = LambdaCallback(on_train_batch_end=lambda batch, logs: rates.append(logs["learning_rate"]), replay_safe=True)
    history = fit(model, callback, watch)
    changed = 4 if isinstance(callback, LearningRateScheduler) else 8
    assert rates[:changed] == pytest.approx([0.1] * changed) and max(rates[changed:]) < 1e-9
    assert len(history["learning_rate"]) == 3
    assert history["loss"][-1] == pytest.approx(float(np.mean((model.predict(X) - Y) ** 2)), rel=1e-4)


def test_nan_ends_training_in_its_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    model = make(1e30)
    history = fit(model, TerminateOnNaN(), epochs=50)
    assert len(history["loss"]) == 1
    assert "Epoch 1, step" in capsys.readouterr().out


def test_an_unknown_monitor_ends_training_with_a_sentence() -> None:
    with pytest.raises(UnknownNameError, match="validation_data"):
        fit(make(), EarlyStopping())


def test_validation_every_other_epoch_is_no_unknown_name() -> None:
    history = fit(make(), EarlyStopping(patience=5), validation_data=(X, Y), validation_freq=2, epochs=4)
    assert len(history["val_loss"]) == 2 and len(history["loss"]) == 4


def test_logs_on_file_agree_with_history(tmp_path: Path) -> None:
    history = fit(make(), CSVLogger(tmp_path / "a.csv"), MetricsLog(tmp_path / "a.jsonl", steps=True))
    rows = (tmp_path / "a.csv").read_text().splitlines()
    assert rows[0] == "epoch,loss" and [float(row.split(",")[1]) for row in rows[1:]] == history["loss"]
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 3 * (4 + 1)


def test_the_bar_says_what_was_decided_and_how_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    fit(make(), validation_split=0.25, verbose="auto", epochs=2)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:9] for line in lines if line.startswith("Epoch")] == ["Epoch 1/2", "Epoch 2/2"]
    assert "3 steps" in "".join(lines) and "val_loss" in "".join(lines) and not lines[0].startswith("Epoch")


@pytest.mark.parametrize(
    "make_optimizer",
    [
        lambda: SGD(0.3, use_ema=True, ema_momentum=0.95),
        lambda: SWA(SGD(0.3), start=2),
        lambda: ScheduleFreeAdamW(0.3),
    ],
    ids=["EMA", "SWA", "ScheduleFreeAdamW"],
)
def test_what_is_kept_and_saved_is_what_was_judged(make_optimizer: Any, tmp_path: Path) -> None:
    """With averaged weights: the best file and the restored weights give the best validation loss again."""
    model, held_out = make(), (X[:7], 1.5 * Y[:7])  # a moved target, so that the best epoch is not the last
    model.compile(make_optimizer(), "mse")
    keep = EarlyStopping(patience=9, restore_best_weights=True)
    save = ModelCheckpoint(tmp_path / "best.lamina", save_best_only=True)
    raw: list[Any] = []
    look = LambdaCallback(on_epoch_end=lambda epoch, logs: raw.append(model.get_weights()))
    history = fit(model, look, keep, save, epochs=8, validation_data=held_out)
    best = min(history["val_loss"])
    assert model.evaluate(*held_out, verbose=0) == pytest.approx(best, rel=1e-5)
    assert load_model(tmp_path / "best.lamina").evaluate(*held_out, verbose=0) == pytest.approx(best, rel=1e-5)
    lone = make()
    lone.compile(make_optimizer(), "mse")
    assert fit(lone, epochs=8, validation_data=held_out) == history  # looking has changed nothing
    losses = [np.mean((X[:7] @ w + b - 1.5 * Y[:7]) ** 2) for w, b in raw]
    assert losses[history["val_loss"].index(best)] != pytest.approx(best, rel=1e-3)  # the raw weights are others


def test_a_saved_average_can_be_trained_on(tmp_path: Path) -> None:
    """The file of a schedule-free optimizer is as if training had ended there: z is at the mean."""
    model = make()
    model.compile(ScheduleFreeAdamW(0.3), "mse")
    fit(model, ModelCheckpoint(tmp_path / "{epoch}.lamina"), epochs=2)
    there = load_model(tmp_path / "2.lamina")
    for found, expected in zip(there.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-6)
