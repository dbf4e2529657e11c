"""`lamina evaluate`: how good a saved model is."""

from pathlib import Path
from typing import Annotated

import typer

from ..training.report import Classification
from .classifier import load, probabilities, score_table, verdict
from .output import out
from .presets import PRESETS, Data


def evaluate(
    model: Annotated[Path, typer.Argument(help="A .lamina file.")],
    data: Annotated[Data, typer.Option(help="Whose test data to use.")] = Data.MNIST,
) -> None:
    """Measure a model on test data: accuracy, cross-entropy and a table by class."""
    network, preset = load(model), PRESETS[data]
    _, (x, y) = preset.load()
    result = Classification(y, probabilities(network, x), preset.classes)
    out().print(score_table(result))
    out().print(
        f"{verdict(result)}, cross-entropy {result.loss:.4f} nats", style="bold", highlight=False, soft_wrap=True
    )
