"""The pairs of texts that a translator learns from, and those that are held out."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from ...core import DataError
from ...data.randomness import generator
from ...data.text import read_pieces
from ...datasets import date_translation, numeral_translation

HELD_OUT = 0.1
_LEAST = 10  # pairs in a file, of which one is held out

Texts = tuple[list[str], list[str]]  # sources, targets


class Task(StrEnum):
    """What is translated between Chinese and English, in both directions."""

    DATES = "dates"
    NUMERALS = "numerals"


class Pairs(NamedTuple):
    """Texts with their translations.

    Args:
        title: for people.
        training: sources and targets to learn from.
        held_out: those to judge on.
    """

    title: str
    training: Texts
    held_out: Texts

    @property
    def sources(self) -> list[str]:
        """All sources."""
        return self.training[0] + self.held_out[0]

    @property
    def targets(self) -> list[str]:
        """All targets."""
        return self.training[1] + self.held_out[1]


def generated(task: Task, samples: int, seed: int = 0) -> Pairs:
    """Pairs of Chinese and English, as many in each direction; the script of a source says which it is.

    The seed fixes the pairs of both directions, so that what one direction holds out, the other does too.
    """
    make: Callable[..., tuple[Texts, Texts]] = date_translation if task is Task.DATES else numeral_translation
    there, back = (make(samples, direction, test_size=HELD_OUT, seed=seed) for direction in ("zh-en", "en-zh"))
    training, held_out = ((one[0] + other[0], one[1] + other[1]) for one, other in zip(there, back, strict=True))
    return Pairs(f"Chinese and English {task.value}", training, held_out)


def from_file(file: Path, seed: int = 0) -> Pairs:
    """Lines of source<TAB>target in UTF-8; a tenth of the different sources is held out. Empty lines are skipped.

    Raises:
        DataError: bytes that are not UTF-8, a line that is no pair, or too few pairs.
    """
    lines = "".join(read_pieces(file)).splitlines()
    pairs = [_pair(file, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    sources = sorted({source for source, _ in pairs})
    if len(sources) < _LEAST:
        raise DataError(
            "lamina train translate",
            f"{file} must hold pairs to learn from, and a tenth of them to judge on",
            expected=f"at least {_LEAST} different sources",
            received=len(sources),
            remedy="Add lines",
        )
    chosen = generator(seed).choice(len(sources), round(HELD_OUT * len(sources)), replace=False)
    held_out = {sources[i] for i in chosen}
    return Pairs(
        file.name,
        _columns([pair for pair in pairs if pair[0] not in held_out]),
        _columns([pair for pair in pairs if pair[0] in held_out]),
    )


def _pair(file: Path, number: int, line: str) -> tuple[str, str]:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) == 2 and all(fields):
        return fields[0], fields[1]
    raise DataError(
        "lamina train translate",
        "a line is a pair",
        expected="source<TAB>target, both with something in them",
        received=f"{line[:60]!r} in line {number} of {file}",
        remedy="Mend the line, or leave it out",
    )


def _columns(pairs: Sequence[tuple[str, str]]) -> Texts:
    return [source for source, _ in pairs], [target for _, target in pairs]
