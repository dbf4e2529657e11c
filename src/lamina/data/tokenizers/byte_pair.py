"""Byte pair encoding on bytes, as GPT-2 has it: every text can be written, and nothing is lost."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Self

from ...core import ArgumentError, DataError
from .classes import gpt2_pieces
from .merges import learn_merges, merged
from .tokenizer import Tokenizer, as_texts, check_size, registry

_CACHED_WORDS = 2**16


@cache
def byte_alphabet() -> tuple[str, ...]:
    """A visible character for each of the 256 bytes, so that tokens can be written down as text.

    Printable bytes of Latin-1 stand for themselves, the others for code points from 256 on.

    Example:
        >>> byte_alphabet()[ord("a")], byte_alphabet()[ord(" ")]
        ('a', 'Ġ')
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    spare = iter(range(256, 512))
    return tuple(chr(byte if byte in printable else next(spare)) for byte in range(256))


@registry.register()
class BytePairTokenizer(Tokenizer):
    """Common runs of bytes as tokens: words where they are frequent, letters where they are not, lossless always.

    The text is cut into words with the blank before them, these into bytes, and neighbours are joined in the order in
    which training joined them. Any text comes back: `decode(encode(text)) == text`, emoji and Chinese included.

    Args:
        vocabulary: the tokens in the letters of `byte_alphabet`, and the special tokens.
        merges: pairs of tokens in the order in which they were learnt.
        special_tokens: tokens that stand for no text.

    Raises:
        ArgumentError: a byte without a token, or a merge whose parts or result are no tokens.

    Example:
        >>> tokenizer = BytePairTokenizer.train("low lower lowest " * 9, vocabulary_size=264)
        >>> ids = tokenizer.encode("lowest 雨")
        >>> [tokenizer.vocabulary[i] for i in ids]
        ['low', 'e', 'st', 'Ġ', 'é', 'Ľ', '¨']
        >>> tokenizer.decode(ids)
        'lowest 雨'

    Decoding ids that end inside a character gives "�" for it, as PyTorch's and Hugging Face's tokenizers do.

    Reference: Sennrich, Haddow and Birch 2016, Neural machine translation of rare words with subword units;
    Radford et al. 2019, Language models are unsupervised multitask learners.
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        merges: Sequence[Sequence[str]],
        special_tokens: Sequence[str] = ("<|endoftext|>",),
    ) -> None:
        super().__init__(vocabulary, special_tokens)
        self.merges = tuple((first, second) for first, second in merges)
        self._check_merges()
        ids = self._ordinary
        self._ranks = {(ids[a], ids[b]): (rank, ids[a + b]) for rank, (a, b) in enumerate(self.merges)}
        self._bytes = {letter: byte for byte, letter in enumerate(byte_alphabet())}
        self._byte_ids = [ids[letter] for letter in byte_alphabet()]
        self._word = lru_cache(_CACHED_WORDS)(self._merge)

    @classmethod
    def train(
        cls,
        texts: str | Iterable[str],
        vocabulary_size: int = 2000,
        special_tokens: Sequence[str] = ("<|endoftext|>",),
        min_count: int = 2,
    ) -> Self:
        """Learn merges: the special tokens and the 256 bytes come first, then the joined pairs as they are found.

        Args:
            texts: what to learn from.
            vocabulary_size: V, special tokens included; fewer if no pair occurs `min_count` times any more.
            special_tokens: tokens that stand for no text.
            min_count: how often a pair must occur to be joined.

        Raises:
            DataError: there is no text.
            ArgumentError: vocabulary_size below 256 and the special tokens.
        """
        alphabet = byte_alphabet()
        check_size(vocabulary_size, 256 + len(special_tokens), "the 256 bytes and the special tokens", cls.__name__)
        words: Counter[str] = Counter()
        for text in as_texts(texts, cls.__name__):
            words.update(gpt2_pieces(text))
        symbols = sorted(alphabet)
        size = vocabulary_size - len(special_tokens)
        merges = learn_merges(words, _letters, symbols, size, str.__add__, min_count)
        return cls([*special_tokens, *symbols], merges, special_tokens)

    def _tokenize(self, text: str) -> list[int]:
        return [i for word in gpt2_pieces(text) for i in self._word(word)]

    def _merge(self, word: str) -> tuple[int, ...]:
        """The ids of a word: its bytes, joined by the oldest merge that fits until none does."""
        ids: Sequence[int] = [self._byte_ids[byte] for byte in _utf8(word)]
        ranks, never = self._ranks, (len(self._ranks), 0)
        while len(ids) > 1:
            pair = min(pairwise(ids), key=lambda pair: ranks.get(pair, never))
            if pair not in ranks:
                break
            ids = list(merged(ids, pair, ranks[pair][1]))
        return tuple(ids)

    def _join(self, tokens: list[str]) -> str:
        special = set(self.special_tokens)
        parts = (
            token.encode() if token in special else bytes(self._bytes[letter] for letter in token) for token in tokens
        )
        return b"".join(parts).decode("utf-8", errors="replace")

    def _check_merges(self) -> None:
        alphabet = set(byte_alphabet())
        ordinary = self._ordinary
        merges = [" ".join(merge) for merge in self.merges if not {*merge, "".join(merge)} <= ordinary.keys()]
        rules = (
            ("each of the 256 bytes has a token", [letter for letter in byte_alphabet() if letter not in ordinary]),
            ("a token is written in the letters of byte_alphabet", [t for t in ordinary if not alphabet.issuperset(t)]),
            ("the parts and the result of a merge are tokens", merges),
        )
        for rule, wrong in rules:
            if wrong:
                raise ArgumentError(
                    "BytePairTokenizer",
                    rule,
                    expected="a vocabulary and merges that were learnt together",
                    received=f"{wrong[0]!r} and {len(wrong) - 1} more" if len(wrong) > 1 else repr(wrong[0]),
                    remedy="Take both from one training, or from one file",
                )


def _letters(word: str) -> list[str]:
    alphabet = byte_alphabet()
    return [alphabet[byte] for byte in _utf8(word)]


def _utf8(word: str) -> bytes:
    try:
        return word.encode()
    except UnicodeEncodeError as error:
        raise DataError(
            "BytePairTokenizer",
            "text is made of characters that UTF-8 can write",
            expected="no lone halves of surrogate pairs",
            received=repr(word[error.start]),
            remedy="Read the text with errors='replace', or find out where it was cut",
        ) from error
