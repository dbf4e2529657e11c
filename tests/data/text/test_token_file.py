"""Token files: made once, found again, made anew when text or tokenizer change, and never half a file."""

from pathlib import Path

import numpy as np
import pytest

from lamina.core import DataError
from lamina.data.text import tokenize_files
from lamina.data.tokenizers import CharacterTokenizer, Tokenizer


class Counting(CharacterTokenizer):
    """Counts how often it is called."""

    calls = 0

    def encode(self, text: str, special: bool = False) -> list[int]:
        type(self).calls += 1
        return super().encode(text, special)


@pytest.fixture
def tokenizer() -> Tokenizer:
    Counting.calls = 0
    return Counting.train("abc 学", special_tokens=("<unk>", "<end>"))


def test_made_once_and_found_again(tokenizer: Tokenizer, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ab 学")
    first = tokenize_files(tmp_path / "a.txt", tokenizer)
    calls = Counting.calls
    again = tokenize_files([tmp_path / "a.txt"], tokenizer)
    assert Counting.calls == calls > 0 and isinstance(again, np.memmap) and not again.flags.writeable
    assert first.tolist() == again.tolist() == tokenizer.encode("ab 学") and first.dtype == np.uint16
    assert [path.suffix for path in (tmp_path / ".lamina-tokens").iterdir()] == [".uint16"]


def test_made_anew_when_something_changes(tokenizer: Tokenizer, tmp_path: Path) -> None:
    text, cache = tmp_path / "a.txt", tmp_path / "cache"
    text.write_text("ab")
    assert tokenize_files(text, tokenizer, cache=cache).tolist() == tokenizer.encode("ab")
    text.write_text("ba")
    assert tokenize_files(text, tokenizer, cache=cache).tolist() == tokenizer.encode("ba")
    other = Counting.train("ba", special_tokens=("<unk>",))
    assert tokenize_files(text, other, cache=cache).tolist() == other.encode("ba")
    assert tokenize_files(text, tokenizer, "<end>", cache).tolist() == [*tokenizer.encode("ba"), 1]
    assert len(list(cache.iterdir())) == 4


def test_several_files_with_separators(tokenizer: Tokenizer, tmp_path: Path) -> None:
    for name, content in (("1", "ab"), ("2", ""), ("3", "c")):
        (tmp_path / name).write_text(content)
    tokens = tokenize_files([tmp_path / name for name in "123"], tokenizer, "<end>")
    assert tokens.tolist() == [*tokenizer.encode("ab"), 1, *tokenizer.encode("c"), 1]


def test_large_vocabularies_take_four_bytes(tmp_path: Path) -> None:
    tokenizer = CharacterTokenizer([chr(i) for i in range(0x10000, 0x20001)], (), None)
    (tmp_path / "a.txt").write_text(chr(0x20000))
    tokens = tokenize_files(tmp_path / "a.txt", tokenizer)
    assert tokens.dtype == np.uint32 and tokens.tolist() == [65536]


def test_a_file_that_fails_leaves_nothing(tokenizer: Tokenizer, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"ab " * 10 + b"\xff")
    with pytest.raises(DataError, match="byte 0xff at offset 30, in line 1"):
        tokenize_files(tmp_path / "a.txt", tokenizer, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("names", [[], ["empty"], ["empty", "empty"]])
def test_no_text(names: list[str], tokenizer: Tokenizer, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    with pytest.raises(DataError, match="there must be text to learn from. Expected at least one token, received no"):
        tokenize_files([tmp_path / name for name in names], tokenizer)
