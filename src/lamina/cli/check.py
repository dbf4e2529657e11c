"""`lamina check`: the doctor looks at a training before it is begun."""

import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from ..core import DataError, set_seed
from ..data.text import TextDataset
from ..models import load_model
from ..training.doctor import Finding
from .presets import PRESETS, Data
from .train.classify import Tokens
from .train.classify import network as classifier
from .train.corpus import Cut, embedded, from_files
from .train.labelled_texts import column_place, csv_rows, read_labelled
from .train.text import network as language_model

check = typer.Typer(
    name="check",
    no_args_is_help=True,
    help="Look for mistakes in data and model before training; exit code 1 if one is grave.",
)

BatchSize = Annotated[int, typer.Option(min=1, help="Rows per step.")]


def _end(findings: Sequence[Finding]) -> None:
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(1)


@check.command()
def mnist(batch_size: BatchSize = 128) -> None:
    """Look at what `lamina train mnist` would train."""
    preset = PRESETS[Data.MNIST]
    (x, y), test = preset.load()
    set_seed(0)
    model = preset.compiled(5 * -(-len(x) // batch_size))
    _end(model.check(x, y, batch_size, validation_data=test))


@check.command()
def classify(
    csv: Annotated[Path, typer.Argument(help="A CSV file in UTF-8; its first line names the columns.")],
    text: Annotated[str, typer.Option(help="The column with the texts.")],
    label: Annotated[str, typer.Option(help="The column with the classes.")],
    separator: Annotated[str, typer.Option(help="The character between two columns.")] = ",",
    length: Annotated[int, typer.Option(min=1, help="Most tokens that are read of a text.")] = 256,
    batch_size: BatchSize = 32,
) -> None:
    """Look at what `lamina train classify` would train."""
    data = read_labelled(csv, text, label, separator)
    (texts, labels), (others, judged), _ = data.split(0)
    set_seed(0)
    model = classifier(Tokens.AUTO.tokenizer(texts, 4000), data.classes, 64, length)
    judge = (model.encode(others), judged)
    _end(model.check(model.encode(texts), labels, batch_size, validation_data=judge))


@check.command()
def text(
    files: Annotated[list[Path] | None, typer.Argument(help="Text files in UTF-8.")] = None,
    context: Annotated[int, typer.Option(min=8, help="Most tokens that it can look back.")] = 128,
    cut: Annotated[Cut, typer.Option("--tokens", help="What a token is.")] = Cut.CHARACTERS,
    batch_size: BatchSize = 8,
) -> None:
    """Look at what `lamina train text` would train."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = from_files(files, cut, 1024, Path(folder), context) if files else embedded(cut, 1024)
        set_seed(0)
        data = TextDataset(corpus.training, context, batch_size)
        judge = TextDataset(corpus.held_out, context, batch_size, order="consecutive")
        model = language_model(corpus, 4, 160, context, 0.1, 16 * len(data))
        _end(model.check(data, validation_data=judge))


@check.command()
def model(
    file: Annotated[Path, typer.Argument(help="A .lamina file of a compiled model.")],
    data: Annotated[Path, typer.Argument(help="An .npz file with x and y, or a CSV file of numbers.")],
    target: Annotated[str | None, typer.Option(help="The column of a CSV to predict  [default: the last]")] = None,
    batch_size: BatchSize = 32,
    validation_split: Annotated[float, typer.Option(min=0.0, max=0.9, help="Share of the last rows.")] = 0.0,
) -> None:
    """Look at a saved model and the data that it is to be trained on."""
    x, y = _columns(data, target) if data.suffix == ".csv" else _arrays(data)
    _end(load_model(file).check(x, y, batch_size, validation_split=validation_split))


def _arrays(path: Path) -> tuple[Any, Any]:
    """x and y of an .npz file; no objects, and so no code."""
    try:
        with np.load(path, allow_pickle=False) as found:
            return found["x"], found["y"]
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(
            str(path),
            "the file holds the arrays x and y",
            expected="an .npz file of numbers, as np.savez(path, x=x, y=y) writes it",
            received=str(error),
            remedy="Write it anew",
        ) from error


def _columns(path: Path, target: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Features and target of a CSV file, whose first line names the columns; whole targets are class numbers."""
    lines = csv_rows(path, ",")
    _, header = next(lines, (0, []))
    place = column_place(path, header, target) if target else len(header) - 1
    rows = [_numbers(path, line, row, len(header)) for line, row in lines]
    table = np.array(rows, np.float64).reshape(-1, len(header))
    y = table[:, place]
    labels = y.astype(np.int32) if np.isfinite(y).all() and (y == np.floor(y)).all() else y
    return np.delete(table, place, axis=1).astype(np.float32), labels


def _numbers(path: Path, line: int, row: list[str], width: int) -> list[float]:
    try:
        found = [float(cell) for cell in row]
    except ValueError:
        found = []
    if len(found) == width:
        return found
    raise DataError(
        str(path),
        "every row holds one number for each column",
        expected=f"{width} numbers",
        received=f"{', '.join(row)[:60]!r} in line {line}",
        remedy="Turn words into numbers first, and fill gaps",
    )
