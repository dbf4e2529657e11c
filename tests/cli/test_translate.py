"""Learning to translate and translating, as a person types it, on pairs and models small enough for a test."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from lamina.cli.train.pairs import Task, from_file, generated
from lamina.core import DataError
from lamina.models import load_model
from lamina.zoo import GPT, RecurrentTranslator, TransformerTranslator, translation_tokenizer


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """Twenty pairs in the first of which there is a blank too many."""
    path = tmp_path / "pairs.tsv"
    words = [f"{a}{b}" for a in "abcd" for b in "vwxyz"]
    path.write_text("".join(f"{word}\t {word[::-1].upper()}\n" for word in words) + "\n", "utf-8")
    return path


@pytest.fixture
def translator(tmp_path: Path) -> Path:
    """A model that has learned nothing."""
    both = translation_tokenizer(["三月"]), translation_tokenizer(["Mar"])
    RecurrentTranslator(*both, units=4, longest=5).save(tmp_path / "model.lamina")
    return tmp_path / "model.lamina"


def test_training_on_a_file_shows_translations_and_writes_a_report(
    lamina: Any,
    lines: Path,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "run"
    options = ("--model", "transformer", "--width", 8, "--epochs", 2, "--batch-size", 6, "--out", folder)
    done = lamina("train", "translate", lines, *options)
    assert done.code == 0, done.err
    assert "18 pairs to learn from, 2 held out" in done.out and done.out.count(" -> ") == 4
    assert "% of 2 texts it had not seen translated exactly, BLEU" in done.out
    names = {path.name for path in folder.iterdir()}
    assert {"metrics.jsonl", "config.json", "model.lamina", "report.html", "loss.png"} <= names
    config = json.loads((folder / "config.json").read_text())
    assert config["arguments"]["kind"] == "transformer" and len(config["data_sha256"]["held-out"]) == 64
    report = (folder / "report.html").read_text()
    assert "What it looks at" in report and "&lt;end&gt;" in report and "http" not in report.replace("http-equiv", "")
    model = load_model(folder / "model.lamina")
    assert isinstance(model, TransformerTranslator) and model.longest == 2
    assert lamina("translate", folder / "model.lamina", "av").out == model.translate("av")[0] + "\n"


def test_what_is_held_out_is_in_no_direction_and_no_line_learned_from(lines: Path) -> None:
    pairs = from_file(lines, seed=1)
    assert len(pairs.sources) == 20 and len(pairs.held_out[0]) == 2 and set(pairs.targets) >= {"VA", "ZD"}
    assert not set(pairs.training[0]) & set(pairs.held_out[0]) and from_file(lines, seed=2).held_out != pairs.held_out
    for task in Task:
        made = generated(task, 50)
        assert not set(made.training[0]) & set(made.held_out[0]) and len(made.held_out[0]) == 10
        assert not set(made.training[1]) & set(made.held_out[1])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a\tb\nc d\n", "received 'c d' in line 2"),
        (b"a\tb\tc\n", r"'a\\tb\\tc' in line 1"),
        (b"\n a \t\n", "in line 2"),
        (b"a\tb\n\xff\tc\n", "byte 0xff at offset 4, in line 2"),
        (b"a\tb\n" * 50, "at least 10 different sources, received 1"),
        (b"", "received 0"),
    ],
    ids=["one field", "three fields", "an empty field", "not UTF-8", "one source", "nothing"],
)
def test_a_file_that_holds_no_pairs(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "pairs.tsv").write_bytes(content)
    with pytest.raises(DataError, match=said):
        from_file(tmp_path / "pairs.tsv")


def test_translate_reads_arguments_or_lines(
    lamina: Any,
    translator: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = load_model(translator).translate(["三", "月三"])
    assert lamina("translate", translator, "三", "月三").out.splitlines() == found
    monkeypatch.setattr("sys.stdin", io.StringIO("三\n\n月三\n"))
    assert lamina("translate", translator).out.splitlines() == found
    aligned = lamina("translate", translator, "三", "--align").out.splitlines()
    assert aligned[0] == found[0] and aligned[-1] == "<end> 三"


def test_what_cannot_be_translated(
    lamina: Any,
    translator: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    GPT(5, layers=1, heads=1, width=4, context=4).save(tmp_path / "gpt.lamina")
    for arguments, said in (
        ((translator, "四"), "received '四'"),
        ((translator, ""), "0 tokens in text 0"),
        ((translator, "三三三三三三"), "6 tokens in text 0"),
        ((translator,), "received nothing"),
        ((tmp_path / "gpt.lamina", "三"), "received a GPT"),
        ((tmp_path / "none.lamina", "三"), "No such file"),
    ):
        done = lamina("translate", *arguments)
        assert done.code == 1 and done.out == "" and said in done.err and done.err.count("\n") == 1
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"ab\n\xff"), "utf-8"))
    assert "byte 0xff at offset 3" in lamina("translate", translator).err
    both = lamina("train", "translate", translator, "--task", "dates", "--out", tmp_path / "run")
    assert both.code == 1 and "a file or --task" in both.err and not (tmp_path / "run").exists()
