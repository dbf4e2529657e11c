"""English prose that every Python brings along: a text to learn on before anything is downloaded."""

import re

from ..core import ArgumentError, DataError, require
from ..data import permutation

_PARAGRAPHS = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"[.:;,][)\"’”]?( \[\d+\])?$")
_CODE = re.compile(r"::=|>>>")
_PLAIN = re.compile(r"[^\W\d_]|[ ,.\"'’]")
_FEWEST_WORDS, _PLAIN_SHARE = 4, 0.82


def python_topics(validation_split: float = 0.1, seed: int = 0) -> tuple[list[str], list[str]]:
    """The help topics of this Python, as prose: its language reference in English.

    A topic is one document, each paragraph one line, paragraphs parted by an empty line. Grammar, code and headings
    are left out. The same paragraph often stands in several topics; it is kept only in the shortest of them, so that
    no paragraph of the validation topics is in the training topics. Which topics there are depends on the version of
    Python; for one version the result is always the same (about 260,000 characters with Python 3.11).

    Args:
        validation_split: greatest share of the characters in the validation topics, from 0 up to but without 1.
        seed: chooses these topics.

    Returns:
        (train, validation): lists of documents. `"\\n\\n".join(train)` is one text.

    Raises:
        DataError: this Python was installed without the module `pydoc_data`.
        ArgumentError: a share outside of [0, 1).

    Example:
        >>> train, validation = python_topics()
        >>> sum(map(len, validation)) / sum(map(len, train + validation)) <= 0.1
        True
        >>> print(next(text for text in train + validation if text.startswith("Assert"))[:72])
        Assert statements are a convenient way to insert debugging assertions in

    Reference: The Python Language Reference, Python Software Foundation, PSF licence.
    """
    if not 0 <= validation_split < 1:
        raise ArgumentError(
            "python_topics",
            "validation_split is a share",
            expected="a number from 0 to below 1",
            received=validation_split,
            remedy="0.1 holds out a tenth",
        )
    documents = _documents(_topics())
    room = validation_split * sum(map(len, documents))
    held_out = set()
    for i in permutation(len(documents), seed):
        if len(documents[i]) <= room:
            held_out.add(int(i))
            room -= len(documents[i])
    validation = [text for i, text in enumerate(documents) if i in held_out]
    return [text for i, text in enumerate(documents) if i not in held_out], validation


def _topics() -> dict[str, str]:
    try:
        topics: dict[str, str] = require("pydoc_data.topics").topics
    except ImportError as error:
        raise DataError(
            "python_topics",
            "the text is the help of this Python",
            expected="the module pydoc_data.topics of the standard library",
            received="a Python without it",
            remedy="Install the full standard library, or train on a text file of yours",
        ) from error
    return topics


def _documents(topics: dict[str, str]) -> list[str]:
    """The prose of each topic, in the order of their names; a paragraph stays where the topic is shortest."""
    seen: set[str] = set()
    documents = {}
    for name in sorted(topics, key=lambda name: (len(topics[name]), name)):
        paragraphs = [" ".join(paragraph.split()) for paragraph in _PARAGRAPHS.split(topics[name])]
        fresh = [text for text in dict.fromkeys(paragraphs) if _is_prose(text) and text not in seen]
        seen.update(fresh)
        documents[name] = "\n\n".join(fresh)
    return [documents[name] for name in sorted(documents) if documents[name]]


def _is_prose(text: str) -> bool:
    """Whether a paragraph is a sentence or more, and not grammar, a signature or code."""
    if len(text.split()) < _FEWEST_WORDS or _CODE.search(text) or not _SENTENCE_END.search(text):
        return False
    return len(_PLAIN.findall(text)) >= _PLAIN_SHARE * len(text)
