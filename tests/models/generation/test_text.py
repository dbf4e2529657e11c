"""Text as it comes: nothing is shown that would have to be taken back."""

import pytest

from lamina.models.generation import TextStream
from models.generation.fakes import Bytes

TEXT = "naïve 深度学习 🙂! Ende\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pieces_are_whole_characters_and_add_up(size):
    stream, data = TextStream(Bytes()), TEXT.encode()
    pieces = [stream.push(list(data[i : i + size])) for i in range(0, len(data), size)] + [stream.close()]
    assert "".join(pieces) == TEXT and not any("\ufffd" in piece for piece in pieces)
    assert "".join(pieces[:-1]) == TEXT  # nothing is held back without need


def test_long_texts_forget_their_beginning():
    stream, data = TextStream(Bytes()), (TEXT * 40).encode()
    assert "".join(stream.push([byte]) for byte in data) == TEXT * 40
    assert len(stream._ids) < 200


def test_half_a_character_at_the_end_is_left_out_and_broken_bytes_in_the_middle_are_shown():
    stream = TextStream(Bytes())
    assert stream.push(list("ab深".encode())[:-1]) + stream.close() == "ab"
    stream = TextStream(Bytes())
    assert stream.push([97, 0xFF, 98]) == "a\ufffdb"


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(
    ("stops", "expected"),
    [
        (["END"], "one EN two "),
        (["EN"], "one "),
        (["two", "one EN t"], ""),
        (["学"], "one EN two END 深"),
        (["x"], None),
    ],
)
def test_stop_strings(size, stops, expected):
    text = "one EN two END 深学!"
    stream, data = TextStream(Bytes(), stops), text.encode()
    pieces = [stream.push(list(data[i : i + size])) for i in range(0, len(data), size)]
    assert "".join(pieces) + stream.close() == (text if expected is None else expected)
    assert stream.stopped == (expected is not None)


def test_the_beginning_of_a_stop_string_comes_out_when_it_was_none():
    stream = TextStream(Bytes(), ["ENDE"])
    assert [stream.push([byte]) for byte in b"ENDx"] == ["", "", "", "ENDx"]
    stream = TextStream(Bytes(), ["ENDE"])
    assert stream.push(list(b"a EN")) + "|" + stream.close() == "a |EN"
