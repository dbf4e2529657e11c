"""A token for each word between white space."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Self

from .tokenizer import Tokenizer, as_texts, check_size, registry


@registry.register()
class WhitespaceTokenizer(Tokenizer):
    """One id per word; rare words share the unknown token. Decoding puts one blank between two words.

    Args:
        vocabulary: the words and the special tokens.
        special_tokens: tokens that stand for no text.
        unknown_token: the special token for words that are not in the vocabulary; None refuses them.

    Example:
        >>> tokenizer = WhitespaceTokenizer.train("the cat and the dog", min_count=2)
        >>> tokenizer.vocabulary
        ('<pad>', '<unk>', 'the')
        >>> tokenizer.decode(tokenizer.encode("the bird"))
        'the <unk>'
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        special_tokens: Sequence[str] = ("<pad>", "<unk>"),
        unknown_token: str | None = "<unk>",
    ) -> None:
        super().__init__(vocabulary, special_tokens, unknown_token)

    @classmethod
    def train(
        cls,
        texts: str | Iterable[str],
        vocabulary_size: int | None = None,
        min_count: int = 1,
        special_tokens: Sequence[str] = ("<pad>", "<unk>"),
        unknown_token: str | None = "<unk>",
    ) -> Self:
        """The most frequent words of the texts, the most frequent first.

        Args:
            texts: what to count in.
            vocabulary_size: V, special tokens included; None takes every word.
            min_count: how often a word must occur.
            special_tokens, unknown_token: as in the constructor.

        Raises:
            DataError: there is no text.
            ArgumentError: no room for a single word.
        """
        counts: Counter[str] = Counter()
        for text in as_texts(texts, cls.__name__):
            counts.update(text.split())
        room = len(counts) if vocabulary_size is None else vocabulary_size - len(special_tokens)
        check_size(room + len(special_tokens), len(special_tokens) + 1, "special tokens and words", cls.__name__)
        frequent = (word for word, count in counts.items() if count >= min_count and word not in special_tokens)
        ordered = sorted(frequent, key=lambda word: (-counts[word], word))
        return cls([*special_tokens, *ordered[:room]], special_tokens, unknown_token)

    def _tokenize(self, text: str) -> list[int]:
        return [self._lookup(word) for word in text.split()]

    def _join(self, tokens: list[str]) -> str:
        return " ".join(tokens)
