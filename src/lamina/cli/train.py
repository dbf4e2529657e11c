"""`lamina train`: from nothing to a model, a report, and the numbers behind both."""

import io
import math
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ..callbacks import MetricsLog
from ..core import set_seed
from ..models.summary import summary_table
from ..training.report import Classification, Story, write_report
from ..training.run_folder import RunFolder, fingerprint, versions
from .classifier import probabilities, verdict
from .output import out, table
from .presets import PRESETS, Data, Preset
from .stopwatch import Stopwatch, since_process_start


def train(
    data: Annotated[Data, typer.Argument(help="What to learn.")],
    epochs: Annotated[int, typer.Option(min=1, help="How often to go through the training data.")] = 5,
    batch_size: Annotated[int, typer.Option(min=1, help="Images per step.")] = 128,
    seed: Annotated[int, typer.Option(help="Fixes first weights, order and dropout.")] = 0,
    folder: Annotated[Path | None, typer.Option("--out", help="A new folder  [default: runs/DATA-TIME]")] = None,
) -> None:
    """Train a network and write a run folder: metrics.jsonl, config.json, model.lamina, report.html and figures."""
    watch, preset = Stopwatch(), PRESETS[data]
    watch.add("import", since_process_start())
    run = RunFolder(folder or Path("runs", f"{data.value}-{time.strftime('%Y%m%d-%H%M%S')}"))
    with watch.phase("data"):
        training, test = preset.load()
    with watch.phase("building"):
        arguments = {"data": data.value, "epochs": epochs, "batch_size": batch_size, "seed": seed}
        model, facts = _set_up(run, preset, arguments, training, test)
    with watch.phase("training"):
        history = _fit(model, run, training, test, epochs, batch_size)
    with watch.phase("saving"):
        model.save(run.model)
    with watch.phase("evaluation"):
        result = Classification(test[1], probabilities(model, test[0]), preset.classes)
    with watch.phase("report"):
        write_report(run.path, _story(run, preset, model, history, watch, facts), result, test[0])
    _conclude(run, watch, result)


def _set_up(
    run: RunFolder, preset: Preset, arguments: dict[str, Any], training: Any, test: Any
) -> tuple[Any, list[tuple[str, Any]]]:
    """The model that is to be trained, and the facts that fix how it will turn out; these go to config.json."""
    set_seed(arguments["seed"])
    model = preset.compiled(arguments["epochs"] * math.ceil(len(training[0]) / arguments["batch_size"]))
    hashes = {"training": fingerprint(*training), "test": fingerprint(*test)}
    optimizer = model.optimizer.get_config()
    run.write_config(
        {"arguments": arguments, "data_sha256": hashes, "model": model.get_config(), "optimizer": optimizer}
    )
    facts = [(name.replace("_", " "), value) for name, value in arguments.items()]
    facts += [(f"SHA-256 of the {name} data", value) for name, value in hashes.items()]
    facts += [(f"version of {name}", value) for name, value in versions().items()]
    return model, facts


def _fit(model: Any, run: RunFolder, training: Any, test: Any, epochs: int, batch_size: int) -> dict[str, list[float]]:
    """Train; after Ctrl-C the weights so far are kept."""
    log = MetricsLog(run.metrics, steps=True)
    try:
        history = model.fit(
            *training, batch_size=batch_size, epochs=epochs, validation_data=test, callbacks=[log], verbose=1
        )
    except KeyboardInterrupt:
        model.save(run.model)
        out().print(f"Interrupted. The weights so far are in {run.model}", highlight=False, soft_wrap=True)
        raise
    return dict(history.history)


def _story(
    run: RunFolder,
    preset: Preset,
    model: Any,
    history: dict[str, list[float]],
    watch: Stopwatch,
    facts: list[tuple[str, Any]],
) -> Story:
    epochs = len(history["loss"])
    return Story(
        title=preset.title,
        subtitle=f"{model.count_params():,} weights, trained for {epochs} epoch{'s' * (epochs > 1)}; "
        "the test images took no part in any choice.",
        history=history,
        steps={"loss": run.steps("batch_loss")},
        timing=list(watch.seconds.items()),
        facts=facts,
        summary=_as_text(summary_table(model)),
        validation_name="test",
    )


def _as_text(renderable: Any) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None, force_terminal=False)
    console.print(renderable)
    return "\n".join(line.rstrip() for line in str(console.file.getvalue()).splitlines())  # type: ignore[attr-defined]


def _conclude(run: RunFolder, watch: Stopwatch, result: Classification) -> None:
    total = sum(watch.seconds.values())
    rows = [(name, f"{seconds:.2f} s") for name, seconds in watch.seconds.items()]
    out().print(table("Where the time went", ("", ""), [*rows, ("altogether", f"{total:.2f} s")]))
    out().print(verdict(result), style="bold", highlight=False, soft_wrap=True)
    for name, path in (("Model ", run.model), ("Report", run.report)):
        out().print(f"{name}  {path}", highlight=False, soft_wrap=True, markup=False)
