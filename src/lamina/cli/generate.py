"""`lamina generate` and `lamina chat`: let a language model write."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from ..core import ArgumentError
from ..models import load_model
from ..models.generation import TextModel
from .output import out
from .standard_input import read_text

Model = Annotated[Path, typer.Argument(help="A .lamina file of a language model, as `lamina train text` writes.")]
Temperature = Annotated[float, typer.Option(min=0.0, help="Below 1 more probable, above 1 bolder; 0 is greedy.")]
TopP = Annotated[float, typer.Option(min=0.0, max=1.0, help="Draw among the most probable with this share.")]
Length = Annotated[int, typer.Option("--tokens", min=1, help="Most tokens to write.")]
Seed = Annotated[int | None, typer.Option(help="The same seed writes the same.")]


def generate(
    model: Model,
    prompt: Annotated[str, typer.Option(help="The beginning  [default: standard input]")] = "",
    tokens: Length = 200,
    temperature: Temperature = 0.8,
    top_p: TopP = 0.95,
    stop: Annotated[list[str] | None, typer.Option(help="End at this text; may be given several times.")] = None,
    seed: Seed = None,
) -> None:
    """Write on after a beginning; the text appears as it is drawn."""
    writer = _load(model)
    beginning = prompt or read_text("lamina generate").rstrip("\n")
    _print(beginning)
    options = {"temperature": temperature, "top_p": top_p, "stop": stop, "seed": seed}
    for piece in writer.stream(beginning, tokens, **options):
        _print(piece)
    _print("\n")


def chat(
    model: Model,
    you: Annotated[str, typer.Option(help="How your lines begin.")] = "Q:",
    answers: Annotated[str, typer.Option(help="How the model's lines begin.")] = "A:",
    tokens: Length = 100,
    temperature: Temperature = 0.8,
    top_p: TopP = 0.95,
    seed: Seed = None,
) -> None:
    """Talk with a language model, line by line; it sees the conversation so far. Ctrl-D ends."""
    writer, past = _load(model), ""
    if sys.stdin.isatty():
        out().print("An empty line or Ctrl-D ends.", style="dim")
    for turn, line in enumerate(_lines(you)):
        past = _newest(writer, f"{past}{you} {line}\n{answers}", tokens)
        _print(answers)
        options = {"temperature": temperature, "top_p": top_p, "seed": None if seed is None else seed + turn}
        answer = ""
        for piece in writer.stream(past, tokens, stop="\n", **options):
            answer += piece
            _print(piece)
        _print("\n")
        past += f"{answer}\n"


def _load(path: Path) -> Any:
    """The language model at `path`, with its tokenizer."""
    found = load_model(path, compile=False)
    if isinstance(found, TextModel) and found.tokenizer is not None:
        return found
    raise ArgumentError(
        str(path),
        "only a language model with a tokenizer can write",
        expected="a model such as `lamina train text` makes",
        received=f"a {type(found).__name__}" + (" without a tokenizer" if isinstance(found, TextModel) else ""),
        remedy="See lamina summary MODEL",
    )


def _newest(writer: Any, past: str, tokens: int) -> str:
    """The end of the conversation that leaves room for the answer, cut where a line begins."""
    room = max(writer.context - tokens, writer.context // 2)
    while len(writer.tokenizer.encode(past)) > room and "\n" in past:
        past = past.partition("\n")[2]
    return past


def _lines(prompt: str) -> Iterator[str]:
    """What a person types, until an empty line or the end."""
    while True:
        try:
            line = input(f"{prompt} " if sys.stdin.isatty() else "")
        except EOFError:
            return
        if not line.strip():
            return
        yield line


def _print(piece: str) -> None:
    print(piece, end="", flush=True)
