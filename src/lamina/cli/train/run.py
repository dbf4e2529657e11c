"""What all trainings do: open a run folder, note what is needed to do it again, keep the weights when interrupted."""

import io
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from ...core import DataError
from ...models.summary import summary_table
from ...training.report import Story
from ...training.run_folder import RunFolder, versions
from ..output import out, table
from ..stopwatch import Stopwatch, since_process_start
from .command import resumption, words


def start(name: str, folder: Path | None) -> tuple[RunFolder, Stopwatch]:
    """The run's folder, by default runs/NAME-TIME, and a watch that has counted the time since the process started."""
    watch = Stopwatch()
    watch.add("import", since_process_start())
    path = folder or Path("runs", f"{name}-{time.strftime('%Y%m%d-%H%M%S')}")
    return RunFolder(path, existing=resumption() is not None), watch


def note(run: RunFolder, model: Any, arguments: Mapping[str, Any], hashes: Mapping[str, str]) -> list[tuple[str, Any]]:
    """Write config.json; the facts in it that fix how the model will turn out.

    Raises:
        DataError: a run that goes on has other data than it began with.
    """
    if resumption() is not None:
        _check_same(run, hashes)
    run.write_config(
        {
            "words": words(),
            "arguments": dict(arguments),
            "data_sha256": dict(hashes),
            "model": model.get_config(),
            "optimizer": model.optimizer.get_config(),
        }
    )
    facts = [(name.replace("_", " "), value) for name, value in arguments.items()]
    facts += [(f"SHA-256 of the {name} data", value) for name, value in hashes.items()]
    return facts + [(f"version of {name}", value) for name, value in versions().items()]


def _check_same(run: RunFolder, hashes: Mapping[str, str]) -> None:
    before = json.loads(run.config.read_text(encoding="utf-8"))["data_sha256"]
    if before != dict(hashes):
        raise DataError(
            "lamina resume",
            "a run goes on with the data that it began with",
            expected=before,
            received=dict(hashes),
            remedy="Bring the old files back, or begin a new run",
        )


def fit(run: RunFolder, model: Any, train: Callable[[dict[str, Any]], Any]) -> dict[str, list[float]]:
    """The history of the training that `train` does; after Ctrl-C the weights so far are kept.

    Args:
        train: calls `model.fit` with the arguments that it is given, which keep the run's state, and with others.
    """
    changes = resumption()
    try:
        history = train({"run": run.state, "resume": False if changes is None else changes or True})
    except (KeyboardInterrupt, SystemExit):
        model.save(run.model)
        out().print(f"The weights so far are in {run.model}", highlight=False, soft_wrap=True)
        out().print(f"To go on: lamina resume {run.path}", highlight=False, soft_wrap=True)
        raise
    if changes == "verify":
        raise typer.Exit  # only the training was asked for
    return dict(history.history)


def trained_for(history: Mapping[str, list[float]]) -> str:
    """How long a training was, in words."""
    epochs = len(history["loss"])
    return f"trained for {epochs} epoch{'s' * (epochs > 1)}"


def story(
    run: RunFolder,
    watch: Stopwatch,
    model: Any,
    history: Mapping[str, list[float]],
    facts: list[tuple[str, Any]],
    **words: str,
) -> Story:
    """What every report tells of a run; `words` are its title, its subtitle and the name of the validation data."""
    return Story(
        history=history,
        steps={"loss": run.steps("batch_loss")},
        timing=list(watch.seconds.items()),
        facts=facts,
        summary=_as_text(summary_table(model)),
        **words,
    )


def _as_text(renderable: Any) -> str:
    """What `rich` would print, without colours."""
    console = Console(file=io.StringIO(), width=100, color_system=None, force_terminal=False)
    console.print(renderable)
    return "\n".join(line.rstrip() for line in str(console.file.getvalue()).splitlines())  # type: ignore[attr-defined]


def conclude(run: RunFolder, watch: Stopwatch, verdict: str) -> None:
    """Say where the time went, what came out, and where it is."""
    total = sum(watch.seconds.values())
    rows = [(name, f"{seconds:.2f} s") for name, seconds in watch.seconds.items()]
    out().print(table("Where the time went", ("", ""), [*rows, ("altogether", f"{total:.2f} s")]))
    out().print(verdict, style="bold", highlight=False, soft_wrap=True)
    for name, path in (("Model ", run.model), ("Report", run.report)):
        out().print(f"{name}  {path}", highlight=False, soft_wrap=True, markup=False)
