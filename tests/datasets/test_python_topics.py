"""The text that Python brings: whole, the same every time, and held-out topics that are really held out."""

import sys

import pytest

from lamina.core import ArgumentError, DataError
from lamina.datasets import python_topics


def test_held_out_text_is_held_out() -> None:
    train, validation = python_topics()
    seen = {paragraph for text in train for paragraph in text.split("\n\n")}
    held_out = [paragraph for text in validation for paragraph in text.split("\n\n")]
    assert len(held_out) > 50 and not seen.intersection(held_out)
    assert 0.05 < sum(map(len, validation)) / sum(map(len, train + validation)) <= 0.1


def test_it_is_prose_and_enough_of_it() -> None:
    text = "\n\n".join(python_topics(validation_split=0.0)[0])
    assert 200_000 < len(text) < 900_000
    assert "Assert statements are a convenient way to insert debugging assertions into a program:" in text
    assert not any(sign in text for sign in ("::=", ">>>", "***", "   ", "\t", "\n\n\n"))
    letters = sum(character.isalpha() or character in " \n" for character in text) / len(text)
    assert letters > 0.9


def test_the_seed_decides() -> None:
    assert python_topics() == python_topics()
    assert python_topics(seed=1)[1] != python_topics(seed=2)[1]
    assert python_topics(validation_split=0.0)[1] == []


def test_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArgumentError, match="validation_split is a share. Expected a number from 0"):
        python_topics(validation_split=1.0)
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(DataError, match="python_topics: the text is the help of this Python"):
        python_topics()
