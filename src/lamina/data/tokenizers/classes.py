"""Unicode's kinds of characters, as parts of regular expressions: Python's `re` has no \\p{L}."""

import re
import sys
import unicodedata
from functools import cache

SPACE = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # White_Space; re's \s has four more
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"  # CJK ideographs, as BERT counts them


@cache
def other_numbers() -> frozenset[str]:
    """The characters that \\p{N} has and \\d has not, such as ² and Ⅷ: Python counts them among the letters."""
    letters = map(chr, range(sys.maxunicode + 1))
    return frozenset(letter for letter in letters if unicodedata.category(letter) in ("Nl", "No"))


@cache
def _gpt2_pattern(others: str) -> re.Pattern[str]:
    letter, number, sign = rf"[^\W\d_{others}]", rf"[\d{others}]", rf"(?:[^{SPACE}\w]|_)"
    contraction = "'(?:s|t|re|ve|m|ll|d)"
    return re.compile(
        f"{contraction}| ?{letter}+| ?{number}+| ?{sign}+|[{SPACE}]+(?![^{SPACE}])|[{SPACE}]+",
    )


def gpt2_pieces(text: str) -> list[str]:
    """GPT-2's cut before merging: contractions, then words, numbers and signs, each with a blank before it.

    The exact classes are 20 times slower, so they are used only for text with one of the `other_numbers`.

    Example:
        >>> gpt2_pieces("It's 3² big\\n  dogs!")
        ['It', "'s", ' 3²', ' big', '\\n ', ' dogs', '!']
    """
    others = "" if other_numbers().isdisjoint(text) else re.escape("".join(sorted(other_numbers())))
    return _gpt2_pattern(others).findall(text)
