"""BERT's word pieces: the longest known beginning of a word, then the longest known rest, and so on."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Self

from .classes import HAN
from .merges import learn_merges
from .tokenizer import Tokenizer, as_texts, check_size, registry

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_INSIDE = "##"  # marks a piece that does not begin a word
_LONGEST_WORD, _CACHED_WORDS = 100, 2**16
_PARTS = re.compile(rf"[{HAN}]|[^\s{HAN}]+")
_ASCII_SIGN = re.compile(r"[!-/:-@\[-`{-~]")
_CHINESE = f"[{HAN}，。！？、：；（）《》]"
_NO_BLANK = re.compile(rf"(?<={_CHINESE}) (?={_CHINESE})| (?=[.,!?;:)\]])|(?<=[(\[]) ")


@registry.register()
class WordPieceTokenizer(Tokenizer):
    """Words in pieces: "playing" is "play" and "##ing"; a Chinese character is a word of its own.

    Args:
        vocabulary: pieces, those inside of a word with "##" in front, and the special tokens.
        special_tokens: tokens that stand for no text.
        unknown_token: the special token for a word that cannot be put together.
        lowercase: whether capital letters and accents are taken away first.

    Example:
        >>> tokenizer = WordPieceTokenizer.train("play say lay playing saying " * 3, vocabulary_size=20)
        >>> [tokenizer.vocabulary[i] for i in tokenizer.encode("Laying!")]
        ['l', '##ay', '##ing', '[UNK]']
        >>> tokenizer.decode(tokenizer.encode("saying play"))
        'saying play'

    Decoding does not bring back capitals, accents and how words were parted; `BytePairTokenizer` loses nothing.
    Trained by frequency of pairs, as Hugging Face does; Google's own training program was never published.

    Reference: Schuster and Nakajima 2012, Japanese and Korean voice search; Devlin et al. 2019, BERT.
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        special_tokens: Sequence[str] = _SPECIAL,
        unknown_token: str = "[UNK]",
        lowercase: bool = True,
    ) -> None:
        super().__init__(vocabulary, special_tokens, unknown_token)
        self.lowercase = lowercase
        self._word = lru_cache(_CACHED_WORDS)(self._pieces)

    @classmethod
    def train(
        cls,
        texts: str | Iterable[str],
        vocabulary_size: int = 2000,
        special_tokens: Sequence[str] = _SPECIAL,
        unknown_token: str = "[UNK]",
        lowercase: bool = True,
        min_count: int = 2,
    ) -> Self:
        """Learn pieces: special tokens and characters come first, then joined pairs as they are found.

        Args:
            texts: what to learn from.
            vocabulary_size: V, special tokens included; fewer if no pair occurs `min_count` times any more.
            special_tokens, unknown_token, lowercase: as in the constructor.
            min_count: how often a pair must occur to be joined.

        Raises:
            DataError: there is no text.
            ArgumentError: vocabulary_size below the number of characters, at the beginning and inside of words,
                and the special tokens.
        """
        words: Counter[str] = Counter()
        for text in as_texts(texts, cls.__name__):
            words.update(bert_words(text, lowercase))
        symbols = sorted({symbol for word in words for symbol in _symbols(word)})
        check_size(
            vocabulary_size, len(symbols) + len(special_tokens), "all characters and the special tokens", cls.__name__
        )
        learn_merges(words, _symbols, symbols, vocabulary_size - len(special_tokens), _joined, min_count)
        return cls([*special_tokens, *symbols], special_tokens, unknown_token, lowercase)

    def _tokenize(self, text: str) -> list[int]:
        return [i for word in bert_words(text, self.lowercase) for i in self._word(word)]

    def _pieces(self, word: str) -> tuple[int, ...]:
        """The longest piece that the rest of the word begins with, until nothing is left."""
        ids, start = [], 0
        while start < len(word) <= _LONGEST_WORD:
            prefix = _INSIDE if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if prefix + word[start:end] in self._ordinary), None)
            if end is None:
                break
            ids.append(self._ordinary[prefix + word[start:end]])
            start = end
        return tuple(ids) if start == len(word) else (self._lookup(self.unknown_token or ""),)

    def _join(self, tokens: list[str]) -> str:
        words = "".join(t.removeprefix(_INSIDE) if t.startswith(_INSIDE) else f" {t}" for t in tokens)
        return _NO_BLANK.sub("", words.removeprefix(" "))


def bert_words(text: str, lowercase: bool = True) -> list[str]:
    """BERT's words: parted at white space, every sign and every Chinese character a word of its own.

    Example:
        >>> bert_words("Café, 深度!")
        ['cafe', ',', '深', '度', '!']
    """
    text = "".join(" " if c in "\t\n\r" else c for c in text if c in "\t\n\r" or not _is_control(c))
    if lowercase:
        text = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn").lower()
    return [word for part in _PARTS.findall(text) for word in _parted(part)]


def _parted(part: str) -> list[str]:
    """Runs of other characters, and each sign alone."""
    if part.isalnum():
        return [part]
    return "".join(f" {c} " if _is_sign(c) else c for c in part).split()


def _is_sign(character: str) -> bool:
    return bool(_ASCII_SIGN.match(character)) or unicodedata.category(character)[0] == "P"


def _is_control(character: str) -> bool:
    return character in "\0\ufffd" or unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs")


def _symbols(word: str) -> list[str]:
    return [word[0], *(_INSIDE + character for character in word[1:])]


def _joined(first: str, second: str) -> str:
    return first + second.removeprefix(_INSIDE)
