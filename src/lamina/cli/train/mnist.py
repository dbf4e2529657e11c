"""`lamina train mnist`: from nothing to a network that reads digits, its report, and the numbers behind both."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from ...callbacks import MetricsLog
from ...core import set_seed
from ...models.summary import summary_table
from ...training.report import Classification, Story, write_report
from ...training.run_folder import RunFolder, fingerprint
from ..classifier import probabilities, verdict
from ..presets import PRESETS, Data, Preset
from ..stopwatch import Stopwatch
from .run import as_text, conclude, fit, note, start


def mnist(
    epochs: Annotated[int, typer.Option(min=1, help="How often to go through the training data.")] = 5,
    batch_size: Annotated[int, typer.Option(min=1, help="Images per step.")] = 128,
    seed: Annotated[int, typer.Option(help="Fixes first weights, order and dropout.")] = 0,
    folder: Annotated[Path | None, typer.Option("--out", help="A new folder  [default: runs/mnist-TIME]")] = None,
) -> None:
    """Learn to read handwritten digits; writes metrics.jsonl, config.json, model.lamina, report.html and figures."""
    data = Data.MNIST
    (run, watch), preset = start(data.value, folder), PRESETS[data]
    with watch.phase("data"):
        training, test = preset.load()
    with watch.phase("building"):
        set_seed(seed)
        model = preset.compiled(epochs * math.ceil(len(training[0]) / batch_size))
        arguments = {"data": data.value, "epochs": epochs, "batch_size": batch_size, "seed": seed}
        facts = note(run, model, arguments, {"training": fingerprint(*training), "test": fingerprint(*test)})
    (x, y), log = training, MetricsLog(run.metrics, steps=True)
    with watch.phase("training"):
        history = fit(
            run,
            model,
            lambda: model.fit(x, y, batch_size, epochs, validation_data=test, callbacks=[log], verbose=1),
        )
    with watch.phase("saving"):
        model.save(run.model)
    with watch.phase("evaluation"):
        result = Classification(test[1], probabilities(model, test[0]), preset.classes)
    with watch.phase("report"):
        write_report(run.path, _story(run, preset, model, history, watch, facts), result, test[0])
    conclude(run, watch, verdict(result))


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
        summary=as_text(summary_table(model)),
        validation_name="test",
    )
