"""The bar, drawn on a terminal that is a string."""

import gc
import io
import sys
import threading

import numpy as np
import pytest
import rich
from rich.console import Console

from callbacks.fakes import FakeModel, fit
from lamina.callbacks import CallbackList, ProgbarLogger
from lamina.callbacks import progress_line as line_module

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"  # the cursor


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    text = io.StringIO()
    monkeypatch.setattr(rich, "_console", Console(file=text, force_terminal=True, width=100, color_system=None))
    return text


def logs(loss: float) -> dict[str, float]:
    return {"loss": loss, "accuracy": 0.5, "val_loss": 2 * loss}


def test_a_file_gets_one_line_per_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    fit(FakeModel(), [ProgbarLogger()], [logs(0.5), logs(0.25)], verbose=1, notes=["'accuracy' is BinaryAccuracy"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "'accuracy' is BinaryAccuracy"
    assert lines[1].startswith("Epoch 1/2  3 steps in 0.0 s  loss 0.5000  accuracy 0.5000  val_loss 1.0000")
    assert "while the weights changed" in lines[2]
    assert lines[3].startswith("Epoch 2/2") and len(lines) == 4


def test_a_long_line_is_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    fit(FakeModel(), [ProgbarLogger()], [{f"metric_{i}": 0.5 for i in range(40)}])
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_terminal_sees_the_bar_move_and_keeps_one_line(
    terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_module, "TICK", 0.0)
    bar = CallbackList([ProgbarLogger()], FakeModel(), {"epochs": 1, "steps": 200, "verbose": 1})
    threads = threading.active_count()
    bar.on_train_begin()
    bar.on_epoch_begin(0)
    bar.replay_train_batches(0, ["loss", "batch_loss"], np.full((100, 2), 0.75))
    assert "100/200" in terminal.getvalue() and "loss 0.7500" in terminal.getvalue()
    bar.replay_train_batches(100, ["loss", "batch_loss"], np.full((50, 2), 0.75))
    assert "150/200" in terminal.getvalue() and "left" in terminal.getvalue()
    assert "batch_loss" not in terminal.getvalue()
    assert threading.active_count() == threads
    bar.on_test_begin()
    assert "validating" in terminal.getvalue()
    bar.on_epoch_end(0, {"loss": 0.5})
    assert terminal.getvalue().count("steps in") == 1
    assert terminal.getvalue().count(HIDE) == terminal.getvalue().count(SHOW) == 1


def test_it_is_drawn_at_most_20_times_a_second(terminal: io.StringIO) -> None:
    bar = CallbackList([ProgbarLogger()], FakeModel(), {"epochs": 1, "steps": 10_000})
    bar.on_epoch_begin(0)
    start = line_module.time.perf_counter()
    for step in range(10_000):
        bar.on_train_batch_end(step, {"loss": 1.0})
    allowed = 2 + (line_module.time.perf_counter() - start) / 0.05
    bar.on_train_end()
    assert 1 <= terminal.getvalue().count("/10000") <= allowed + 1


def test_what_others_print_meanwhile_appears_whole(terminal: io.StringIO) -> None:
    bar = CallbackList([ProgbarLogger()], FakeModel(), {"epochs": 1, "steps": 2})
    bar.on_epoch_begin(0)
    print("a word in between")
    bar.on_train_end()
    assert "a word in between\n" in terminal.getvalue()


def test_verbose_2_draws_nothing_on_a_terminal(terminal: io.StringIO) -> None:
    fit(FakeModel(), [ProgbarLogger()], [logs(0.5)], verbose=2)
    assert HIDE not in terminal.getvalue() and "Epoch 1/1" in terminal.getvalue()


def test_ctrl_c_leaves_a_clean_terminal(terminal: io.StringIO) -> None:
    out = sys.stdout
    fit(FakeModel(), [ProgbarLogger()], [logs(0.5), logs(0.5)], interrupt_at=1)
    assert "Epoch 2/2 was interrupted after 3 steps" in terminal.getvalue()
    assert terminal.getvalue().endswith("steps\n") and terminal.getvalue().count(HIDE) == terminal.getvalue().count(
        SHOW
    )
    assert sys.stdout is out


def test_a_bar_that_nobody_ends_gives_the_cursor_back(terminal: io.StringIO) -> None:
    bar = CallbackList([ProgbarLogger()], FakeModel(), {"steps": 2, "verbose": 1})
    bar.on_test_begin()
    assert HIDE in terminal.getvalue() and SHOW not in terminal.getvalue()
    del bar
    gc.collect()
    assert SHOW in terminal.getvalue()


def test_evaluation_and_prediction_have_their_own_line(capsys: pytest.CaptureFixture[str]) -> None:
    bar = CallbackList([ProgbarLogger()], FakeModel(), {"steps": 2, "verbose": 1})
    bar.on_test_begin()
    bar.on_test_batch_end(1, {"loss": 0.5})
    bar.on_test_end({"loss": 0.5})
    bar.on_predict_begin()
    bar.on_predict_batch_end(4)
    bar.on_predict_end()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Evaluate  2 steps in") and lines[0].endswith("loss 0.5000")
    assert lines[1].startswith("Predict  5 steps in")
