"""`lamina summary`: what is in a model file."""

from pathlib import Path
from typing import Annotated

import typer

from ..models.summary import summary_table
from .classifier import load
from .output import out


def summary(model: Annotated[Path, typer.Argument(help="A .lamina file.")]) -> None:
    """Print the layers of a model with shapes, weights, multiply-adds and bytes."""
    out().print(summary_table(load(model)))
