"""`write_language_report`: how a language model came to write, and what it looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...core.files import write_whole
from . import figures, page
from .sections import Story, about, curves, draw
from .style import Palette


class Sample(NamedTuple):
    """What the model wrote after an epoch.

    Args:
        epoch: counted from 1; 0 is before training.
        perplexity: of text it was not trained on, then.
        prompt: what it was given.
        text: what it wrote.

    Example:
        >>> Sample(1, 90.0, "To be", " or not").text
        ' or not'
    """

    epoch: int
    perplexity: float
    prompt: str
    text: str


@dataclass(frozen=True)
class LanguageResult:
    """What a language model has reached.

    Args:
        perplexity: of text it was not trained on, per token.
        baseline: that of a statistical model on the same tokens, and its name.
        tokens: how many tokens it was judged on.
        samples: over time.
        attention: probabilities (layers, A, T, T), with `words` (T,) for its places.
        words: the tokens as text.

    Example:
        >>> LanguageResult(20.0, ("5-gram", 25.0), 1000).verdict
        'Perplexity 20.00 on 1,000 tokens it had not seen (5-gram: 25.00)'
    """

    perplexity: float
    baseline: tuple[str, float]
    tokens: int
    samples: Sequence[Sample] = ()
    attention: np.ndarray | None = None
    words: Sequence[str] = ()

    @property
    def verdict(self) -> str:
        """The result in one sentence."""
        name, value = self.baseline
        return f"Perplexity {self.perplexity:.2f} on {self.tokens:,} tokens it had not seen ({name}: {value:.2f})"


def write_language_report(folder: Path, story: Story, result: LanguageResult) -> Path:
    """Write report.html, which needs nothing else, and its figures as PNGs beside it.

    Args:
        folder: exists already.
        story: how the model came about.
        result: what it has reached.

    Returns:
        The path of report.html.

    Example:
        >>> import tempfile
        >>> result = LanguageResult(20.0, ("5-gram", 25.0), 1000, [Sample(1, 90.0, "To be", " or not")])
        >>> report = write_language_report(Path(tempfile.mkdtemp()), Story("Hamlet"), result)
        >>> "or not" in report.read_text()
        True
    """
    parts = [_keys(story, result), *curves(folder, story), _samples(result)]
    if result.attention is not None:
        parts.append(_attention(folder, result.attention, result.words))
    path = folder / "report.html"
    document = page.page(f"{story.title}: {result.verdict}", story.subtitle, *parts, *about(story))
    write_whole(path, document.encode())
    return path


def _keys(story: Story, result: LanguageResult) -> str:
    name, value = result.baseline
    cards = [("perplexity", f"{result.perplexity:.2f}"), (f"perplexity of the {name}", f"{value:.2f}")]
    cards += [(name, f"{seconds:.1f} s") for name, seconds in story.timing if name == "training"]
    return page.keys(cards)


def _samples(result: LanguageResult) -> str:
    words = "What it wrote after the same beginning, drawn with the same random numbers, as it learned."
    cells = [
        f'<div class="card"><p class="quiet">{_when(s)}, perplexity {s.perplexity:.1f}</p>'
        f'<p class="text"><b>{escape(s.prompt)}</b>{escape(s.text)}</p></div>'
        for s in result.samples
    ]
    return page.section("What it writes", words, f'<div class="stack">{"".join(cells)}</div>')


def _when(sample: Sample) -> str:
    return f"after epoch {sample.epoch}" if sample.epoch else "before training"


def _attention(folder: Path, maps: np.ndarray, tokens: Sequence[str]) -> str:
    words = (
        "Each square is one head: row by row the tokens of the text, and in a row how much of its attention goes to "
        "each token before. A column that is dark for many rows is a token that all look at; a line beside the "
        "diagonal is a head that looks at the token before."
    )

    def paint(palette: Palette) -> bytes:
        return figures.attention(maps, tokens, palette)

    return page.section("What it looks at", words, draw(folder, "attention", "attention of every head", paint))
