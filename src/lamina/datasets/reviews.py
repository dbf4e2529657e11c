"""Film reviews whose feeling is known, with the negations that turn it around."""

from typing import NamedTuple

import numpy as np

from .generated import check_choice, choose, draw_split, is_held_out

Labelled = tuple[list[str], np.ndarray]  # texts, labels


class _Words(NamedTuple):
    """What a clause is made of; a sign -1 turns the feeling around."""

    openings: tuple[tuple[str, int], ...]
    nouns: tuple[str, ...]
    modifiers: tuple[tuple[str, int], ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]
    clause: str
    and_: str
    but: str
    end: str


_LANGUAGES = {
    "en": _Words(
        (("", 1), ("I think ", 1), ("I do not think ", -1), ("nobody would say that ", -1)),
        ("the film", "the plot", "the acting", "the music", "the ending", "the dialogue", "the second half"),
        (("is", 1), ("is really", 1), ("is quite", 1), ("turned out to be", 1), ("is not", -1), ("is hardly", -1),
         ("is not at all", -1), ("never gets", -1)),
        ("good", "exciting", "funny", "moving", "clever", "beautiful", "convincing"),
        ("bad", "boring", "silly", "clumsy", "tiring", "predictable", "dull"),
        "{opening}{noun} {modifier} {word}", ", and ", ", but ", ".",
    ),
    "zh": _Words(
        (("", 1), ("我觉得", 1), ("我不觉得", -1), ("没人会说", -1)),
        ("这部电影", "剧情", "演员的表演", "音乐", "结局", "台词", "后半段"),
        (("很", 1), ("真的很", 1), ("相当", 1), ("非常", 1),
         ("不", -1), ("不怎么", -1), ("一点也不", -1), ("算不上", -1)),
        ("好看", "精彩", "有趣", "感人", "巧妙", "动人", "可信"),
        ("难看", "无聊", "乏味", "糟糕", "拖沓", "老套", "平淡"),
        "{opening}{noun}{modifier}{word}", "，而且", "，但是", "。",
    ),
}  # fmt: skip


def reviews(
    samples: int = 5000, language: str = "en", test_size: float = 0.2, seed: int = 0
) -> tuple[Labelled, Labelled]:
    """Sentences about films, positive (1) or negative (0), half of each on average.

    A negation turns the feeling around ("not good", 不怎么好看, "I do not think the plot is dull"), two of them turn it
    back; after "but" comes what counts. One in five combinations of a negation, or another modifier, with a word is in
    the test part only: who has learnt words but not negation is right there half the time.

    Args:
        samples: sentences in both parts together, no two alike.
        language: "en" or "zh".
        test_size: share of the test part.
        seed: any integer.

    Returns:
        ((texts, labels), (test texts, test labels)): lists of texts, labels int32 (N,).

    Raises:
        ArgumentError: an unknown language, or an empty part.

    Example:
        >>> (texts, labels), _ = reviews(100)
        >>> print(labels[1], texts[1])
        0 Nobody would say that the music is hardly boring.
    """
    check_choice("reviews", "language", language, tuple(_LANGUAGES))
    words = _LANGUAGES[language]
    parts = draw_split("reviews", lambda rng, held_out: _sentence(rng, words, held_out), samples, test_size, seed)
    train, test = (([text for text, _ in part], np.array([label for _, label in part], np.int32)) for part in parts)
    return train, test


def _sentence(rng: np.random.Generator, words: _Words, held_out: bool) -> tuple[str, int]:
    """One clause, or two; the last one decides, and is new in the test part."""
    label = int(rng.integers(2))
    text = _clause(rng, words, label, held_out)
    kind = int(rng.integers(3))
    if kind:
        joint, before = (words.and_, label) if kind == 1 else (words.but, 1 - label)
        text = _clause(rng, words, before, held_out) + joint + text
    return text[0].upper() + text[1:] + words.end, label


def _clause(rng: np.random.Generator, words: _Words, label: int, held_out: bool) -> str:
    """A clause of this feeling, with a modifier and a word that are together in this part only."""
    while True:
        opening, first_sign = choose(rng, words.openings)
        i = int(rng.integers(len(words.modifiers)))
        modifier, second_sign = words.modifiers[i]
        is_good = (label == 1) == (first_sign * second_sign == 1)
        j = int(rng.integers(len(words.good)))
        if is_held_out(i, j) == held_out:
            word = (words.good if is_good else words.bad)[j]
            return words.clause.format(opening=opening, noun=choose(rng, words.nouns), modifier=modifier, word=word)
