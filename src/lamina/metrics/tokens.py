"""How a text is cut into tokens before two texts are compared."""

import re
import string
from collections.abc import Callable

from ..core import Registry

_ENTITIES = {"&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">"}
_SYMBOLS = re.compile("([" + re.escape("".join(set(string.punctuation) - set("',-."))) + "])")
_STOP_AFTER_OTHER, _STOP_BEFORE_OTHER = re.compile(r"([^0-9])([.,])"), re.compile(r"([.,])([^0-9])")
_DASH_AFTER_DIGIT = re.compile(r"([0-9])(-)")
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")

tokenizers: Registry[Callable[[str], list[str]]] = Registry("tokenizer")


def mteval_13a(text: str) -> list[str]:
    """Words and symbols as WMT's script mteval-v13a finds them; points and commas inside numbers stay.

    Example:
        >>> mteval_13a("Well, 3.5% of it's &lt;new&gt;.")
        ['Well', ',', '3.5', '%', 'of', "it's", '<', 'new', '>', '.']
    """
    text = text.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, symbol in _ENTITIES.items():
        text = text.replace(entity, symbol)
    text = _SYMBOLS.sub(r" \1 ", f" {text} ")
    text = _STOP_AFTER_OTHER.sub(r"\1 \2 ", text)
    text = _STOP_BEFORE_OTHER.sub(r" \1 \2", text)
    return _DASH_AFTER_DIGIT.sub(r"\1 \2 ", text).split()


def alphanumeric(text: str) -> list[str]:
    """Runs of the letters a-z and digits, in small letters; all else parts them. For English.

    Example:
        >>> alphanumeric("It's 3 o'clock")
        ['it', 's', '3', 'o', 'clock']
    """
    return _NOT_ALPHANUMERIC.sub(" ", text.lower()).split()


def characters(text: str) -> list[str]:
    """All characters but white space: for Chinese, Japanese and others that do not part words.

    Example:
        >>> characters("深度 学习")
        ['深', '度', '学', '习']
    """
    return [character for character in text if not character.isspace()]


tokenizers.add(mteval_13a, "13a")
tokenizers.add(alphanumeric, "alphanumeric")
tokenizers.add(characters, "char")
tokenizers.add(str.split, "none")
