"""`lamina train translate`: from pairs of texts to a model that translates, shown while it learns."""

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from ...callbacks import Callback, MetricsLog
from ...core import ArgumentError, set_seed
from ...losses import SparseCategoricalCrossentropy
from ...metrics import BLEU
from ...optimizers import Adam
from ...optimizers.schedules import CosineDecay
from ...training.report import TranslationResult, write_translation_report
from ...training.run_folder import fingerprint
from ...zoo import RecurrentTranslator, TransformerTranslator, Translator, translation_tokenizer
from ..output import out
from .pairs import Pairs, Task, from_file, generated
from .run import conclude, fit, note, start, story, trained_for

_SHOWN = 3  # translations after every epoch


class Kind(StrEnum):
    """What reads and writes."""

    LSTM = "lstm"
    TRANSFORMER = "transformer"

    @property
    def rate(self) -> float:
        """The learning rate that it bears."""
        return 5e-3 if self is Kind.LSTM else 2e-3

    def model(self, pairs: Pairs, width: int, dropout: float) -> Translator:
        """A new translator for these pairs, which knows all of their characters."""
        tokenizers = translation_tokenizer(pairs.sources), translation_tokenizer(pairs.targets)
        longest = max(map(len, pairs.sources + pairs.targets))
        if self is Kind.LSTM:
            return RecurrentTranslator(*tokenizers, width, dropout, longest)
        heads = next(heads for heads in (4, 2, 1) if width % heads == 0)
        return TransformerTranslator(*tokenizers, 2, heads, width, 2 * width, dropout, longest)


def translate(
    file: Annotated[
        Path | None, typer.Argument(help="Lines of source<TAB>target in UTF-8  [default: the pairs of --task]")
    ] = None,
    task: Annotated[
        Task | None, typer.Option(help="Pairs to make up, from Chinese to English and back  [default: dates]")
    ] = None,
    samples: Annotated[int, typer.Option(min=20, help="How many to make up, in each direction.")] = 4000,
    kind: Annotated[Kind, typer.Option("--model", help="What reads and writes.")] = Kind.LSTM,
    width: Annotated[int, typer.Option(min=4, help="Numbers per character.")] = 64,
    dropout: Annotated[float, typer.Option(min=0.0, max=0.9, help="Share that is dropped in training.")] = 0.0,
    epochs: Annotated[int, typer.Option(min=1, help="How often to go through the pairs.")] = 8,
    batch_size: Annotated[int, typer.Option(min=1, help="Pairs per step.")] = 64,
    seed: Annotated[int, typer.Option(help="Fixes the pairs, first weights, order and dropout.")] = 0,
    folder: Annotated[Path | None, typer.Option("--out", help="A new folder  [default: runs/translate-TIME]")] = None,
) -> None:
    """Learn to translate, character by character; writes metrics.jsonl, config.json, model.lamina, report.html."""
    arguments = {name: value for name, value in locals().items() if name not in ("file", "folder")}
    _check_one(file, task)
    run, watch = start("translate", folder)
    with watch.phase("data"):
        pairs = from_file(file, seed) if file else generated(task or Task.DATES, samples, seed)
        _say_what(pairs)
    with watch.phase("building"):
        set_seed(seed)
        model = kind.model(pairs, width, dropout)
        training, held_out = model.pairs(*pairs.training), model.pairs(*pairs.held_out)
        _compile(model, kind.rate, epochs * math.ceil(len(training[1]) / batch_size))
        hashes = {
            name: fingerprint(x["source"], y) for name, (x, y) in (("training", training), ("held-out", held_out))
        }
        facts = note(run, model, {**arguments, "file": None if file is None else str(file)}, hashes)
    callbacks = [MetricsLog(run.metrics, steps=True), Speaker(pairs)]
    options: dict[str, Any] = {
        "batch_size": batch_size,
        "epochs": epochs,
        "validation_data": held_out,
        "callbacks": callbacks,
    }
    with watch.phase("training"):
        history = fit(run, model, lambda kept: model.fit(*training, verbose=1, **options | kept))
    with watch.phase("saving"):
        model.save(run.model)
    with watch.phase("evaluation"):
        result = _result(model, pairs)
    with watch.phase("report"):
        words = {"title": pairs.title, "subtitle": _subtitle(pairs, model, history), "validation_name": "held-out"}
        write_translation_report(run.path, story(run, watch, model, history, facts, **words), result)
    conclude(run, watch, result.verdict)


def _check_one(file: Path | None, task: Task | None) -> None:
    if file is not None and task is not None:
        raise ArgumentError(
            "lamina train translate",
            "the pairs come from a file or are made up",
            expected="a file or --task",
            received=f"{file} and --task {task.value}",
            remedy="Leave one of them out",
        )


def _say_what(pairs: Pairs) -> None:
    first, last = len(pairs.training[0]), len(pairs.held_out[0])
    out().print(Text(f"{pairs.title}: {first:,} pairs to learn from, {last:,} held out"), highlight=False)


def _compile(model: Any, most: float, steps: int) -> None:
    """Adam with a short warm-up to the rate `most` and then a cosine, almost down to 0."""
    warmup = max(1, min(steps // 10, 50))
    rate = CosineDecay(0.0, max(1, steps - warmup), alpha=0.02, warmup_target=most, warmup_steps=warmup)
    loss = SparseCategoricalCrossentropy(from_logits=True)
    model.compile(Adam(rate, clipnorm=1.0), loss, metrics=["accuracy"])


class Speaker(Callback):
    """Lets the model translate after every epoch, always the same texts.

    Args:
        pairs: some held-out ones are shown, those of a file's beginning and its end among them.
    """

    replay_safe = True

    def __init__(self, pairs: Pairs) -> None:
        sources, targets = pairs.held_out
        places = sorted({i * (len(sources) - 1) // (_SHOWN - 1) for i in range(_SHOWN)})
        self.sources, self.targets = [sources[i] for i in places], [targets[i] for i in places]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for source, target, found in zip(self.sources, self.targets, self.model.translate(self.sources), strict=True):
            style = "green" if found == target else "red"
            line = Text.assemble((f"  {source} ", "dim"), "-> ", (found, style))
            out().print(line, highlight=False, soft_wrap=True)


def _result(model: Translator, pairs: Pairs) -> TranslationResult:
    sources, targets = pairs.held_out
    found = model.translate(sources)
    bleu = float(BLEU(tokenize="char")(targets, found))
    source, target, weights = model.align(sources[0], found[0])
    return TranslationResult(sources, targets, found, bleu, (source, target, weights))


def _subtitle(pairs: Pairs, model: Any, history: dict[str, list[float]]) -> str:
    return (
        f"A {type(model).__name__} of {model.count_params():,} weights, {trained_for(history)} on "
        f"{len(pairs.training[0]):,} pairs; the held-out ones took no part in any choice."
    )
