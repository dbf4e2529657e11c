"""`lamina resume` and `lamina verify`: a training goes on, or a part of it is done again, the same to the last bit."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

import jax
import typer

from ..core import FileFormatError
from .output import out
from .train import TRAININGS, train
from .train.command import resuming

_REMEDY = "Name the folder that `lamina train` has written, as in lamina resume runs/mnist-20260131-120000"


def resume(
    run: Annotated[Path, typer.Argument(help="The folder of the run.")],
    learning_rate: Annotated[float | None, typer.Option(min=0.0, help="Go on with another one.")] = None,
) -> None:
    """Go on with a training that was interrupted or killed; the result is that of one that was never stopped."""
    words = _words(run)
    with resuming({} if learning_rate is None else {"learning_rate": learning_rate}):
        train([*words, "--out", str(run)], prog_name="lamina train", standalone_mode=False)


def verify(
    run: Annotated[Path, typer.Argument(help="The folder of the run.")],
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="Only say what cannot be exact on the device at hand.")
    ] = False,
) -> None:
    """Train a random stretch between two kept states of a run again; it must come out the same to the last bit."""
    words = _words(run)
    if deterministic:
        out().print(exactness(jax.default_backend()), highlight=False)
        return
    with tempfile.TemporaryDirectory(prefix="lamina-verify-") as home, resuming("verify"):
        copy = shutil.copytree(run, Path(home, "run"))  # the run itself stays as it is
        train([*words, "--out", str(copy)], prog_name="lamina train", standalone_mode=False)


def exactness(device: str) -> str:
    """What can be repeated to the last bit on a device of this kind ("cpu", "gpu", "tpu"), and what cannot.

    Example:
        >>> exactness("cpu").split(":")[0]
        'Everything is exact'
    """
    same = "with the same versions, number of cores and kind of processor (see config.json)"
    if device == "cpu":
        return f"Everything is exact: a run is the same to the last bit {same}."
    if device == "gpu" and "--xla_gpu_deterministic_ops=true" not in os.environ.get("XLA_FLAGS", ""):
        return (
            "Not exact on this GPU: sums in which threads meet (gradients of gather and Embedding, scatter, some "
            "convolutions) depend on their order. Set XLA_FLAGS=--xla_gpu_deterministic_ops=true, which is slower."
        )
    return f"Everything is exact {same}; another device of the same kind may differ in the last digits."


def _words(run: Path) -> list[str]:
    """The command line that began the run, from its config.json; nothing but a training can be in there."""
    path = run / "config.json"
    try:
        config: Any = json.loads(path.read_text(encoding="utf-8"))
        words = config["words"]
        if isinstance(words, list) and all(isinstance(word, str) for word in words) and words[0] in TRAININGS:
            return words
    except FileNotFoundError:
        words = "no config.json"
    except (ValueError, KeyError, TypeError, IndexError) as error:
        words = repr(error)
    raise FileFormatError(
        str(path),
        "a run says how it was begun",
        expected='"words", as train wrote them',
        received=words,
        remedy=_REMEDY,
    )
