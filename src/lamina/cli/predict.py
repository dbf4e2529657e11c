"""`lamina predict`: what a picture shows, or what a text says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.text import Text

from ..core import LaminaError
from ..zoo import TextClassifier
from .classifier import load, probabilities
from .digit_image import read_digit
from .output import errors, out, table


def predict(
    model: Annotated[Path, typer.Argument(help="A .lamina file of a model that reads 28 x 28 digits, or texts.")],
    inputs: Annotated[
        list[str],
        typer.Argument(help="Files: PNG, JPEG, ... of any size, dark on light or light on dark. Or texts, in quotes."),
    ],
    top: Annotated[int, typer.Option(min=1, help="How many classes to show for each picture or text.")] = 3,
) -> None:
    """Read handwritten digits in picture files, or texts, and print the most probable classes.

    A picture that cannot be read is reported, and the others are read all the same; the exit code is 1 then.
    """
    network = load(model)
    if isinstance(network, TextClassifier):
        found = network.predict_texts(inputs)
        _show("text", inputs, found, network.classes, top)
        return
    readable = [(path, digit) for path in inputs if (digit := _try_to_read(Path(path))) is not None]
    if readable:
        found = probabilities(network, np.stack([digit for _, digit in readable]))
        _show("image", [path for path, _ in readable], found, [str(place) for place in range(found.shape[1])], top)
    if len(readable) < len(inputs):
        raise typer.Exit(1)


def _try_to_read(path: Path) -> np.ndarray | None:
    try:
        return read_digit(path)
    except LaminaError as error:
        errors().print(Text(str(error), style="red"), soft_wrap=True)
        return None


def _show(kind: str, inputs: Sequence[str], found: np.ndarray, classes: Sequence[str], top: int) -> None:
    top = min(top, len(classes))
    rows = []
    for given, row in zip(inputs, found, strict=True):
        best = np.argsort(-row, kind="stable")[:top]
        rows.append((given, *(f"{classes[place]}  {100 * row[place]:6.2f} %" for place in best)))
    names = ("most probable", "second", "third")
    columns = [kind, *names[:top], *(f"{place}." for place in range(4, top + 1))]
    out().print(table("", columns, rows))
