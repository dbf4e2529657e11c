"""Learning to tell texts apart from a CSV file, as a person types it."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from lamina.cli.train.labelled_texts import read_labelled
from lamina.datasets import TOPICS, topics
from lamina.models import load_model

SMALL = ("--units", 16, "--epochs", 8, "--length", 16)
GOOD = b"review,mood\n" + b"".join(b'"film %d, they say",%s\n' % (i, (b"good", b"bad")[i % 2]) for i in range(30))


def write(path: Path, rows: Any) -> Path:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Sentences on two topics, one of them twice, with a blank line at the end."""
    (texts, labels), _ = topics(300, "zh")
    rows = [(i, text, TOPICS[k]) for i, (text, k) in enumerate(zip(texts, labels, strict=True)) if k < 2]
    return write(tmp_path / "articles.csv", [("id", "text", "topic"), *rows, rows[0], ()])


def test_training_writes_a_run_whose_model_reads_texts(lamina: Any, articles: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    columns = ("--text", "text", "--label", "topic")
    done = lamina("train", "classify", articles, *columns, *SMALL, "--out", folder)
    assert done.code == 0, done.err
    assert "1 repeated rows left out" in done.out and "(Character)" in done.out and " texts wrong" in done.out
    assert "texts fill all 16 tokens" in done.out
    assert float(done.out.split("Test accuracy ")[1].split(" %")[0]) > 75
    names = {path.name for path in folder.iterdir()}
    assert {"metrics.jsonl", "config.json", "model.lamina", "report.html", "loss.png", "confusion.png"} <= names
    config = json.loads((folder / "config.json").read_text())
    assert config["arguments"]["label"] == "topic" and len(config["data_sha256"]["test"]) == 64
    assert load_model(folder / "model.lamina").classes == ("sport", "weather")
    said = lamina("predict", folder / "model.lamina", "听说守门员进了两个球。", "北风淹没了道路。")
    first, second = (line for line in said.out.splitlines() if "%" in line)
    assert said.code == 0 and first.split()[1] == "sport" and second.split()[1] == "weather"


def test_parts_have_the_same_share_of_each_class(articles: Path) -> None:
    data = read_labelled(articles, "text", "topic")
    parts = data.split(seed=0)
    assert [round(len(texts) / len(data.texts), 1) for texts, _ in parts] == [0.8, 0.1, 0.1]
    assert all(abs(labels.mean() - data.labels.mean()) < 0.05 for _, labels in parts)
    assert sorted(text for texts, _ in parts for text in texts) == sorted(data.texts)


def test_quoted_cells_may_hold_anything(tmp_path: Path) -> None:
    rows = [(f'{i}: "so, so"\nthey said', "ab"[i % 2]) for i in range(20)]
    data = read_labelled(write(tmp_path / "quoted.csv", [("text", "kind"), *rows]), "text", "kind")
    assert data.texts == [text for text, _ in rows] and data.classes == ("a", "b")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD.replace(b"review", b"reviews"), "Did you mean 'reviews'?"),
        (GOOD.replace(b",mood", b",review"), "one column 'review'"),
        (GOOD.replace(b",", b";"), "--separator ';'"),
        (GOOD + b"one more\n", "1 in line 32"),
        (GOOD + b"a,b,c\n", "3 in line 32"),
        (GOOD + b'"two\nlines",\n', "nothing in line 33"),
        (GOOD + b'"not closed,bad\n', "no CSV"),
        (GOOD + b"caf\xe9,bad\n", "byte 0xe9 at offset"),
        (GOOD.replace(b"bad", b"good"), "received ['good']"),
        (GOOD + b"strange,odd\n", "1 of 'odd'"),
        (b"review,mood\n", "no rows"),
        (b"", "an empty file"),
    ],
    ids=[
        "name", "twice", "separator", "short row", "long row", "empty", "quote", "utf-8", "one class", "rare",
        "no rows", "nothing",
    ],
)  # fmt: skip
def test_a_bad_file_is_one_line_and_leaves_nothing_behind(
    lamina: Any, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    done = lamina("train", "classify", path, "--text", "review", "--label", "mood", "--out", tmp_path / "run")
    assert done.code == 1 and words in done.err and str(path) in done.err and done.err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_the_file_of_the_errors_is_good_itself(tmp_path: Path) -> None:
    path = tmp_path / "good.csv"
    path.write_bytes(GOOD)
    assert len(read_labelled(path, "review", "mood").texts) == 30
