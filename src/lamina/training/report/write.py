"""`write_report`: everything about one trained classifier, on one page."""

from pathlib import Path

import numpy as np

from ...core.files import write_whole
from . import figures, page
from .classification import Classification
from .sections import Story, about, curves, draw
from .style import LIGHT

SHOWN = 36  # mistakes


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
    parts = [_keys(story, result), *curves(folder, story), _errors(folder, result)]
    if images is not None and result.mistakes:
        parts.append(_mistakes(folder, result, images))
    parts += [_classes(result), *about(story)]
    low, high = (100 * bound for bound in result.interval)
    sentence = f"{100 * result.accuracy:.2f} % of {len(result.y_true):,} right"
    between = f"On other data of this kind, between {low:.2f} % and {high:.2f} % are to be expected (95 % confidence)."
    title = f"{story.title}: {sentence}"
    path = folder / "report.html"
    write_whole(path, page.page(title, f"{story.subtitle} {between}".strip(), *parts).encode())
    return path


def _keys(story: Story, result: Classification) -> str:
    cards = [
        ("accuracy", f"{100 * result.accuracy:.2f} %"),
        ("mistakes", f"{result.mistakes:,} of {len(result.y_true):,}"),
        ("cross-entropy in nats", f"{result.loss:.4f}"),
    ]
    cards += [(name, f"{seconds:.1f} s") for name, seconds in story.timing if name == "training"]
    return page.keys(cards)


def _errors(folder: Path, result: Classification) -> str:
    pairs = [f"{truth} read as {called} ({count}×)" for truth, called, count in result.confused(3)]
    words = f"The most frequent confusions: {', '.join(pairs)}." if pairs else "There is no mistake."
    figure = draw(folder, "confusion", "confusion matrix", lambda palette: figures.confusion(result, palette))
    return page.section("What is taken for what", words, f'<div class="narrow">{figure}</div>')


def _mistakes(folder: Path, result: Classification, images: np.ndarray) -> str:
    rows = result.worst(SHOWN)
    (folder / "mistakes.png").write_bytes(figures.contact_sheet(result, images, rows, LIGHT))
    words = f"{len(rows)} of {result.mistakes:,}, those first to whose true class the model gave the least probability."
    return page.section("The worst mistakes", words, page.mistakes(result, images, rows))


def _classes(result: Classification) -> str:
    words = "Precision: how many of those called so are so. Recall: how many of those that are so were found."
    rows = [tuple(score) for score in result.scores]
    return page.section("Class by class", words, page.table(["class", "precision", "recall", "F1", "examples"], rows))
