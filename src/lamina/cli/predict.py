"""`lamina predict`: what a picture shows."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.text import Text

from ..core import LaminaError
from .classifier import load, probabilities
from .digit_image import read_digit
from .output import errors, out, table


def predict(
    model: Annotated[Path, typer.Argument(help="A .lamina file of a model that reads 28 x 28 digits.")],
    images: Annotated[list[Path], typer.Argument(help="PNG, JPEG, ... of any size; dark on light or light on dark.")],
    top: Annotated[int, typer.Option(min=1, help="How many classes to show for each picture.")] = 3,
) -> None:
    """Read handwritten digits in picture files and print the most probable classes.

    A picture that cannot be read is reported, and the others are read all the same; the exit code is 1 then.
    """
    network = load(model)
    readable = [(path, digit) for path in images if (digit := _try_to_read(path)) is not None]
    if readable:
        found = probabilities(network, np.stack([digit for _, digit in readable]))
        _show([path for path, _ in readable], found, min(top, found.shape[1]))
    if len(readable) < len(images):
        raise typer.Exit(1)


def _try_to_read(path: Path) -> np.ndarray | None:
    try:
        return read_digit(path)
    except LaminaError as error:
        errors().print(Text(str(error), style="red"), soft_wrap=True)
        return None


def _show(paths: list[Path], found: np.ndarray, top: int) -> None:
    rows = []
    for path, row in zip(paths, found, strict=True):
        best = np.argsort(-row, kind="stable")[:top]
        rows.append((str(path), *(f"{place}  {100 * row[place]:6.2f} %" for place in best)))
    names = ("most probable", "second", "third")
    columns = ["image", *names[:top], *(f"{place}." for place in range(4, top + 1))]
    out().print(table("", columns, rows))
