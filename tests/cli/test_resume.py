"""Trainings that were interrupted go on by a command, and can be made again."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from lamina.cli.resume import exactness
from lamina.cli.train.text import Writer
from lamina.models import load_model

TINY = ("--layers", 1, "--width", 32, "--context", 16, "--batch-size", 8, "--epochs", 2)


@pytest.fixture
def poem(tmp_path: Path) -> Path:
    path = tmp_path / "poem.txt"
    path.write_text("".join(f"the {a} sat on the {b}\n" for a in ("cat", "dog") for b in ("mat", "mug")) * 20)
    return path


def test_goes_on_after_ctrl_c_and_is_verified(
    lamina: Any, poem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, run = tmp_path / "whole", tmp_path / "run"
    assert lamina("train", "text", poem, *TINY, "--out", whole).code == 0
    with monkeypatch.context() as patched:
        patched.setattr(Writer, "on_epoch_begin", lambda self, epoch, logs=None: os.kill(os.getpid(), signal.SIGINT))
        stopped = lamina("train", "text", poem, *TINY, "--out", run)
    assert stopped.code == 130 and f"lamina resume {run}" in stopped.out
    resumed = lamina("resume", run)
    assert resumed.code == 0, resumed.err
    weights = [load_model(folder / "model.lamina").get_weights() for folder in (run, whole)]
    assert all((mine == theirs).all() for mine, theirs in zip(*weights, strict=True))
    assert (run / "metrics.jsonl").read_text().count("\n") == (whole / "metrics.jsonl").read_text().count("\n")
    assert "after epoch 2" in (run / "report.html").read_text()
    kept = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    verified = lamina("verify", run)
    assert lamina("verify", run, "--deterministic").out.startswith("Everything is exact: ")
    assert verified.code == 0 and "equal to the last bit" in verified.out, verified.err
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == kept
    poem.write_text(poem.read_text().replace("cat", "cow"))
    other = lamina("resume", run)
    assert other.code == 1 and "the data that it began with" in other.err


def test_says_what_cannot_be_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLA_FLAGS", "")
    assert "Not exact on this GPU" in exactness("gpu")
    monkeypatch.setenv("XLA_FLAGS", "--xla_gpu_deterministic_ops=true")
    assert exactness("gpu").startswith("Everything is exact")


@pytest.mark.parametrize("words", [None, ["generate", "x"], ["--help"], "text", [], [1]])
def test_a_folder_that_says_anything_else_is_refused(lamina: Any, tmp_path: Path, words: Any) -> None:
    if words is not None:
        (tmp_path / "config.json").write_text(json.dumps({"words": words}))
    done = lamina("resume", tmp_path)
    assert done.code == 1 and "says how it was begun" in done.err
