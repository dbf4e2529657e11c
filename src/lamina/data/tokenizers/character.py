"""A token for each character: nothing to learn, and right for Chinese."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Self

from .tokenizer import Tokenizer, as_texts, check_size, registry


@registry.register()
class CharacterTokenizer(Tokenizer):
    """One id per character (code point) of the text.

    Args:
        vocabulary: the characters and the special tokens.
        special_tokens: tokens that stand for no text.
        unknown_token: the special token for characters that are not in the vocabulary; None refuses them.

    Example:
        >>> tokenizer = CharacterTokenizer.train("深度学习,学习深度")
        >>> ids = tokenizer.encode("学深")
        >>> ids, tokenizer.decode(ids)
        ([4, 6], '学深')
        >>> tokenizer.decode(tokenizer.encode("学x"))
        '学<unk>'
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
        special_tokens: Sequence[str] = ("<pad>", "<unk>"),
        unknown_token: str | None = "<unk>",
    ) -> Self:
        """The most frequent characters of the texts, in the order of their code points.

        Args:
            texts: what to count in.
            vocabulary_size: V, special tokens included; None takes every character.
            special_tokens, unknown_token: as in the constructor.

        Raises:
            DataError: there is no text.
            ArgumentError: no room for a single character.
        """
        counts: Counter[str] = Counter()
        for text in as_texts(texts, cls.__name__):
            counts.update(text)
        room = len(counts) if vocabulary_size is None else vocabulary_size - len(special_tokens)
        check_size(room + len(special_tokens), len(special_tokens) + 1, "special tokens and characters", cls.__name__)
        kept = sorted(counts, key=lambda character: (-counts[character], character))[:room]
        return cls([*special_tokens, *sorted(kept)], special_tokens, unknown_token)

    def _tokenize(self, text: str) -> list[int]:
        return [self._lookup(character) for character in text]

    def _join(self, tokens: list[str]) -> str:
        return "".join(tokens)
