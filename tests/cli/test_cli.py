"""Every command as a person types it, on networks and data small enough for a test."""

import io
import json
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rich
from PIL import Image

from lamina import layers
from lamina.cli import main
from lamina.cli.output import table
from lamina.cli.presets import PRESETS, Data, digit_network
from lamina.core import set_seed
from lamina.datasets import catalogue, mnist
from lamina.models import Sequential, load_model

PICTURES = sorted(Path(__file__).with_name("pictures").glob("*.png"))  # drawn with ImageMagick
COMMANDS = ("train", "evaluate", "predict", "generate", "chat", "summary", "datasets", "info")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A digit network that has learned nothing."""
    set_seed(0)
    digit_network().save(tmp_path / "model.lamina")
    return tmp_path / "model.lamina"


def small_network() -> Sequential:
    hidden = [layers.Flatten(), layers.Dense(16, activation="relu"), layers.Dropout(0.1), layers.Dense(10)]
    return Sequential([layers.Input((28, 28)), layers.Rescaling(1 / 255), *hidden])


@pytest.fixture
def few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The preset with 512 + 200 images and a network that is compiled quickly."""
    (x, y), (x_test, y_test) = mnist()
    few = (x[:512], y[:512]), (x_test[:200], y_test[:200])
    preset = replace(PRESETS[Data.MNIST], load=lambda: few, network=small_network)
    monkeypatch.setitem(PRESETS, Data.MNIST, preset)


def test_help_names_every_command(lamina: Any) -> None:
    done = lamina("--help")
    assert done.code == 0 and all(f"  {name} " in done.out for name in COMMANDS)
    for name in COMMANDS:
        assert lamina(name, "--help").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["train"],
        ["train", "cats"],
        ["train", "mnist", "--epochs", "0"],
        ["predict"],
        ["summary", "--big"],
    ],
)
def test_wrong_usage_is_code_2(lamina: Any, arguments: list[str]) -> None:
    assert lamina(*arguments).code == 2


@pytest.mark.parametrize("command", ["evaluate", "summary", "predict"])
def test_an_error_is_one_line(lamina: Any, command: str, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.lamina"
    damaged.write_bytes(b"PK\3\4 but then something else")
    more = [PICTURES[0]] if command == "predict" else []
    for path, words in ((tmp_path / "none.lamina", "No such file"), (damaged, "damaged")):
        done = lamina(command, path, *more)
        assert done.code == 1 and done.out == ""
        assert done.err.count("\n") == 1 and str(path) in done.err and words in done.err


def test_debug_shows_where_an_error_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        main(["--debug", "summary", "none.lamina"])
    assert "load_model" in "".join(traceback.format_tb(caught.value.__traceback__))
    monkeypatch.setenv("LAMINA_DEBUG", "1")
    with pytest.raises(FileNotFoundError):
        main(["summary", "none.lamina"])


def test_summary(lamina: Any, model: Path) -> None:
    done = lamina("summary", model)
    assert done.code == 0 and "93,322 weights" in done.out and done.out.count("Conv2D") == 3


def test_datasets(lamina: Any) -> None:
    done = lamina("datasets")
    assert done.code == 0 and all(data.name in done.out for data in catalogue())
    assert "70,000" in done.out and "28 x 28" in done.out and "lamina[data]" in done.out


def test_info(lamina: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLA_FLAGS", "--xla_[bold]_flag")
    done = lamina("info")
    assert done.code == 0 and "cpu:0" in done.out and "iB" in done.out and "cores" in done.out
    assert "--xla_[bold]_flag" in done.out


def test_predict_shows_a_line_per_picture(lamina: Any, model: Path) -> None:
    done = lamina("predict", model, *PICTURES[:3], PICTURES[12])
    assert done.code == 0 and done.out.count(".png") == 4 and done.out.count("%") == 12
    alone = lamina("predict", model, PICTURES[12], "--top", "10")
    percent = [float(word) for word in alone.out.split() if word.replace(".", "").isdigit() and "." in word[1:-1]]
    assert sum(percent) == pytest.approx(100, abs=0.1) and percent == sorted(percent, reverse=True)


def test_predict_reads_what_it_can(lamina: Any, model: Path, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("words")
    Image.new("L", (40, 40), 255).save(tmp_path / "blank.png")
    done = lamina("predict", model, tmp_path / "text.png", PICTURES[0], tmp_path / "blank.png", tmp_path / "none.png")
    assert done.code == 1 and done.out.count(".png") == 1
    lines = done.err.splitlines()
    assert len(lines) == 3 and "no picture" in lines[0] and "blank" in lines[1] and "no such picture" in lines[2]


@pytest.mark.parametrize(
    "network",
    [[layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)], [layers.Input((784,)), layers.Dense(10)]],
    ids=["28x28x1", "784"],
)
def test_predict_takes_other_forms_of_the_same_picture(lamina: Any, network: Any, tmp_path: Path) -> None:
    Sequential(network).save(tmp_path / "m.lamina")
    assert lamina("predict", tmp_path / "m.lamina", PICTURES[0]).code == 0


@pytest.mark.parametrize(
    "network",
    [
        [layers.Input((32, 32)), layers.Flatten(), layers.Dense(10)],
        [layers.Input((None, 28)), layers.Dense(10)],
        [layers.Input((28, 28)), layers.Dense(10)],
    ],
    ids=["size", "unknown size", "rows of output"],
)
def test_predict_refuses_a_model_of_something_else(lamina: Any, network: Any, tmp_path: Path) -> None:
    Sequential(network).save(tmp_path / "m.lamina")
    done = lamina("predict", tmp_path / "m.lamina", PICTURES[0])
    assert done.code == 1 and "lamina summary MODEL" in done.err


@pytest.mark.usefixtures("few_digits")
def test_evaluate(lamina: Any, model: Path) -> None:
    done = lamina("evaluate", model)
    _, (x, y) = PRESETS[Data.MNIST].load()
    right = (load_model(model).predict(x).argmax(1) == y).sum()
    assert done.code == 0 and f"accuracy {right / 2:.2f} %" in done.out and f"({200 - right} of 200" in done.out


@pytest.mark.usefixtures("few_digits")
def test_train_writes_a_whole_run(lamina: Any, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = lamina("train", "mnist", "--epochs", 2, "--batch-size", 100, "--seed", 3, "--out", folder)
    assert done.code == 0, done.err
    for phase in ("import", "compiling", "training", "evaluation", "altogether"):
        assert phase in done.out
    assert "Test accuracy" in done.out and str(folder / "report.html") in done.out
    names = {path.name for path in folder.iterdir()}
    assert {"metrics.jsonl", "config.json", "model.lamina", "report.html", "loss.png", "accuracy.png"} <= names
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines].count("epoch") == 2 and len(lines) == 2 + 2 * 6
    assert lines[-1]["step"] == 12 and {"loss", "accuracy", "val_loss", "val_accuracy"} <= lines[-1].keys()
    config = json.loads((folder / "config.json").read_text())
    assert config["arguments"] == {"data": "mnist", "epochs": 2, "batch_size": 100, "seed": 3}
    assert len(config["data_sha256"]["training"]) == 64 and config["versions"]["jax"]
    assert (
        lamina("evaluate", folder / "model.lamina").out.count(done.out.split("Test accuracy ")[1].split(" %")[0]) >= 1
    )
    again = lamina("train", "mnist", "--out", folder)
    assert again.code == 1 and "never overwrites" in again.err


@pytest.mark.usefixtures("few_digits")
def test_a_seed_gives_the_same_weights_again(lamina: Any, tmp_path: Path) -> None:
    weights = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert lamina("train", "mnist", "--epochs", 1, "--seed", seed, "--out", tmp_path / name).code == 0
        weights.append(load_model(tmp_path / name / "model.lamina").get_weights())
    assert all((one == other).all() for one, other in zip(weights[0], weights[1], strict=True))
    assert any((one != other).any() for one, other in zip(weights[0], weights[2], strict=True))


def command(*arguments: Any, **options: Any) -> subprocess.Popen[str]:
    line = [sys.executable, "-c", "from lamina.cli import main; main()", *map(str, arguments)]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


@pytest.mark.slow
def test_ctrl_c_keeps_the_weights(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = command("train", "mnist", "--out", folder)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        if (folder / "metrics.jsonl").exists() and (folder / "metrics.jsonl").stat().st_size:
            break
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert f"lamina resume {folder}" in out and "Traceback" not in err
    assert load_model(folder / "model.lamina").count_params() == 93_322


@pytest.mark.slow
def test_one_epoch_is_enough_to_read_pictures_of_another_program(lamina: Any, tmp_path: Path) -> None:
    """Both polarities, 28x28 and 300x200; the truth is the last letter of the name."""
    trained = lamina("train", "mnist", "--epochs", 1, "--out", tmp_path / "run")
    assert float(trained.out.split("Test accuracy ")[1].split(" %")[0]) > 97
    flipped = []
    for path in PICTURES:
        flipped.append(tmp_path / path.name)
        Image.fromarray(255 - np.asarray(Image.open(path).convert("RGB"))).save(flipped[-1])
    done = lamina("predict", tmp_path / "run" / "model.lamina", *PICTURES, *flipped, "--top", 1)
    lines = [line.split() for line in done.out.splitlines() if line.strip().endswith("%")]
    pictures = [*PICTURES, *flipped]
    right = [path.stem[-1] == line[-3] for path, line in zip(pictures, lines, strict=True)]
    assert sum(right) >= 38, [path.name for path, ok in zip(pictures, right, strict=True) if not ok]


def test_output_into_a_closed_pipe_is_no_traceback(model: Path) -> None:
    with command("datasets") as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


def test_tables_hold_cells_as_they_are() -> None:
    text = io.StringIO()
    rich.console.Console(file=text, width=80).print(table("", ("a", "b"), [("[red]x[/red]", r"c:\[d]")]))
    assert "[red]x[/red]" in text.getvalue() and r"c:\[d]" in text.getvalue()
