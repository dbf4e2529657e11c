"""A tokenizer.json behind Lamina's interface."""

import json
from pathlib import Path

import pytest

from lamina.core import DataError, FileFormatError
from lamina.data.tokenizers import BytePairTokenizer, HuggingFaceTokenizer, load_tokenizer, read_tokenizer

library = pytest.importorskip("tokenizers")


FAR = '{"model": {"type": "WordLevel", "vocab": {"a": 0, "b": 1000000000}, "unk_token": "a"}}'  # room for every id?
PANICS = (
    '{"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "": 2}, "merges": ["a b"], "continuing_subword_prefix": "##"}}'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ours = BytePairTokenizer.train("low lower lowest newer " * 5, 275)
    model = library.models.BPE({token: i for i, token in enumerate(ours.vocabulary)}, list(ours.merges))
    theirs = library.Tokenizer(model)
    theirs.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    theirs.decoder = library.decoders.ByteLevel()
    theirs.add_special_tokens(["<|endoftext|>"])
    theirs.save(str(tmp_path / "tokenizer.json"))
    ours.save(tmp_path / "ours.json")
    return tmp_path


def test_it_does_what_its_file_says(folder: Path) -> None:
    ours, theirs = load_tokenizer(folder / "ours.json"), read_tokenizer(folder)
    assert theirs.vocabulary == ours.vocabulary and theirs.special_tokens == ours.special_tokens
    text = "newest 世界 <|endoftext|> 🎉"
    assert theirs.encode(text) == ours.encode(text) and theirs.decode(ours.encode(text)) == text
    assert theirs.encode(text, special=True) == ours.encode(text, special=True)
    end = theirs.encode(text, special=True)
    assert end.count(0) == 1 and "<|endoftext|>" not in theirs.decode(end)
    assert theirs.decode(end, skip_special_tokens=False) == text


def test_it_is_saved_like_the_others(folder: Path) -> None:
    theirs = read_tokenizer(folder / "tokenizer.json")
    theirs.save(folder / "saved.json")
    loaded = load_tokenizer(folder / "saved.json")
    assert isinstance(loaded, HuggingFaceTokenizer) and loaded.encode("lowest") == theirs.encode("lowest")


def test_refused(folder: Path) -> None:
    with pytest.raises(DataError, match="ids from 0 to 268, received 275"):
        read_tokenizer(folder).decode([275])
    for content in ("{", "[]", "{}", json.dumps({"model": {"type": "Magic"}}), FAR, PANICS):
        (folder / "tokenizer.json").write_text(content)
        with pytest.raises(FileFormatError, match="tokenizer of Hugging Face's|JSON cannot be read"):
            read_tokenizer(folder)
