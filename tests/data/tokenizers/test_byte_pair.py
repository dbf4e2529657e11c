"""Byte pairs: merges and ids equal to Hugging Face's library, and every text comes back."""

import random
from itertools import pairwise

import pytest

from lamina.core import ArgumentError, DataError
from lamina.data.tokenizers import BytePairTokenizer
from lamina.data.tokenizers.byte_pair import byte_alphabet
from lamina.datasets import python_topics

RANGES = [(32, 127), (0, 0x3000), (0x4E00, 0x9FFF), (0x1F300, 0x1F700), (9, 14), (0x1C, 0x20), (0x2000, 0x200B)]


def strange_texts(count: int) -> list[str]:
    rnd = random.Random(0)
    return ["".join(chr(rnd.randrange(*rnd.choice(RANGES))) for _ in range(100)) for _ in range(count)]


@pytest.fixture(scope="module")
def topics() -> tuple[list[str], list[str]]:
    return python_topics()


@pytest.fixture(scope="module")
def tokenizer(topics: tuple[list[str], list[str]]) -> BytePairTokenizer:
    return BytePairTokenizer.train(topics[0], 2000)


def test_equals_the_library(tokenizer: BytePairTokenizer, topics: tuple[list[str], list[str]]) -> None:
    library = pytest.importorskip("tokenizers")
    theirs = library.Tokenizer(library.models.BPE())
    theirs.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = library.trainers.BpeTrainer(
        vocab_size=2000,
        min_frequency=2,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=library.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    theirs.train_from_iterator(topics[0], trainer)
    assert theirs.get_vocab() == {token: i for i, token in enumerate(tokenizer.vocabulary)}  # learnt by both
    for text in topics[0][:5] + topics[1] + strange_texts(200):
        assert tokenizer.encode(text) == theirs.encode(text).ids


def test_nothing_is_lost(tokenizer: BytePairTokenizer) -> None:
    for text in [*strange_texts(100), "👩‍🚀 流浪地球 naïve\r\n\t  it's we'll 3½²\0", " ", "\n\n"]:
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_it_compresses_text_it_has_not_seen(tokenizer: BytePairTokenizer, topics: tuple[list[str], list[str]]) -> None:
    text = "\n\n".join(topics[1])
    assert len(tokenizer) == 2000 and len(text) / len(tokenizer.encode(text)) > 3


def test_merges_are_the_most_frequent_pairs() -> None:
    """The slow way: all words are counted anew after each merge."""
    words = [list(word.replace(" ", "Ġ")) for word in (" the", " then", " other", " hen", " aaaa") for _ in range(3)]
    tokenizer = BytePairTokenizer.train(" the then other hen aaaa" * 3, 266, special_tokens=())
    assert len(tokenizer.merges) == 10
    for merge in tokenizer.merges:
        counts: dict[tuple[str, str], int] = {}
        for word in words:
            for pair in pairwise(word):
                counts[pair] = counts.get(pair, 0) + 1
        assert counts[merge] == max(counts.values())
        for word in words:
            i = 0
            while i < len(word) - 1:
                if (word[i], word[i + 1]) == merge:
                    word[i : i + 2] = ["".join(merge)]
                i += 1


def test_ids_that_end_inside_a_character(tokenizer: BytePairTokenizer) -> None:
    ids = tokenizer.encode("雨")
    assert len(ids) == 3 and tokenizer.decode(ids[:2]) == "\ufffd"


def test_training_stops_when_nothing_occurs_twice() -> None:
    assert len(BytePairTokenizer.train("ab", 300)) == 257


def test_refused() -> None:
    with pytest.raises(ArgumentError, match="Expected a vocabulary_size of at least 257, received 256"):
        BytePairTokenizer.train("text", 256)
    with pytest.raises(DataError, match="characters that UTF-8 can write"):
        BytePairTokenizer.train("\ud800")
    with pytest.raises(ArgumentError, match="each of the 256 bytes has a token.*received 'Ā' and 254 more"):
        BytePairTokenizer(["b"], [], ())
    with pytest.raises(ArgumentError, match="the result of a merge are tokens.*received 'a b'"):
        BytePairTokenizer(byte_alphabet(), [("a", "b")], ())
    with pytest.raises(ArgumentError, match="in the letters of byte_alphabet.*received '学'"):
        BytePairTokenizer([*byte_alphabet(), "学"], [], ())
