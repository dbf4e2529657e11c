"""`lamina train classify`: from a CSV file of texts and classes to a model that tells them apart."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.text import Text

from ...callbacks import EarlyStopping, MetricsLog
from ...core import set_seed
from ...data.tokenizers import CharacterTokenizer, Tokenizer, WordPieceTokenizer
from ...losses import SparseCategoricalCrossentropy
from ...optimizers import Adam
from ...training.report import Classification, write_report
from ...training.run_folder import fingerprint
from ...zoo import TextClassifier
from ..classifier import score_table, verdict
from ..output import out, table
from .labelled_texts import LabelledTexts, read_labelled
from .run import conclude, fit, note, start, story, trained_for

_PATIENCE = 15  # epochs: a negation is learned late, after a while without any progress
_SHOWN = 5  # mistakes


class Tokens(StrEnum):
    """What the classifier reads one after the other."""

    AUTO = "auto"
    CHARACTERS = "characters"
    WORDS = "words"

    def tokenizer(self, texts: list[str], vocabulary: int) -> Tokenizer:
        """A tokenizer of this kind that has learned from texts; `auto` is characters if there are few blanks."""
        letters = sum(map(len, texts))
        few_blanks = 20 * sum(text.count(" ") for text in texts) < letters
        if self is Tokens.CHARACTERS or self is Tokens.AUTO and few_blanks:
            return CharacterTokenizer.train(texts, vocabulary)
        return WordPieceTokenizer.train(texts, vocabulary)


def classify(
    csv: Annotated[Path, typer.Argument(help="A CSV file in UTF-8; its first line names the columns.")],
    text: Annotated[str, typer.Option(help="The column with the texts.")],
    label: Annotated[str, typer.Option(help="The column with the classes.")],
    separator: Annotated[str, typer.Option(help="The character between two columns.")] = ",",
    tokens: Annotated[Tokens, typer.Option(help="What is read; auto: words where there are blanks.")] = Tokens.AUTO,
    vocabulary: Annotated[int, typer.Option(min=10, help="Most different tokens.")] = 4000,
    length: Annotated[int, typer.Option(min=1, help="Most tokens that are read of a text.")] = 256,
    units: Annotated[int, typer.Option(min=1, help="Numbers that are remembered, in each direction.")] = 64,
    epochs: Annotated[int, typer.Option(min=1, help="Most epochs; it stops earlier when it gets no better.")] = 30,
    batch_size: Annotated[int, typer.Option(min=1, help="Texts per step.")] = 32,
    seed: Annotated[int, typer.Option(help="Fixes parts, first weights, order and dropout.")] = 0,
    folder: Annotated[Path | None, typer.Option("--out", help="A new folder  [default: runs/classify-TIME]")] = None,
) -> None:
    """Learn to tell texts apart; writes metrics.jsonl, config.json, model.lamina, report.html and figures.

    A tenth of the rows chooses the epoch, and another tenth, which took part in no choice, judges.
    """
    arguments = {name: value for name, value in locals().items() if name not in ("csv", "folder")}
    data = read_labelled(csv, text, label, separator)  # first of all: a bad file leaves no run behind
    run, watch = start("classify", folder)
    with watch.phase("data"):
        parts = data.split(seed)
        tokenizer = tokens.tokenizer(parts[0][0], vocabulary)
    with watch.phase("building"):
        set_seed(seed)
        model = network(tokenizer, data.classes, units, length)
        learning, choosing, judging = [(model.encode(texts), labels) for texts, labels in parts]
        _say_what(csv, data, [len(texts) for texts, _ in parts], tokenizer)
        _say_what_is_cut((learning, choosing, judging), length)
        hashes = {"training": fingerprint(*learning), "test": fingerprint(*judging)}
        facts = note(run, model, {"file": str(csv), **arguments}, hashes)
    callbacks = [MetricsLog(run.metrics, steps=True), EarlyStopping(patience=_PATIENCE, restore_best_weights=True)]
    settings: dict[str, Any] = {"batch_size": batch_size, "epochs": epochs, "validation_data": choosing}
    with watch.phase("training"):
        history = fit(run, model, lambda kept: model.fit(*learning, callbacks=callbacks, verbose=1, **settings | kept))
    with watch.phase("saving"):
        model.save(run.model)
    with watch.phase("evaluation"):
        result = Classification(judging[1], model.predict_texts(parts[2][0]), data.classes)
    with watch.phase("report"):
        words = {"title": csv.name, "subtitle": _subtitle(model, history)}
        write_report(run.path, story(run, watch, model, history, facts, **words), result)
    out().print(score_table(result, "texts"))
    _show_mistakes(result, parts[2][0])
    conclude(run, watch, verdict(result, "texts"))


def network(tokenizer: Tokenizer, classes: tuple[str, ...], units: int, length: int) -> TextClassifier:
    """A new classifier, compiled."""
    model = TextClassifier(tokenizer, classes, units=units, context=length)
    loss = SparseCategoricalCrossentropy(from_logits=True)
    model.compile(Adam(3e-3, clipnorm=1.0), loss, metrics=["accuracy"])
    return model


def _say_what(csv: Path, data: LabelledTexts, sizes: list[int], tokenizer: Any) -> None:
    learning, choosing, judging = sizes
    said = f"{learning:,} texts to learn from, {choosing:,} to choose the epoch, {judging:,} to judge"
    repeated = f", {data.repeated:,} repeated rows left out" if data.repeated else ""
    kind = type(tokenizer).__name__.removesuffix("Tokenizer")
    what = f"{len(data.classes)} classes, {len(tokenizer):,} tokens ({kind})"
    out().print(Text(f"{csv.name}: {said}{repeated}; {what}"), highlight=False, soft_wrap=True)


def _say_what_is_cut(parts: Iterable[tuple[np.ndarray, Any]], length: int) -> None:
    full = sum(int((ids[:, -1] > 0).sum()) for ids, _ in parts if ids.shape[1] == length)
    if full:
        out().print(f"{full:,} texts fill all {length:,} tokens; longer ones are cut (see --length)", highlight=False)


def _show_mistakes(result: Classification, texts: list[str]) -> None:
    """The texts to whose true class the model gave the least probability."""
    rows = [
        (result.names[result.y_true[i]], result.names[result.y_pred[i]], texts[i][:200]) for i in result.worst(_SHOWN)
    ]
    if rows:
        out().print(table("The worst mistakes", ("is", "taken for", "text"), rows, right=False))


def _subtitle(model: Any, history: dict[str, list[float]]) -> str:
    best = int(np.argmin(history["val_loss"])) + 1
    return (
        f"A GRU of {model.count_params():,} weights that reads from both ends, {trained_for(history)}; the weights are "
        f"those of epoch {best}, which the validation texts chose, and the test texts took no part in any choice."
    )
