"""Planted NaNs are named: phase, op, layer and rows; the state is as before the step; and replay finds the same."""

import warnings
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import layers, ops, optimizers
from lamina.cli.app import main
from lamina.core import NonFiniteError
from lamina.native import has_kernels, library
from lamina.training.recorder import read_story, record, replay
from lamina.training.recorder.rerun import rerun
from training.recorder.planted import CASES, Case, bent, data, dense, fit_arguments


def diverge(model: Any, arguments: dict[str, Any]) -> NonFiniteError:
    with pytest.raises(NonFiniteError) as caught, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the doctor has seen some of it coming
        model.fit(**arguments)
    return caught.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_planted(case: Case) -> None:
    model, arguments = case.make()
    story = diverge(model, arguments).story
    for name in ("phase", "op", "of", "layer", "rows"):
        wanted = getattr(case, name)
        found = getattr(story, name)
        assert found == wanted or (name == "layer" and wanted in found) or not wanted, (name, found, wanted)
    assert case.remedy in story.remedy


@pytest.mark.skipif(not has_kernels(), reason="no kernels: `make` found no C++ compiler")
def test_what_a_kernel_has_normalized(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "FEW", 0)
    (case,) = (case for case in CASES if case.name == "normalisation")
    story = diverge(*case.make()).story
    assert story.op == "batch_norm_kernel"
    assert case.remedy in story.remedy


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.name in {"log of 0", "sqrt at 0", "LSTM", "rate", "class weight"}],
    ids=lambda case: case.name,
)
def test_replay_finds_the_same(case: Case, tmp_path: Path) -> None:
    model, arguments = case.make()
    story = diverge(model, arguments | {"run": tmp_path}).story
    assert read_story(tmp_path / "divergence").as_json() == story.as_json()  # NaN is not equal to itself
    again, _ = case.make()
    found = replay(again, tmp_path / "divergence")
    names = {"phase", "op", "of", "layer", "rows", "data_rows", "index", "value", "inputs", "remedy", "epoch", "step"}
    assert {name: getattr(found, name) for name in names} == {name: getattr(story, name) for name in names}


def noisy(**compile_arguments: Any) -> Any:
    """A network with all kinds of state: dropout, running statistics, slots, metrics."""
    lamina.core.set_seed(5)
    hidden = layers.Dense(8, activation="relu")
    dropout = layers.Dropout(0.3, name="dropout")  # whose random numbers depend on its name
    model = lamina.Sequential([hidden, layers.BatchNormalization(), dropout, layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"], **compile_arguments)
    model(np.zeros((1, 3)))
    return model


def bad_row(row: int) -> dict[str, Any]:
    """Sixty-four rows, of which one is so large that its square is infinite."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(64, 3)).astype(np.float32), rng.normal(size=(64, 1)).astype(np.float32)
    y[row] = 1e30
    return {"x": x, "y": y, "batch_size": 4, "shuffle": False, "verbose": 0}


def state(model: Any) -> list[np.ndarray]:
    return [v.numpy() for v in (*model.variables, *model.optimizer.variables, *model.objective.variables)]


@pytest.mark.parametrize("eagerly", [False, True])
def test_the_state_is_that_before_the_step(eagerly: bool) -> None:
    arguments = bad_row(42)  # in step 10
    model, expected = noisy(run_eagerly=eagerly), noisy(run_eagerly=eagerly)
    error = diverge(model, arguments)
    assert (error.story.step, error.story.rows, error.story.data_rows) == (10, (2,), (42,))
    expected.fit(**{**arguments, "x": arguments["x"][:40], "y": arguments["y"][:40]})
    for one, other in zip(state(model), state(expected), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_steps_before_are_told_once_and_the_bad_one_is_not() -> None:
    seen: list[tuple[int, float]] = []

    class Note(lamina.callbacks.Callback):
        replay_safe = True

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append((batch, logs["batch_loss"]))

    arguments = bad_row(42)
    diverge(noisy(), arguments | {"callbacks": [Note()]})
    assert [batch for batch, _ in seen] == list(range(10))
    assert np.isfinite([loss for _, loss in seen]).all()


def test_nothing_changes_when_all_is_finite() -> None:
    arguments = bad_row(42)
    arguments["y"][42] = 0.0
    guarded, free = noisy(), noisy(check_finite=False)
    one, other = (model.fit(**arguments, epochs=3).history for model in (guarded, free))
    assert one == other
    for a, b in zip(state(guarded), state(free), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("how", ["compile", "callback"])
def test_it_can_be_switched_off(how: str) -> None:
    arguments = bad_row(42)
    callbacks = [lamina.callbacks.TerminateOnNaN()] if how == "callback" else []
    model = noisy(check_finite=how == "callback")
    history = model.fit(**arguments, callbacks=callbacks, epochs=3).history
    assert not np.isfinite(history["loss"][0])
    assert len(history["loss"]) == (1 if callbacks else 3)


class Pair(lamina.Model):
    """Two networks, each with an optimizer of its own, as in a GAN."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = layers.Dense(1, name="one"), layers.Dense(1, name="two")
        self.bias = optimizers.SGD(0.1)

    def call(self, inputs: Any) -> Any:
        return self.two(self.one(inputs))

    def train_step(self, x: Any, y: Any = None, sample_weight: Any = None) -> dict[str, Any]:
        first = ops.mean(self.one(x) ** 2)
        self.optimizer.apply(lamina.core.gradients(first, self.one.trainable_variables), self.one.trainable_variables)
        second = ops.mean(ops.log(ops.abs(self.two(self.one(x)))))
        self.bias.apply(lamina.core.gradients(second, self.two.trainable_variables), self.two.trainable_variables)
        return {"first_loss": first, "second_loss": second}


def test_steps_of_the_users_own() -> None:
    model = Pair()
    model.compile("sgd")
    x, y = data()
    model(x)
    model.two.set_weights([np.zeros((1, 1)), np.zeros(1)])
    before = state(model)
    story = diverge(model, fit_arguments(x, y)).story
    assert (story.phase, story.op) == ("forward", "log")
    assert story.rows == tuple(range(8))
    assert "test_recorder.py" in story.source
    for a, b in zip(before, [v.numpy() for v in model.variables], strict=False):
        np.testing.assert_array_equal(a, b)


def test_dynamic_loss_scaling_may_overflow() -> None:
    """A scale that is too high makes infinite gradients, which the optimizer leaves out on purpose."""
    model, arguments = dense(lambda: optimizers.LossScaleOptimizer("sgd", initial_scale=1e38))()
    model.fit(**arguments, epochs=20)
    assert 0 < int(model.optimizer.inner_optimizer.iterations) < 20
    assert np.isfinite(model.get_weights()[0]).all()


def test_streams_tell_the_row_of_their_batch() -> None:
    arguments = bad_row(42)
    batches = [(arguments["x"][i : i + 4], arguments["y"][i : i + 4]) for i in range(0, 64, 4)]
    story = diverge(noisy(), {"x": batches, "verbose": 0}).story
    assert (story.step, story.rows, story.data_rows) == (10, (2,), ())


def test_nan_from_a_stream_is_refused_before_the_step() -> None:
    arguments = bad_row(42)
    arguments["x"][42, 1] = np.nan
    arguments["y"][42] = 0.0
    batches = ((arguments["x"][i : i + 4], arguments["y"][i : i + 4]) for i in range(0, 64, 4))
    with pytest.raises(lamina.core.DataError, match="batch 10: x .* row 2"):
        noisy().fit(batches, verbose=0, steps_per_epoch=16)


@pytest.mark.parametrize("function", [ops.log, ops.sqrt, lambda x: 1.0 / x], ids=["log", "sqrt", "reciprocal"])
def test_the_branch_not_taken_is_harmless(function: Any) -> None:
    """Backward rules keep a gradient of 0, so the where-trick needs no second where."""
    model, arguments = bent(lambda x: ops.where(x > 0, function(x), 0.0), {3: 0.0})()
    assert np.isfinite(model.fit(**arguments).history["loss"]).all()


def test_other_steps_after_fit_are_not_guarded() -> None:
    model, arguments = noisy(), bad_row(42)
    diverge(model, arguments)
    assert not np.isfinite(model.train_on_batch(arguments["x"][40:44], arguments["y"][40:44])[0])


def test_a_record_of_another_model(tmp_path: Path) -> None:
    diverge(noisy(), bad_row(0) | {"run": tmp_path})
    other = lamina.Sequential([layers.Dense(1)])
    other.compile("sgd", "mse")
    with pytest.raises(lamina.core.FileFormatError, match="another model"):
        replay(other, tmp_path / "divergence")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = diverge(noisy(), bad_row(42) | {"run": tmp_path}).story
    with pytest.raises(SystemExit) as ended:
        main(["replay", str(tmp_path)])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert story.text().splitlines()[0] in told
    assert ">" in told


def test_an_infinity_without_harm_is_told_of() -> None:
    model, arguments = next(case for case in CASES if case.name == "unharmed infinity").make()
    assert "_careless in net/bend was infinite before" in diverge(model, arguments).story.note


class OnlyCompiled(Pair):
    def train_step(self, x: Any, y: Any = None, sample_weight: Any = None) -> dict[str, Any]:
        if not isinstance(x.array, jax.core.Tracer):
            raise TypeError("only traced")
        return super().train_step(x, y, sample_weight)


def test_a_step_that_fails_op_by_op(tmp_path: Path) -> None:
    model = OnlyCompiled()
    model.compile("sgd")
    x, y = data()
    model(x)
    model.two.set_weights([np.zeros((1, 1)), np.zeros(1)])
    error = diverge(model, fit_arguments(x, y))
    assert error.story.phase == "unknown"
    assert "only traced" in str(error)


def test_a_record_that_cannot_be_written_hides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(record, "write_archive", full)
    error = diverge(noisy(), bad_row(42) | {"run": tmp_path})
    assert error.story.rows == (2,)
    assert "No space left" in error.__notes__[0]


def test_a_step_that_is_finite_op_by_op_says_so() -> None:
    model, arguments = noisy(), bad_row(42)
    x, y = arguments["x"][:4], arguments["y"][:4]
    story = rerun(model, model._program("train", (x, y, None)), (x, y, None), epoch=0, step=0)
    assert (story.phase, story.rows) == ("unknown", ())
    assert story.gradients.keys() == {v.path for v in model.trainable_variables}
    assert all(norm > 0 for norm in story.gradients.values())


def test_sizes_are_those_of_numpy() -> None:
    model, arguments = noisy(), bad_row(42)
    x, y = arguments["x"][:4], arguments["y"][:4]
    story = rerun(model, model._program("train", (x, y, None)), (x, y, None), epoch=0, step=0)
    kernel, bias = model.layers[0].get_weights()
    expected = np.maximum(x @ kernel + bias, 0.0)
    first = next(iter(story.activations.values()))
    np.testing.assert_allclose((first.low, first.high), (expected.min(), expected.max()), rtol=1e-6)
