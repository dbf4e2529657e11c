"""Texts and their classes from a CSV file, every row looked at before anything is trained."""

import csv
import difflib
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...core import ArgumentError, DataError
from ...data import train_test_split
from ...data.text import read_pieces

LEAST = 10  # rows of a class, so that each of the three parts has some
_HELD_OUT = 0.1  # share of the rows that choose the epoch, and share of those that judge


class LabelledTexts(NamedTuple):
    """Texts, each with its class.

    Args:
        texts: N texts, no two rows alike.
        labels: int32 (N,), places in `classes`.
        classes: K names.
        repeated: how many rows were left out because they stood in the file before.

    Example:
        >>> LabelledTexts(["fine", "dull"], np.array([1, 0]), ("bad", "good"), 0).part(np.array([1]))
        (['dull'], array([0]))
    """

    texts: list[str]
    labels: np.ndarray
    classes: tuple[str, ...]
    repeated: int

    def part(self, rows: np.ndarray) -> tuple[list[str], np.ndarray]:
        """The texts and labels of some rows."""
        return [self.texts[i] for i in rows], self.labels[rows]

    def split(self, seed: int) -> list[tuple[list[str], np.ndarray]]:
        """Three parts: to learn from, to choose the epoch, to judge; each class has the same share of all of them."""
        rows = np.arange(len(self.texts))
        rest, judging = train_test_split(rows, test_size=_HELD_OUT, seed=seed, stratify=self.labels)
        share = _HELD_OUT / (1 - _HELD_OUT)
        learning, choosing = train_test_split(rest, test_size=share, seed=seed, stratify=self.labels[rest])
        return [self.part(part) for part in (learning, choosing, judging)]


def read_labelled(path: Path, text: str, label: str, separator: str = ",") -> LabelledTexts:
    """Two columns of a CSV file whose first line names the columns.

    Raises:
        ArgumentError: no such column, or a separator that is not one character.
        DataError: not UTF-8, not CSV, a row with too few or too many cells, an empty cell; fewer than two classes, or a
            class with fewer than ten rows. Places are given as lines of the file.
    """
    if len(separator) != 1:
        raise ArgumentError(
            "--separator",
            "one character parts the columns",
            expected="',' or ';' or '|'",
            received=repr(separator),
            remedy="Leave it out for a comma",
        )
    lines = csv_rows(path, separator)
    _, header = next(lines, (0, []))
    places = [column_place(path, header, name) for name in (text, label)]
    rows = [tuple(_cell(path, line, row, header, place) for place in places) for line, row in lines]
    different = list(dict.fromkeys(rows))
    _check_classes(path, label, Counter(name for _, name in different))
    classes, codes = np.unique([name for _, name in different], return_inverse=True)
    texts = [words for words, _ in different]
    return LabelledTexts(texts, codes.astype(np.int32), tuple(map(str, classes)), len(rows) - len(different))


def csv_rows(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line on which it ends."""
    content = io.StringIO("".join(read_pieces(path)), newline="")
    reader = csv.reader(content, delimiter=separator, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise DataError(
            str(path),
            "the file is no CSV",
            expected=f"cells parted by {separator!r}, in double quotes where they hold it, a quote or a new line",
            received=f"{error} in line {reader.line_num}",
            remedy="Look for a quotation mark that is not closed, or that is not doubled inside of a cell",
        ) from error


def column_place(path: Path, header: list[str], name: str) -> int:
    if header.count(name) == 1:
        return header.index(name)
    near = difflib.get_close_matches(name, header, n=1, cutoff=0.5)
    other = next((sign for sign in ";\t|" if len(header) == 1 and sign in header[0]), None)
    remedy = f"Did you mean {near[0]!r}?" if near else "Pass a name of the first line to --text and --label"
    raise ArgumentError(
        str(path),
        f"there is one column {name!r}" if header.count(name) else f"there is no column {name!r}",
        expected="one of " + ", ".join(map(repr, header)) if header else "a first line that names the columns",
        received=repr(name) if header else "an empty file",
        remedy=f"Pass --separator {other!r}" if other else remedy,
    )


def _cell(path: Path, line: int, row: list[str], header: list[str], place: int) -> str:
    if len(row) != len(header):
        raise DataError(
            str(path),
            "every row has as many cells as the first line",
            expected=f"{len(header)} cells",
            received=f"{len(row)} in line {line}",
            remedy="Put a text that holds commas or new lines in double quotes",
        )
    if row[place]:
        return row[place]
    raise DataError(
        str(path),
        "a cell that is learned from is not empty",
        expected=f"something in column {header[place]!r}",
        received=f"nothing in line {line}",
        remedy="Fill it in, or leave the row out",
    )


def _check_classes(path: Path, label: str, counts: Counter[str]) -> None:
    few = sorted(name for name, count in counts.items() if count < LEAST)
    if len(counts) >= 2 and not few:
        return
    found = ", ".join(f"{counts[name]} of {name!r}" for name in few[:5]) if len(counts) >= 2 else list(counts)
    raise DataError(
        str(path),
        f"column {label!r} must name at least two classes, and there must be enough of each to learn and to judge",
        expected=f"at least {LEAST} different rows of each class",
        received=f"{found}, and {len(few) - 5} more" if len(few) > 5 else found or "no rows",
        remedy="Add rows, or leave rare classes out" if len(counts) >= 2 else "Is it the right column?",
    )
