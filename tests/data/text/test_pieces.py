"""Text in pieces: nothing lost, tokens as of the whole text, and the wrong byte found."""

import tracemalloc
from pathlib import Path

import pytest

from lamina.core import ArgumentError, DataError
from lamina.data.text import read_pieces
from lamina.data.tokenizers import BytePairTokenizer, WordPieceTokenizer

TEXT = "深度学习 is fun,\r\n\r\n  isn't it?\t🎉🎉 x\u2003y \x1c Ende\n" * 40


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_nothing_is_lost_and_tokens_are_those_of_the_whole(size: int, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    pieces = list(read_pieces(tmp_path / "a.txt", size))
    assert "".join(pieces) == TEXT and (size > len(TEXT.encode()) or len(pieces) > 5)
    if size >= 7:  # smaller ones cut through words
        for tokenizer in (BytePairTokenizer.train(TEXT, 300), WordPieceTokenizer.train(TEXT, 100)):
            assert [i for piece in pieces for i in tokenizer.encode(piece)] == tokenizer.encode(TEXT)


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ab", "utf-8-sig")
    assert list(read_pieces(tmp_path / "a.txt")) == ["ab"]
    (tmp_path / "b.txt").write_text("")
    assert list(read_pieces(tmp_path / "b.txt")) == []


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"one\ntwo\nth\xffree", "byte 0xff at offset 10, in line 3"),
        ("学\n习".encode() + b"\xe4\xb8", "byte 0xe4 at offset 7, in line 2"),
        ("深度".encode("gb18030"), "byte 0xc9 at offset 0, in line 1"),
        (b"\xef\xbb\xbfab\n\x80", "byte 0x80 at offset 6, in line 2"),
    ],
)
def test_the_wrong_byte_is_found(content: bytes, sentence: str, size: int, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(DataError) as raised:
        list(read_pieces(tmp_path / "a.txt", size))
    assert sentence in str(raised.value) and "a.txt must be text in UTF-8" in str(raised.value)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    for name, content in (("words", b"some words " * 400_000), ("one_word", "学".encode() * 1_500_000)):
        (tmp_path / name).write_bytes(content)
        tracemalloc.start()
        length = sum(len(piece.encode()) for piece in read_pieces(tmp_path / name, 2**14))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert length == len(content) > 4_000_000 and peak < 1_500_000


def test_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="size counts bytes"):
        list(read_pieces(tmp_path / "a.txt", 0))
