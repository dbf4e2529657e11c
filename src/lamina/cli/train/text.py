"""`lamina train text`: from text files to a model that writes on, shown while it learns."""

import math
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.text import Text

from ...callbacks import Callback, EarlyStopping, MetricsLog
from ...core import Tensor, set_seed
from ...data.text import TextDataset
from ...explain import attention_maps
from ...losses import SparseCategoricalCrossentropy
from ...optimizers import AdamW
from ...optimizers.schedules import CosineDecay
from ...training.report import LanguageResult, Sample, write_language_report
from ...training.run_folder import RunFolder, fingerprint
from ...zoo import GPT, NGramModel
from ..output import out
from .corpus import Corpus, Cut, embedded, from_files
from .run import conclude, fit, note, start, story, trained_for

ORDER = 5
_PROMPT, _SHOWN, _LOOKED_AT = 24, 200, 40  # tokens: of the prompt, of what is written after it, on the attention maps
_COUNTED = 2_000_000  # most tokens that the n-grams are counted on


def text(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Text files in UTF-8  [default: the language reference that comes with Python]"),
    ] = None,
    layers: Annotated[int, typer.Option(min=1, help="Transformer blocks.")] = 4,
    width: Annotated[int, typer.Option(min=8, help="Numbers per token; a multiple of 32.")] = 160,
    context: Annotated[int, typer.Option(min=8, help="Most tokens that it can look back.")] = 128,
    cut: Annotated[Cut, typer.Option("--tokens", help="What a token is.")] = Cut.CHARACTERS,
    vocabulary: Annotated[int, typer.Option(min=258, help="How many byte pairs there are.")] = 1024,
    dropout: Annotated[float, typer.Option(min=0.0, max=0.9, help="Share that is dropped in training.")] = 0.1,
    epochs: Annotated[int, typer.Option(min=1, help="Most epochs; it stops earlier when it gets no better.")] = 16,
    batch_size: Annotated[int, typer.Option(min=1, help="Windows of text per step.")] = 8,
    seed: Annotated[int, typer.Option(help="Fixes first weights, order and dropout.")] = 0,
    folder: Annotated[Path | None, typer.Option("--out", help="A new folder  [default: runs/text-TIME]")] = None,
) -> None:
    """Learn to write on: a GPT, judged beside 5-grams; writes metrics.jsonl, config.json, model.lamina, report.html."""
    arguments = {name: value for name, value in locals().items() if name not in ("files", "folder")}
    run, watch = start("text", folder)
    with watch.phase("data"):
        corpus = from_files(files, cut, vocabulary, run.path, context) if files else embedded(cut, vocabulary)
        _say_what(corpus)
    with watch.phase("5-grams"):
        grams = NGramModel(ORDER, vocabulary_size=len(corpus.tokenizer)).fit(corpus.training[:_COUNTED])
        counted = grams.perplexity(corpus.held_out)
    with watch.phase("building"):
        set_seed(seed)
        data = TextDataset(corpus.training, context, batch_size, seed=seed)
        model = network(corpus, layers, width, context, dropout, epochs * len(data))
        hashes = {"training": fingerprint(corpus.training), "held-out": fingerprint(corpus.held_out)}
        facts = note(run, model, {"files": [str(f) for f in files or ()], **arguments}, hashes)
    writer = Writer(corpus, min(_PROMPT, context // 2))
    with watch.phase("training"):
        history = fit(run, model, lambda kept: _fit(model, run, data, corpus, epochs, writer, kept))
    with watch.phase("saving"):
        model.save(run.model)
    with watch.phase("evaluation"):
        result = _result(model, corpus, counted, writer.samples)
    with watch.phase("report"):
        words = {"title": corpus.title, "subtitle": _subtitle(corpus, model, history), "validation_name": "held-out"}
        write_language_report(run.path, story(run, watch, model, history, facts, **words), result)
    conclude(run, watch, result.verdict)


def network(corpus: Corpus, layers: int, width: int, context: int, dropout: float, steps: int) -> GPT:
    """A new GPT for this text, compiled for so many steps."""
    heads = max(1, width // 32)
    model = GPT(len(corpus.tokenizer), layers, heads, width, context, dropout, tokenizer=corpus.tokenizer)
    _compile(model, steps)
    return model


def _say_what(corpus: Corpus) -> None:
    first, last = len(corpus.training), len(corpus.held_out)
    sizes = f"{first:,} tokens to learn from, {last:,} held out, {corpus.bytes_per_token:.1f} bytes each"
    out().print(Text(f"{corpus.title}: {sizes}"), highlight=False, soft_wrap=True)


def _compile(model: Any, steps: int) -> None:
    """AdamW with a short warm-up and then a cosine down to a twentieth; norms and biases do not decay."""
    warmup = max(1, min(steps // 20, 200))
    rate = CosineDecay(0.0, max(1, steps - warmup), alpha=0.05, warmup_target=2e-3, warmup_steps=warmup)
    optimizer = AdamW(rate, weight_decay=0.1, beta_2=0.99, global_clipnorm=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(optimizer, SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])


def _fit(
    model: Any, run: RunFolder, data: Any, corpus: Corpus, epochs: int, writer: "Writer", kept: dict[str, Any]
) -> Any:
    judged = TextDataset(corpus.held_out, data.window, data.batch_size, order="consecutive")
    callbacks = [
        MetricsLog(run.metrics, steps=True),
        EarlyStopping("val_loss", patience=3, restore_best_weights=True),
        writer,
    ]
    return model.fit(data, epochs=epochs, validation_data=judged, callbacks=callbacks, verbose=1, **kept)


class Writer(Callback):
    """Lets the model write after every epoch, always after the same words of the held-out text.

    Args:
        corpus: where the words come from.
        length: tokens of them.
    """

    replay_safe = True

    def __init__(self, corpus: Corpus, length: int) -> None:
        self.prompt = [int(i) for i in corpus.held_out[:length]]
        self.tokenizer = corpus.tokenizer
        self.samples: list[Sample] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        written = self.model.generate(self.prompt, _SHOWN, temperature=0.8, top_p=0.95, seed=1)
        perplexity = math.exp(min((logs or {}).get("val_loss", math.nan), 100.0))
        sample = Sample(epoch + 1, perplexity, self.tokenizer.decode(self.prompt), written.text)
        self.samples.append(sample)
        line = Text(f"  perplexity {perplexity:.1f}  ", style="bold")
        out().print(line + Text(sample.prompt, style="dim") + Text(sample.text), highlight=False, soft_wrap=True)

    def state_dict(self) -> dict[str, Any]:
        return {"samples": [list(sample) for sample in self.samples]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.samples = [Sample(*sample) for sample in state["samples"]]


def _result(model: Any, corpus: Corpus, counted: float, samples: list[Sample]) -> LanguageResult:
    shown = [int(i) for i in corpus.held_out[: min(_LOOKED_AT, model.context)]]
    maps = attention_maps(model, Tensor(np.array([shown], np.int32)))
    return LanguageResult(
        model.perplexity(corpus.held_out),
        (f"{ORDER}-gram model", counted),
        len(corpus.held_out) - 1,
        _some_of(samples),
        np.stack([layer[0] for layer in maps.values()]),
        [corpus.tokenizer.decode([i]) for i in shown],
    )


def _some_of(samples: list[Sample], most: int = 8) -> list[Sample]:
    """Samples spread over the training, the first and the last among them."""
    if len(samples) <= most:
        return samples
    return [samples[i] for i in np.unique(np.geomspace(1, len(samples), most).round().astype(int) - 1)]


def _subtitle(corpus: Corpus, model: Any, history: dict[str, list[float]]) -> str:
    return (
        f"A GPT of {model.count_params():,} weights, {trained_for(history)} on {len(corpus.training):,} tokens of "
        f"{corpus.bytes_per_token:.1f} bytes; the best epoch's weights are kept."
    )
