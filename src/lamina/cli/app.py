"""The command `lamina`: its sub-commands, and how errors reach a person."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from ..core import LaminaError
from ..training.run_folder import versions
from .check import check
from .evaluate import evaluate
from .generate import chat, generate
from .info import datasets, info
from .inspect_file import inspect
from .kernels import compile_kernels
from .output import errors
from .predict import predict
from .replay import replay
from .resume import resume, verify
from .summary import summary
from .train import train
from .translate import translate


class HouseGroup(typer.core.TyperGroup):
    """Commands whose errors are one red sentence and exit code 1; with --debug the traceback is shown."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (LaminaError, OSError) as error:
            if ctx.params["debug"] or isinstance(error, BrokenPipeError):
                raise
            errors().print(Text(_sentence(error), style="red"), soft_wrap=True)
            raise typer.Exit(1) from error


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


app = typer.Typer(
    name="lamina",
    cls=HouseGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"lamina {versions()['lamina']}")
        raise typer.Exit


@app.callback()
def root(
    debug: Annotated[
        bool, typer.Option("--debug", envvar="LAMINA_DEBUG", help="Show the whole traceback of an error.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Lamina: deep learning with every gradient written down."""


answering = (evaluate, predict, generate, chat, translate)
for command in (resume, verify, *answering, replay, summary, inspect, datasets, info, compile_kernels):
    app.command()(command)
app.add_typer(train)
app.add_typer(check)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Args:
        arguments: those after the program's name; by default the ones it was started with.

    Raises:
        SystemExit: always; code 0 for success, 1 for an error, 2 for wrong usage, 130 after Ctrl-C.

    Example:
        >>> import contextlib
        >>> with contextlib.suppress(SystemExit): main(["--version"])
        lamina ...
    """
    app(None if arguments is None else list(arguments), prog_name="lamina")
