"""What every tokenizer keeps: ids in range, special tokens out of reach of ordinary text, and a file without code."""

import json
from pathlib import Path

import numpy as np
import pytest

from lamina import Tensor
from lamina.core import ArgumentError, DataError, DTypeError, FileFormatError, UnknownNameError
from lamina.data.tokenizers import (
    BytePairTokenizer,
    CharacterTokenizer,
    Tokenizer,
    WhitespaceTokenizer,
    WordPieceTokenizer,
    load_tokenizer,
)

TEXT = "the cat sat on the mat, the dog did not.\n深度学习 是 机器学习 的 一种 "
SPECIAL = ("<pad>", "<unk>", "<eos>")
ALL = [
    CharacterTokenizer.train(TEXT, special_tokens=SPECIAL),
    WhitespaceTokenizer.train(TEXT, special_tokens=SPECIAL),
    BytePairTokenizer.train(TEXT * 5, 300, special_tokens=SPECIAL),
    WordPieceTokenizer.train(TEXT * 5, 100, special_tokens=SPECIAL, unknown_token="<unk>"),
]
every = pytest.mark.parametrize("tokenizer", ALL, ids=lambda t: type(t).__name__)


@every
def test_text_comes_back(tokenizer: Tokenizer) -> None:
    known = "the dog sat on the cat 是"
    ids = tokenizer.encode(known)
    assert tokenizer.decode(ids) == known
    assert all(type(i) is int and 0 <= i < len(tokenizer) for i in ids)
    assert tokenizer.encode("") == [] and tokenizer.decode([]) == ""
    assert tokenizer.encode_batch([known, ""]) == [ids, []]


@every
def test_special_tokens_come_from_text_only_when_asked_for(tokenizer: Tokenizer) -> None:
    eos = tokenizer.token_to_id("<eos>")
    assert tokenizer.vocabulary[eos] == "<eos>" and eos == 2
    assert eos not in tokenizer.encode("the cat <eos> the")
    ids = tokenizer.encode("the cat<eos>the", special=True)
    assert ids == [*tokenizer.encode("the cat"), eos, *tokenizer.encode("the")]
    assert "<eos>" in tokenizer.decode(ids, skip_special_tokens=False)
    assert "<eos>" not in tokenizer.decode(ids)


@every
def test_a_file_gives_the_same_tokenizer(tokenizer: Tokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "t.json")
    loaded = load_tokenizer(tmp_path / "t.json")
    assert type(loaded) is type(tokenizer) and loaded.vocabulary == tokenizer.vocabulary
    assert loaded.special_tokens == tokenizer.special_tokens and loaded.encode(TEXT) == tokenizer.encode(TEXT)
    assert loaded.get_config() == tokenizer.get_config()
    assert json.loads((tmp_path / "t.json").read_text("utf-8"))["class_name"] == type(tokenizer).__name__


@every
def test_ids_of_any_kind(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("the cat")
    assert tokenizer.decode(np.array(ids, np.uint16)) == tokenizer.decode(Tensor(ids)) == tokenizer.decode(ids)


@every
@pytest.mark.parametrize("wrong", [-1, 10**6])
def test_ids_out_of_range(tokenizer: Tokenizer, wrong: int) -> None:
    with pytest.raises(DataError) as raised:
        tokenizer.decode([3, wrong])
    assert f"Expected ids from 0 to {len(tokenizer) - 1}, received {wrong} in place 1" in str(raised.value)


@every
def test_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(DTypeError, match="only text can be cut into tokens. Expected a str, received a bytes"):
        tokenizer.encode(b"the")
    with pytest.raises(DTypeError, match="one row of whole numbers"):
        tokenizer.decode([0.5])
    with pytest.raises(DTypeError, match=r"shape \(1, 2\)"):
        tokenizer.decode([[3, 4]])
    with pytest.raises(
        UnknownNameError, match=r"Expected one of \d+ tokens, the special ones being <pad>, <unk>, <eos>"
    ):
        tokenizer.token_to_id("no such token")
    for nothing in ("", [], ["", ""]):
        with pytest.raises(DataError, match="a tokenizer learns from text"):
            type(tokenizer).train(nothing)
    with pytest.raises(ArgumentError, match="Expected a vocabulary_size of at least"):
        type(tokenizer).train(TEXT, vocabulary_size=2)


@pytest.mark.parametrize(
    ("vocabulary", "options", "sentence"),
    [
        ([], {"special_tokens": (), "unknown_token": None}, "a vocabulary is not empty"),
        (["a", "a"], {"special_tokens": (), "unknown_token": None}, "every token occurs once"),
        (["a"], {"special_tokens": ("<s>",), "unknown_token": None}, "special tokens are in the vocabulary"),
        (["a", ""], {"special_tokens": (), "unknown_token": None}, "a token is not empty"),
        (["a", "?"], {"special_tokens": (), "unknown_token": "?"}, "the unknown token is a special one"),
    ],
)
def test_vocabulary(vocabulary: list, options: dict, sentence: str) -> None:
    with pytest.raises(ArgumentError, match=sentence):
        CharacterTokenizer(vocabulary, **options)


@pytest.mark.parametrize(
    "content",
    ["{", "[]", "{}", '{"class_name": 3, "config": {}}', '{"class_name": "CharacterTokenizer", "config": {"x": 1}}',
     '{"class_name": "CharacterTokenizer", "config": {"vocabulary": []}}', "\udcff"],
)  # fmt: skip
def test_other_files(content: str, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(content, "utf-8", errors="surrogateescape")
    with pytest.raises(FileFormatError, match="is not a tokenizer that Lamina has saved"):
        load_tokenizer(tmp_path / "t.json")


def test_a_file_names_nothing_outside_of_the_registry(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"class_name": "os.system", "config": {"command": "ls"}}')
    with pytest.raises(UnknownNameError, match="tokenizer: the name is not registered"):
        load_tokenizer(tmp_path / "t.json")
