"""`lamina train`: what can be learned, one command each."""

import typer

from .classify import classify
from .command import TrainingCommand
from .mnist import mnist
from .text import text
from .translate import translate

train = typer.Typer(
    name="train", no_args_is_help=True, help="Train a network and write a run folder with its model and report."
)
TRAININGS = {command.__name__: command for command in (mnist, classify, text, translate)}
for command in TRAININGS.values():
    train.command(cls=TrainingCommand)(command)

__all__ = ["TRAININGS", "train"]
