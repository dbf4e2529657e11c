"""Word pieces: words and ids equal to Hugging Face's BERT, greedy from the left."""

import unicodedata

import pytest

from lamina.core import ArgumentError
from lamina.data.tokenizers import WordPieceTokenizer
from lamina.data.tokenizers.word_piece import bert_words
from lamina.datasets import python_topics

CODES = [*range(1, 0x600), *range(0x2000, 0x2070), *range(0x3000, 0x3400), *range(0x4E00, 0x4F00)]
LETTERS = [letter for letter in map(chr, CODES) if unicodedata.category(letter) != "Cn"]


@pytest.mark.parametrize("lowercase", [True, False])
def test_equals_the_library(lowercase: bool) -> None:
    library = pytest.importorskip("tokenizers")
    train, validation = python_topics()
    tokenizer = WordPieceTokenizer.train([*train[:20], "深度学习 Café naïve " * 3], 1000, lowercase=lowercase)
    ids = {token: i for i, token in enumerate(tokenizer.vocabulary)}
    theirs = library.Tokenizer(library.models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    theirs.normalizer = library.normalizers.BertNormalizer(lowercase=lowercase, strip_accents=lowercase)
    theirs.pre_tokenizer = library.pre_tokenizers.BertPreTokenizer()
    texts = ["class" + letter + "of" for letter in LETTERS]
    for text in [*texts, *validation, "深度 Café! " + "a" * 101]:
        assert tokenizer.encode(text) == theirs.encode(text).ids, repr(text)


def test_the_longest_piece_first() -> None:
    tokenizer = WordPieceTokenizer(["[UNK]", "a", "ab", "##b", "##c", "##bc"], ["[UNK]"])
    assert tokenizer.encode("abc a abx abbc") == [2, 4, 1, 0, 2, 5]
    assert tokenizer.encode("a" + "b" * 99) == [2, *[3] * 98] and tokenizer.encode("a" + "b" * 100) == [0]


def test_words() -> None:
    assert bert_words("Ça va\u00a0bien?\u200b(是的)", lowercase=True) == ["ca", "va", "bien", "?", "(", "是", "的", ")"]
    assert bert_words("Ça", lowercase=False) == ["Ça"]


def test_decoding_sets_blanks_where_they_belong() -> None:
    tokenizer = WordPieceTokenizer.train("it is good, very good! (yes) 深度学习，是。", 200, min_count=1)
    for text in ("it is good, very good! (yes)", "深度学习，是。"):
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_the_vocabulary_must_hold_the_alphabet() -> None:
    with pytest.raises(
        ArgumentError, match="all characters and the special tokens. Expected .* at least 8, received 7"
    ):
        WordPieceTokenizer.train("abc", 7)
    assert WordPieceTokenizer.train("abc", 8).vocabulary[5:] == ("##b", "##c", "a")
