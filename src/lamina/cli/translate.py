"""`lamina translate`: texts in, translations out."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ..core import ArgumentError, DataError
from ..models import load_model
from ..zoo import Translator
from .output import out
from .standard_input import read_text


def translate(
    model: Annotated[Path, typer.Argument(help="A .lamina file of a translator, as `lamina train translate` writes.")],
    texts: Annotated[list[str] | None, typer.Argument(help="[default: the lines of standard input]")] = None,
    beams: Annotated[int, typer.Option(min=1, help="1 is greedy; more search for the most probable translation.")] = 1,
    align: Annotated[bool, typer.Option("--align", help="Also show what each character looks at most.")] = False,
) -> None:
    """Translate each text; one line each."""
    translator = _load(model)
    sources = texts or _lines()
    if not sources:
        raise DataError(
            "lamina translate",
            "there must be something to translate",
            expected="texts after the model, or lines on standard input",
            received="nothing",
            remedy="For example: lamina translate model.lamina 二〇二四年三月五日",
        )
    for source, found in zip(sources, translator.translate(sources, beams), strict=True):
        out().print(Text(found), soft_wrap=True)
        if align:
            out().print(Text(str(translator.align(source, found)), style="dim"), soft_wrap=True)


def _lines() -> list[str]:
    """The lines of standard input that have something in them."""
    return [line for line in read_text("lamina translate").splitlines() if line.strip()]


def _load(path: Path) -> Translator:
    found = load_model(path, compile=False)
    if isinstance(found, Translator):
        return found
    raise ArgumentError(
        str(path),
        "only a translator can translate",
        expected="a model such as `lamina train translate` makes",
        received=f"a {type(found).__name__}",
        remedy="See lamina summary MODEL",
    )
