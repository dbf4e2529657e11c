"""`lamina replay`: the step that a run stopped before, op by op."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ..core import ArgumentError
from ..models import load_model
from ..training.recorder import Story
from ..training.recorder import replay as replay_step
from ..training.recorder.record import DIVERGENCE, MODEL
from .output import out, table


def replay(
    run: Annotated[Path, typer.Argument(help="The folder of a run that has ended with NonFiniteError.")],
) -> None:
    """Make the step again that a run did not make, and show the ops around the first value that is not finite."""
    folder = run / DIVERGENCE
    if not (folder / MODEL).is_file():
        raise ArgumentError(
            "lamina replay",
            "the step is made again with the model that is kept in the run's folder",
            expected=f"a file {folder / MODEL}",
            received="none",
            remedy="If the model's class is not registered, call lamina.training.replay(model, folder) in its program",
        )
    story = replay_step(load_model(folder / MODEL), folder)
    out().print(lines_table(story))
    out().print(Text(story.text()), soft_wrap=True)


def lines_table(story: Story) -> Table:
    """The ops around the bad one, which is marked."""
    columns = ("", "op", "layer", "phase", "shape", "min", "max", "NaN", "infinite")
    rows = []
    for line in story.lines:
        scale = line.scale
        counts = [str(n) if n else "" for n in (scale.nan, scale.infinite)]
        sizes = [str(scale.shape), f"{scale.low:.4g}", f"{scale.high:.4g}"]
        rows.append((">" if line.culprit else "", line.op, line.layer, line.phase, *sizes, *counts))
    return table("", columns, rows, right=False)
