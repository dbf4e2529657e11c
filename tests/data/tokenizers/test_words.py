"""Characters and words: the order of the vocabulary, its size, and what is not in it."""

import pytest

from lamina.core import DataError
from lamina.data.tokenizers import CharacterTokenizer, WhitespaceTokenizer


def test_characters_in_their_order_and_the_most_frequent_kept() -> None:
    assert CharacterTokenizer.train(["ba", "学a"]).vocabulary == ("<pad>", "<unk>", "a", "b", "学")
    small = CharacterTokenizer.train("aaa ccc b", vocabulary_size=4)
    assert small.vocabulary == ("<pad>", "<unk>", "a", "c") and small.encode("abc") == [2, 1, 3]


def test_words_by_frequency() -> None:
    tokenizer = WhitespaceTokenizer.train("b a a c\n c  a", vocabulary_size=4)
    assert tokenizer.vocabulary == ("<pad>", "<unk>", "a", "c") and tokenizer.encode("c\tb a") == [3, 1, 2]
    assert WhitespaceTokenizer.train("b a a c c a", min_count=3).vocabulary == ("<pad>", "<unk>", "a")


@pytest.mark.parametrize("kind", [CharacterTokenizer, WhitespaceTokenizer])
def test_without_an_unknown_token_unknown_text_is_refused(kind: type) -> None:
    tokenizer = kind.train("a b", special_tokens=(), unknown_token=None)
    with pytest.raises(DataError, match="there is no unknown token. Expected one of its . tokens, received 'z'"):
        tokenizer.encode("a z")
