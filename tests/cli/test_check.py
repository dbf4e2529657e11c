"""`lamina check`, as a person types it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamina import layers
from lamina.cli.presets import PRESETS, Data
from lamina.models import Sequential


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A classifier of four numbers whose last layer and loss do not go together."""
    network = Sequential([layers.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(2)])
    network.compile("adam", "sparse_categorical_crossentropy")
    network.save(tmp_path / "model.lamina")
    return tmp_path / "model.lamina"


def table(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(n, 4)).round(4)
    return x, (x[:, 0] > 0).astype(int)


def test_a_grave_finding_is_code_1(lamina: Any, model: Path, tmp_path: Path) -> None:
    x, y = table()
    np.savez(tmp_path / "data.npz", x=x, y=y)
    done = lamina("check", "model", model, tmp_path / "data.npz")
    assert done.code == 1 and "logits-as-prob" in done.out and "Set from_logits=True" in done.out
    assert "1 error" in done.out and done.err == ""


def test_a_table_of_numbers_is_read(lamina: Any, tmp_path: Path) -> None:
    network = Sequential(
        [layers.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(2, activation="softmax")]
    )
    network.compile("adam", "sparse_categorical_crossentropy")
    network.save(tmp_path / "model.lamina")
    x, y = table()
    rows = "\n".join(",".join(map(str, [label, *row])) for row, label in zip(x, y, strict=True))
    (tmp_path / "data.csv").write_text(f"kind,a,b,c,d\n{rows}\n")
    done = lamina("check", "model", tmp_path / "model.lamina", tmp_path / "data.csv", "--target", "kind")
    assert done.code == 0 and "0 errors, 0 warnings" in done.out and "memory" in done.out, done.out
    wrong = lamina("check", "model", tmp_path / "model.lamina", tmp_path / "data.csv", "--target", "kid")
    assert wrong.code == 1 and "Did you mean 'kind'?" in wrong.err
    (tmp_path / "data.csv").write_text("a,b\n1,2\n3,x\n")
    words = lamina("check", "model", tmp_path / "model.lamina", tmp_path / "data.csv")
    assert words.code == 1 and "received '3, x' in line 3" in words.err


def test_objects_are_not_read(lamina: Any, model: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.array([{}], dtype=object), y=np.zeros(1))
    done = lamina("check", "model", model, tmp_path / "data.npz")
    assert done.code == 1 and "allow_pickle=False" in done.err and done.err.count("\n") == 1


def test_what_train_would_do_is_sound(lamina: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    preset = PRESETS[Data.MNIST]
    (x, y), (x_test, y_test) = preset.load()
    few = (x[:512], y[:512]), (x_test[:200], y_test[:200])
    monkeypatch.setitem(PRESETS, Data.MNIST, type(preset)(preset.title, lambda: few, preset.network, 2e-3, ()))
    assert "0 errors, 0 warnings" in lamina("check", "mnist").out
    order = np.random.default_rng(0)
    rows = [f"{' '.join(order.choice(['a', 'fine', 'good', 'tree', 'dull', 'old'], 6))}" for _ in range(200)]
    lines = [f"{i} {row},{'good' in row}" for i, row in enumerate(rows)]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *lines]))
    done = lamina("check", "classify", tmp_path / "texts.csv", "--text", "text", "--label", "label", "--length", 16)
    assert done.code == 0 and "0 errors" in done.out, done.out


@pytest.mark.slow
def test_a_language_model_is_sound(lamina: Any, tmp_path: Path) -> None:
    letters = np.random.default_rng(0).choice(list("abcde fgh"), 20_000)
    (tmp_path / "a.txt").write_text("".join(letters))
    done = lamina("check", "text", tmp_path / "a.txt", "--context", 32)
    assert done.code == 0 and "0 errors, 0 warnings" in done.out, done.out
