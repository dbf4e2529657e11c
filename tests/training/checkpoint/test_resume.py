"""Runs that were stopped and go on are, to the last bit, the runs that were never stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina.callbacks import Callback, EarlyStopping, LearningRateScheduler, MetricsLog, ReduceLROnPlateau
from lamina.core import ArgumentError, DataError, FileFormatError, ReproductionError
from lamina.data import Dataset
from lamina.training import Checkpoints

_RANDOM = np.random.default_rng(0)
X, Y = _RANDOM.normal(size=(200, 6)).astype(np.float32), _RANDOM.integers(0, 3, 200)


def _model(units: int = 8) -> Any:
    lamina.set_seed(3)
    layers = lamina.layers
    model = lamina.Sequential(
        [
            *(layers.Input((6,)), layers.Dense(units, activation="relu")),
            *(layers.BatchNormalization(), layers.Dropout(0.3), layers.Dense(3)),
        ]
    )
    rate = lamina.optimizers.schedules.CosineDecay(0.01, 40)
    loss = lamina.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(lamina.optimizers.Adam(rate, use_ema=True), loss, metrics=["accuracy"])
    return model


def _fit(model: Any, **options: Any) -> Any:
    settings = {"epochs": 3, "batch_size": 32, "verbose": 0, "validation_split": 0.2} | options
    return model.fit(X, Y, **settings)


class _CtrlC(Callback):
    """Presses Ctrl-C during a step, during the validation of an epoch, or before the steps of one."""

    replay_safe = True

    def __init__(self, step: int | None = None, validation: int | None = None, epoch: int | None = None) -> None:
        self.step, self.validation, self.epoch, self.steps, self.validations = step, validation, epoch, 0, 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.epoch:
            os.kill(os.getpid(), signal.SIGINT)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.steps += 1
        if self.steps == self.step:
            os.kill(os.getpid(), signal.SIGINT)

    def on_test_begin(self, logs: Any = None) -> None:
        self.validations += 1
        if self.validations == self.validation:
            os.kill(os.getpid(), signal.SIGINT)


def _same(one: Any, other: Any) -> None:
    for mine, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.fixture(scope="module")
def whole() -> tuple[Any, Any]:
    model = _model()
    return model, _fit(model)


@pytest.mark.parametrize("moment", [{"step": 1}, {"step": 5}, {"step": 8}, {"validation": 2}], ids=str)
def test_goes_on_to_the_last_bit(whole: Any, tmp_path: Path, moment: dict[str, int]) -> None:
    with pytest.raises(KeyboardInterrupt):
        _fit(_model(), run=Checkpoints(tmp_path, steps=3), callbacks=[_CtrlC(**moment)])
    again = _model()
    history = _fit(again, run=Checkpoints(tmp_path, steps=3), resume=True, callbacks=[_CtrlC()])
    _same(whole[0], again)
    assert history.history == whole[1].history


def test_keeping_changes_nothing_and_a_finished_run_stays_finished(whole: Any, tmp_path: Path) -> None:
    kept = _model()
    assert _fit(kept, run=tmp_path).history == whole[1].history
    again = _model()
    assert _fit(again, run=tmp_path, resume=True).history == whole[1].history
    _same(kept, whole[0])
    _same(again, whole[0])


def test_callbacks_go_on_where_they_were(tmp_path: Path) -> None:
    def callbacks(name: str) -> list[Any]:
        return [
            EarlyStopping("val_loss", patience=3, restore_best_weights=True),
            ReduceLROnPlateau("val_loss", patience=1),
            LearningRateScheduler(lambda epoch, rate: rate * 0.9),
            MetricsLog(tmp_path / f"{name}.jsonl", steps=True),
        ]

    def model() -> Any:
        made = _model()
        made.compile(lamina.optimizers.SGD(0.1, momentum=0.9), made.objective.given["loss"])
        return made

    one, other = model(), model()
    history = _fit(one, callbacks=[*callbacks("whole"), _CtrlC()], epochs=8)
    with pytest.raises(KeyboardInterrupt):
        _fit(
            other, callbacks=[*callbacks("kept"), _CtrlC(step=17)], epochs=8, run=Checkpoints(tmp_path / "run", steps=2)
        )
    other = model()
    more = _fit(other, callbacks=[*callbacks("kept"), _CtrlC()], epochs=8, run=tmp_path / "run", resume=True)
    assert more.history == history.history
    _same(one, other)
    lines = [(tmp_path / f"{name}.jsonl").read_text().splitlines() for name in ("whole", "kept")]
    assert [line for line in lines[0] if "step" in line[:15]] == [line for line in lines[1] if "step" in line[:15]]


def test_a_dataset_goes_on_and_a_generator_is_refused(tmp_path: Path) -> None:
    def batches() -> Dataset:
        noisy = Dataset.from_arrays(X, Y).shuffle(seed=1)
        return noisy.map(lambda x, y, rng: (x + rng.normal(size=6).astype(np.float32), y), seed=2).batch(32)

    one, other = _model(), _model()
    one.fit(batches(), epochs=2, verbose=0)
    with pytest.raises(KeyboardInterrupt):
        other.fit(batches(), epochs=2, verbose=0, run=Checkpoints(tmp_path / "a", steps=1), callbacks=[_CtrlC(step=10)])
    other = _model()
    other.fit(batches(), epochs=2, verbose=0, run=tmp_path / "a", resume=True, callbacks=[_CtrlC()])
    _same(one, other)
    with pytest.raises(DataError, match="from_generator"):
        one.fit((pair for pair in [(X, Y)]), verbose=0, run=tmp_path / "b")


def test_refuses_what_does_not_belong_together(tmp_path: Path) -> None:
    _fit(_model(), run=tmp_path, epochs=1)
    with pytest.raises(ArgumentError, match="never overwrites.*resume=True"):
        _fit(_model(), run=tmp_path)
    with pytest.raises(FileFormatError, match=r"of another shape: model/0/kernel \(6, 8\), here \(6, 9\)"):
        _fit(_model(units=9), run=tmp_path, resume=True)
    with pytest.raises(DataError, match="batch_size 32.*batch_size 16"):
        _fit(_model(), run=tmp_path, resume=True, batch_size=16)
    with pytest.raises(DataError, match="data_sha256"):
        _model().fit(X + 1, Y, epochs=3, verbose=0, validation_split=0.2, run=tmp_path, resume=True)
    with pytest.raises(ArgumentError, match="learning rate"):
        _fit(_model(), run=tmp_path, resume={"momentum": 0.5})


def test_another_learning_rate_is_noted(tmp_path: Path) -> None:
    def model() -> Any:
        made = _model()
        made.compile(lamina.optimizers.SGD(0.1), made.objective.given["loss"])
        return made

    _fit(model(), run=tmp_path, epochs=1)
    changed = model()
    _fit(changed, run=tmp_path, epochs=2, resume={"learning_rate": 0.01})
    assert float(changed.optimizer.learning_rate) == pytest.approx(0.01)
    text = Checkpoints(tmp_path).latest()[1]["state.json"].decode()  # type: ignore[index]
    assert '"changes": [[1, 0, {"learning_rate": 0.01}]]' in text


def test_a_damaged_state_is_passed_over(whole: Any, tmp_path: Path) -> None:
    files = Checkpoints(tmp_path, steps=2)
    with pytest.raises(KeyboardInterrupt):
        _fit(_model(), run=files, callbacks=[_CtrlC(step=9)])
    older, newest = files.paths()
    newest.write_bytes(newest.read_bytes()[:-100])
    again = _model()
    with pytest.warns(UserWarning, match="older state"):
        _fit(again, run=files, resume=True, callbacks=[_CtrlC()])
    _same(whole[0], again)


def test_keeps_the_last_and_the_best(tmp_path: Path) -> None:
    files = Checkpoints(tmp_path, seconds=0, keep=2, monitor="val_loss")
    history = _fit(_model(), run=files, epochs=5).history
    best = int(np.argmin(history["val_loss"])) + 1
    kept = {path.name for path in files.paths()}
    assert f"checkpoint-{best:05d}-000000000.state" in kept and "checkpoint-00005-000000000.state" in kept
    assert len(kept) <= 3


def test_what_cannot_be_written_is_said_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = _model()

    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lamina.training.checkpoint.checkpoints.write_archive", full)
    with pytest.raises(OSError, match="No space") as caught:
        _fit(model, run=Checkpoints(tmp_path, steps=2))
    assert any("The run in memory is as it was" in note for note in caught.value.__notes__)
    assert np.isfinite(model.get_weights()[0]).all()


_SCRIPT = """
import sys, time
import numpy as np
import lamina
model = lamina.Sequential([lamina.layers.Dense(1)])
model.compile("adam", "mse")
print("ready", flush=True)
model.fit(np.ones((64, 2)), np.ones((64, 1)), epochs=10**6, batch_size=8, verbose=0, run=sys.argv[1], resume=True)
"""


def test_sigterm_keeps_the_state_and_a_second_process_is_refused(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _SCRIPT, str(tmp_path)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None and run.stdout.readline() == "ready\n"
        while not (tmp_path / ".lock").exists():
            time.sleep(0.01)
        second = subprocess.run([sys.executable, "-c", _SCRIPT, str(tmp_path)], capture_output=True, text=True)
        assert second.returncode == 1 and f"process {run.pid} at work there" in second.stderr
        run.terminate()
        assert "can go on from here" in run.stdout.read()
    assert run.returncode == 143
    assert len(Checkpoints(tmp_path).paths()) >= 1


def test_a_stretch_that_is_trained_again_comes_out_the_same(tmp_path: Path, capsys: Any) -> None:
    files = Checkpoints(tmp_path, seconds=0, keep=3)
    _fit(_model(), run=files)
    before = [path.read_bytes() for path in files.paths()]
    for _ in range(3):
        _fit(_model(), run=files, resume="verify")
    assert capsys.readouterr().out.count("variables are equal to the last bit") == 3
    assert [path.read_bytes() for path in files.paths()] == before
    other = _model()
    other.layers[-2].rate = 0.1  # of the dropout
    with pytest.raises(ReproductionError, match="variables differ: model/0/kernel"):
        _fit(other, run=files, resume="verify")
    with pytest.raises(ArgumentError, match="has been kept"):
        _fit(_model(), run=tmp_path / "nothing", resume="verify")
    for path in files.paths()[:-1]:
        path.unlink()
    with pytest.raises(ArgumentError, match="the end of epoch 3"):
        _fit(_model(), run=files, resume="verify", epochs=2)


@pytest.mark.parametrize("moment", [{"epoch": 0}, {"epoch": 1}, {"step": 7}, {"validation": 1}], ids=str)
def test_each_stretch_of_a_run_that_was_stopped_can_be_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, moment: dict[str, int]
) -> None:
    files = Checkpoints(tmp_path, steps=4, keep=20)
    with pytest.raises(KeyboardInterrupt):
        _fit(_model(), run=files, callbacks=[_CtrlC(**moment)])
    again = {"run": files, "callbacks": [_CtrlC()]}
    if moment == {"epoch": 0}:
        with pytest.raises(ArgumentError, match="after some of its steps"):
            _fit(_model(), **again, resume="verify")
    _fit(_model(), **again, resume=True)
    offered: list[Any] = []
    monkeypatch.setattr("random.choice", lambda stretches: offered.append(stretches) or stretches[len(offered) - 1])
    while not offered or len(offered) < len(offered[0]):
        _fit(_model(), **again, resume="verify")
    assert len(files.paths()) - 2 <= len(offered) <= len(files.paths())
    assert capsys.readouterr().out.count("variables are equal to the last bit") == len(offered)


_HANGING = """
import sys, time
import numpy as np
import lamina
from lamina.data import Dataset

def slow(x, y):
    if x[0] == 40:
        print("hangs", flush=True)
        time.sleep(60)
    return x, y

x = np.arange(64.0)[:, None]
data = Dataset.from_arrays(x, x).map(slow, threads=4).batch(8).prefetch(2)
model = lamina.Sequential([lamina.layers.Input((1,)), lamina.layers.Dense(1)])
model.compile("adam", "mse", check_finite=False)
import warnings; warnings.simplefilter("ignore")
model.fit(data, epochs=2, verbose=0, run=sys.argv[1])
"""


def test_ctrl_c_does_not_wait_for_data_that_do_not_come(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _HANGING, str(tmp_path)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        while run.stdout.readline() != "hangs\n":
            assert run.poll() is None
        time.sleep(1.0)  # the steps before it are done, and fit waits
        run.send_signal(signal.SIGINT)
        begin = time.monotonic()
        assert "can go on from here" in run.stdout.read()
        run.wait()
    assert time.monotonic() - begin < 20  # 2 s on a quiet machine, far from the 60 of the loader
    assert len(Checkpoints(tmp_path).paths()) == 1
