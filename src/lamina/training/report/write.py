"""`write_report`: everything about one trained classifier, on one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from ...core.files import write_whole
from . import figures, page
from .classification import Classification
from .style import DARK, LIGHT, Palette

SHOWN = 36  # mistakes
UNITS = {"loss": "nats", "accuracy": "%"}


@dataclass(frozen=True)
class Story:
    """What a report tells beside the predictions.

    Args:
        title: what was learned, such as "MNIST".
        subtitle: one line about the run.
        history: name -> one value per epoch, as `History.history`.
        steps: name -> one value per training step.
        timing: (what, seconds).
        facts: (what, value): arguments, versions, machine.
        summary: the model's table as text.
        validation_name: what the validation values were computed on.

    Example:
        >>> Story("MNIST", timing=[("training", 61.2)]).timing
        [('training', 61.2)]
    """

    title: str
    subtitle: str = ""
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    steps: Mapping[str, Sequence[float]] = field(default_factory=dict)
    timing: Sequence[tuple[str, float]] = ()
    facts: Sequence[tuple[str, Any]] = ()
    summary: str = ""
    validation_name: str = "validation"


def write_report(folder: Path, story: Story, result: Classification, images: np.ndarray | None = None) -> Path:
    """Write report.html, which needs nothing else, and its figures as PNGs beside it.

    Args:
        folder: exists already.
        story: how the model came about.
        result: its predictions on data that it was not trained on.
        images: the data (N, H, W), 0 to 255; None if they are no pictures.

    Returns:
        The path of report.html.

    Example:
        >>> import tempfile
        >>> p = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
        >>> story = Story("Coins", history={"loss": [0.7, 0.4], "val_loss": [0.6, 0.5]})
        >>> report = write_report(Path(tempfile.mkdtemp()), story, Classification(np.array([0, 1, 1]), p))
        >>> sorted(path.name for path in report.parent.iterdir())
        ['confusion.png', 'loss.png', 'report.html']
    """
    parts = [_keys(story, result), *_curves(folder, story), _errors(folder, result)]
    if images is not None and result.mistakes:
        parts.append(_mistakes(folder, result, images))
    parts += [_classes(result), *_run(story)]
    low, high = (100 * bound for bound in result.interval)
    sentence = f"{100 * result.accuracy:.2f} % of {len(result.y_true):,} right"
    between = f"On other data of this kind, between {low:.2f} % and {high:.2f} % are to be expected (95 % confidence)."
    title = f"{story.title}: {sentence}"
    path = folder / "report.html"
    write_whole(path, page.page(title, f"{story.subtitle} {between}".strip(), *parts).encode())
    return path


def _draw(folder: Path, name: str, alt: str, draw: Any) -> str:
    """A figure in both palettes for the page, the light one also as a file."""

    def png(palette: Palette) -> bytes:
        data: bytes = draw(palette)
        return data

    light = png(LIGHT)
    (folder / f"{name}.png").write_bytes(light)
    return page.picture(light, png(DARK), alt)


def _keys(story: Story, result: Classification) -> str:
    cards = [
        ("accuracy", f"{100 * result.accuracy:.2f} %"),
        ("mistakes", f"{result.mistakes:,} of {len(result.y_true):,}"),
        ("cross-entropy in nats", f"{result.loss:.4f}"),
    ]
    cards += [(name, f"{seconds:.1f} s") for name, seconds in story.timing if name == "training"]
    return page.keys(cards)


def _curves(folder: Path, story: Story) -> list[str]:
    names = [name for name in story.history if f"val_{name}" in story.history]
    if not names:
        return []

    def one(name: str) -> str:
        unit = "%" if name.endswith("accuracy") else UNITS.get(name, "")
        steps = story.steps.get(name, ())
        return _draw(
            folder,
            name,
            f"{name} over the epochs",
            lambda palette: figures.curve(name, unit, story.history, steps, palette, story.validation_name),
        )

    words = (
        "A training value is a mean over its epoch, while the weights change, and stands in the middle of it; a "
        f"{story.validation_name} value is of the weights at its end. The loss of every step is drawn faintly."
    )
    return [page.section("How it learned", words, '<div class="row">', *map(one, names), "</div>")]


def _errors(folder: Path, result: Classification) -> str:
    pairs = [f"{truth} read as {called} ({count}×)" for truth, called, count in result.confused(3)]
    words = f"The most frequent confusions: {', '.join(pairs)}." if pairs else "There is no mistake."
    figure = _draw(folder, "confusion", "confusion matrix", lambda palette: figures.confusion(result, palette))
    return page.section("What is taken for what", words, f'<div class="narrow">{figure}</div>')


def _mistakes(folder: Path, result: Classification, images: np.ndarray) -> str:
    rows = result.worst(SHOWN)
    (folder / "mistakes.png").write_bytes(figures.contact_sheet(result, images, rows, LIGHT))
    words = f"{len(rows)} of {result.mistakes:,}, those first to whose true class the model gave the least probability."
    return page.section("The worst mistakes", words, page.mistakes(result, images, rows))


def _classes(result: Classification) -> str:
    words = "Precision: how many of those called so are so. Recall: how many of those that are so were found."
    rows = [tuple(score) for score in result.scores]
    return page.section("Class by class", words, page.table(["class", "precision", "recall", "F1", "images"], rows))


def _run(story: Story) -> list[str]:
    parts = []
    if story.timing:
        rows = [(name, f"{seconds:.2f} s") for name, seconds in story.timing]
        parts.append(page.section("Where the time went", "By the clock on the wall.", page.table([], rows)))
    if story.summary:
        text = f'<div class="card scroll"><pre>{escape(story.summary)}</pre></div>'
        parts.append(page.section("The model", "Layers, shapes and numbers of weights.", text))
    if story.facts:
        parts.append(page.section("The run", "What is needed to do it again.", page.table([], story.facts)))
    return parts
