"""`lamina inspect`: all that is in a file, and nothing of it built."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from lamina import Sequential, layers
from lamina.cli.inspect_file import inspect
from lamina.core import LaminaError
from lamina.core.archive import write_archive
from lamina.core.json_data import to_json
from models.malicious import FORGERIES, Forger, write_valid
from models.sandbox import sandbox


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_valid(tmp_path / "model.lamina")
    return tmp_path / "model.lamina"


def test_a_model_file(lamina: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise AssertionError("something was built")

    monkeypatch.setattr(layers.Layer, "__init__", refuse)
    done = lamina("inspect", path)
    assert done.code == 0 and not done.err
    for words in (
        "config.json", "metadata.json", "parameters", "first", "Dense", "units=3", "activation=relu", "optimizer",
        "learning_rate", "model/first/kernel", "float32", "4 x 3", "48 B", "14 tensors",
    ):  # fmt: skip
        assert words in done.out, words


def test_values(lamina: Any, tmp_path: Path) -> None:
    numbers = {"a": np.array([-1.5, np.nan, 2.25, np.inf], np.float32), "b": np.array([[7, -9]]), "c": np.zeros((0, 2))}
    numbers |= {"d": np.array([True, False]), "e": np.array([1 + 2j], np.complex64), "f": np.array(2.5, np.float16)}
    save_file(numbers, tmp_path / "x.safetensors", {"format": "np"})
    done = lamina("inspect", "--values", tmp_path / "x.safetensors")
    rows = {line.split()[0]: line.split()[1:] for line in done.out.splitlines() if line.strip()}
    assert done.code == 0 and rows["a"] == ["float32", "4", "16", "B", "-1.5", "2.25", "2"]
    assert rows["b"][-3:] == ["-9", "7", "0"] and rows["d"][-3:] == ["0", "1", "0"] and rows["f"][-3:-1] == ["2.5"] * 2
    assert rows["format"] == ["np"] and rows["c"][-1] == "0" == rows["e"][-1]


def test_an_archive_of_other_parts(lamina: Any, tmp_path: Path) -> None:
    state = {"step": 7, "words": "x" * 1000, "terminal": "\x1b[31m\u202e", "[/markup]": "[red]"}
    write_archive(tmp_path / "a.state", {"[/state].json": to_json(state), "raw": b"\0"}, {"kept": "metadata"})
    done = lamina("inspect", tmp_path / "a.state")
    assert done.code == 0 and "kept" in done.out and "1,000 characters" in done.out and "\x1b" not in done.out
    assert all(words in done.out for words in ("\\x1b[31m\\u202e", "[/markup]", "[red]", "[/state].json", "raw"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data.replace(b'"units": 3', b'"units": 4'),
        lambda data: b"",
        lambda data: b"PK\3\4",
        lambda data: b"\x80\x04K\x01.",
    ],
)
@pytest.mark.parametrize("name", ["model.lamina", "model.safetensors"])
def test_damage(lamina: Any, path: Path, damage: Callable[[bytes], bytes], name: str) -> None:
    changed = path.with_name(name)
    changed.write_bytes(damage(path.read_bytes()))
    done = lamina("inspect", changed)
    assert done.code == 1 and str(changed) in done.err and len(done.err.splitlines()) == 1


def test_weights_that_were_changed(lamina: Any, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    Sequential([layers.Input((2,)), layers.Dense(1)]).save_weights(path)
    assert lamina("inspect", path).code == 0
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    done = lamina("inspect", path)
    assert done.code == 1 and "SHA-256" in done.err


@pytest.mark.parametrize("name", list(FORGERIES)[::5])
def test_forged_files_are_shown_or_refused(path: Path, name: str) -> None:
    inspect(path, values=True)
    FORGERIES[name](Forger(path))
    with sandbox(path) as seen, suppress(LaminaError):
        inspect(path, values=True)
    assert not seen


def test_a_file_that_is_not_there(lamina: Any, tmp_path: Path) -> None:
    done = lamina("inspect", tmp_path / "none")
    assert done.code == 1 and "No such file" in done.err
