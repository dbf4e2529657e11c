"""Learning to write and writing, as a person types it, on texts and models small enough for a test."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from lamina.data.tokenizers import BytePairTokenizer, CharacterTokenizer
from lamina.models import load_model
from lamina.zoo import GPT

TINY = ("--layers", 1, "--width", 32, "--context", 16, "--batch-size", 8)


@pytest.fixture
def poem(tmp_path: Path) -> Path:
    """A text in which every line is like the others."""
    path = tmp_path / "poem.txt"
    path.write_text("".join(f"the {a} sat on the {b}\n" for a in ("cat", "dog", "bird") for b in ("mat", "mug")) * 20)
    return path


@pytest.fixture
def writer(tmp_path: Path) -> Path:
    """A model that has learned nothing, with a tokenizer."""
    tokenizer = CharacterTokenizer.train(["Q: who?\nA: me, é"])
    model = GPT(len(tokenizer), layers=1, heads=2, width=8, context=32, tokenizer=tokenizer)
    model.save(tmp_path / "writer.lamina")
    return tmp_path / "writer.lamina"


@pytest.mark.parametrize("tokens", ["characters", "byte-pairs"])
def test_training_on_a_file_shows_samples_and_writes_a_report(
    lamina: Any,
    poem: Path,
    tmp_path: Path,
    tokens: str,
) -> None:
    folder = tmp_path / "run"
    done = lamina("train", "text", poem, *TINY, "--epochs", 2, "--tokens", tokens, "--vocabulary", 280, "--out", folder)
    assert done.code == 0, done.err
    assert "tokens to learn from" in done.out and done.out.count("  perplexity ") == 2 and "5-gram model: " in done.out
    names = {path.name for path in folder.iterdir()}
    assert {"metrics.jsonl", "config.json", "model.lamina", "report.html", "loss.png", "attention.png"} <= names
    config = json.loads((folder / "config.json").read_text())
    assert config["arguments"]["context"] == 16 and len(config["data_sha256"]["held-out"]) == 64
    report = (folder / "report.html").read_text()
    assert "after epoch 2" in report and "What it looks at" in report and "http" not in report.replace("http-equiv", "")
    model = load_model(folder / "model.lamina")
    kind = CharacterTokenizer if tokens == "characters" else BytePairTokenizer
    assert isinstance(model.tokenizer, kind) and model.tokenizer.decode(model.tokenizer.encode("the cat")) == "the cat"
    judged = float(done.out.split("Perplexity ")[1].split(" ")[0])
    assert 1 < judged < len(model.tokenizer)
    written = lamina("generate", folder / "model.lamina", "--prompt", "the cat", "--tokens", 5, "--seed", 3)
    assert written.code == 0 and written.out.startswith("the cat")


@pytest.mark.slow
def test_the_language_reference_is_learned_from_when_no_file_is_named(lamina: Any, tmp_path: Path) -> None:
    done = lamina("train", "text", *TINY, "--batch-size", 256, "--epochs", 1, "--out", tmp_path / "run")
    assert done.code == 0, done.err
    assert "Python's language reference" in done.out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "there must be text"),
        (b" \n", "there must be text"),
        (b"too short", "at least 320 tokens"),
        (b"the cat\nsat \xff on the mat\n" * 99, "byte 0xff at offset 12, in line 2"),
    ],
    ids=["empty", "blank", "short", "not UTF-8"],
)
def test_a_text_that_cannot_be_learned_is_refused(
    lamina: Any,
    tmp_path: Path,
    content: bytes,
    words: str,
) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    done = lamina("train", "text", tmp_path / "a.txt", *TINY, "--out", tmp_path / "run")
    assert done.code == 1 and words in done.err and done.err.count("\n") == 1


def test_generate_is_repeatable_and_ends_where_it_is_told_to(lamina: Any, writer: Path) -> None:
    once, again = (lamina("generate", writer, "--prompt", "who", "--tokens", 12, "--seed", 5).out for _ in range(2))
    assert once == again and once.startswith("who") and len(once) > 6
    middle = once[-4]
    cut = lamina("generate", writer, "--prompt", "who", "--tokens", 12, "--seed", 5, "--stop", middle).out
    assert cut == "who" + once[3:].split(middle)[0] + "\n"


def test_generate_reads_the_beginning_from_standard_input(
    lamina: Any,
    writer: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("me\n"))
    assert lamina("generate", writer, "--tokens", 3).out.startswith("me")


@pytest.mark.parametrize(("prompt", "words"), [("", "empty"), ("who? " * 20, "at most 32 tokens")])
def test_generate_refuses_a_beginning_it_cannot_read(
    lamina: Any,
    writer: Path,
    prompt: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(prompt))
    done = lamina("generate", writer, "--tokens", 3)
    assert done.code == 1 and words in done.err


def test_a_model_that_cannot_write_is_refused(lamina: Any, tmp_path: Path) -> None:
    GPT(5, layers=1, heads=2, width=8, context=8).save(tmp_path / "m.lamina")
    done = lamina("generate", tmp_path / "m.lamina", "--prompt", "a")
    assert done.code == 1 and "a GPT without a tokenizer" in done.err


def test_chat_answers_every_line_and_forgets_the_oldest(
    lamina: Any,
    writer: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("who?\n" * 5 + "\nme\n"))  # more than the context holds
    done = lamina("chat", writer, "--tokens", 4, "--seed", 1)
    assert done.code == 0 and done.out.count("A:") >= 5
