"""`lamina train mnist`: from nothing to a network that reads digits, its report, and the numbers behind both."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from ...callbacks import MetricsLog
from ...core import set_seed
from ...training.report import Classification, write_report
from ...training.run_folder import fingerprint
from ..classifier import probabilities, verdict
from ..presets import PRESETS, Data
from .run import conclude, fit, note, start, story, trained_for


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
            lambda kept: model.fit(x, y, batch_size, epochs, validation_data=test, callbacks=[log], verbose=1, **kept),
        )
    with watch.phase("saving"):
        model.save(run.model)
    with watch.phase("evaluation"):
        result = Classification(test[1], probabilities(model, test[0]), preset.classes)
    with watch.phase("report"):
        words = {"title": preset.title, "subtitle": _subtitle(model, history), "validation_name": "test"}
        write_report(run.path, story(run, watch, model, history, facts, **words), result, test[0])
    conclude(run, watch, verdict(result))


def _subtitle(model: Any, history: dict[str, list[float]]) -> str:
    return f"{model.count_params():,} weights, {trained_for(history)}; the test images took no part in any choice."
