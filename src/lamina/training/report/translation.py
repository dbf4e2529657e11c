"""`write_translation_report`: what a translator makes of texts that it has not seen, and what it looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from ...core.files import write_whole
from . import page
from .sections import Story, about, curves

_SHOWN = 20


@dataclass(frozen=True)
class TranslationResult:
    """What a translator has reached on texts that it was not trained on.

    Args:
        sources, targets, found: N texts, their right translations, and the model's.
        bleu: of the characters, from 0 to 1.
        alignment: source tokens (S), tokens of the translation (T), and how much of the attention of each of these goes
            to each of those, (T, S); of one text.

    Example:
        >>> TranslationResult(["三", "四"], ["three", "four"], ["three", "for"], 0.8).verdict
        '50.0 % of 2 texts it had not seen translated exactly, BLEU 80.0'
    """

    sources: Sequence[str]
    targets: Sequence[str]
    found: Sequence[str]
    bleu: float
    alignment: tuple[Sequence[str], Sequence[str], np.ndarray] | None = None

    @property
    def wrong(self) -> list[int]:
        """Places of the translations that differ from the right ones."""
        return [i for i, (one, other) in enumerate(zip(self.found, self.targets, strict=True)) if one != other]

    @property
    def exact(self) -> float:
        """The share of translations that are right character by character."""
        return 1 - len(self.wrong) / len(self.targets)

    @property
    def verdict(self) -> str:
        """The result in one sentence."""
        count = f"{len(self.targets):,} texts it had not seen"
        return f"{100 * self.exact:.1f} % of {count} translated exactly, BLEU {100 * self.bleu:.1f}"


def write_translation_report(folder: Path, story: Story, result: TranslationResult) -> Path:
    """Write report.html, which needs nothing else, and its curves as PNGs beside it.

    Args:
        folder: exists already.
        story: how the model came about.
        result: what it has reached.

    Returns:
        The path of report.html.

    Example:
        >>> import tempfile
        >>> result = TranslationResult(["三", "四"], ["three", "four"], ["three", "for"], 0.8)
        >>> report = write_translation_report(Path(tempfile.mkdtemp()), Story("Numbers"), result)
        >>> "<td>for</td>" in report.read_text()
        True
    """
    cards = [("exactly right", f"{100 * result.exact:.1f} %"), ("BLEU of the characters", f"{100 * result.bleu:.1f}")]
    cards += [(name, f"{seconds:.1f} s") for name, seconds in story.timing if name == "training"]
    parts = [page.keys(cards), *curves(folder, story), *_texts(result)]
    if result.alignment is not None:
        parts.append(_alignment(*result.alignment))
    path = folder / "report.html"
    document = page.page(f"{story.title}: {result.verdict}", story.subtitle, *parts, *about(story))
    write_whole(path, document.encode())
    return path


def _texts(result: TranslationResult) -> list[str]:
    right = sorted(set(range(len(result.targets))) - set(result.wrong))
    parts = []
    for title, places in (("What it translates right", right), ("What it translates wrong", result.wrong)):
        rows = [(result.sources[i], result.found[i], result.targets[i]) for i in places[:_SHOWN]]
        words = f"{len(rows)} of {len(places):,}."
        parts += [page.section(title, words, page.table(["source", "translation", "right"], rows))] if rows else []
    return parts


def _alignment(source: Sequence[str], target: Sequence[str], weights: np.ndarray) -> str:
    words = (
        "Row by row the characters of a translation; in a row how much of the attention goes to each character of the "
        "source when this one is chosen."
    )
    head = "".join(f"<th>{escape(token)}</th>" for token in ("", *source))
    rows = [f"<td>{escape(token)}</td>{_shades(row)}" for token, row in zip(target, weights, strict=True)]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return page.section(
        "What it looks at", words, f'<div class="card scroll"><table><tr>{head}</tr>{body}</table></div>'
    )


def _shades(row: np.ndarray) -> str:
    """Cells that are the darker, the larger the number; it stands there as well if it is not small."""
    colour = "color-mix(in srgb, var(--training) {:.0f}%, transparent)"
    return "".join(
        f'<td style="background: {colour.format(70 * weight)}">{f"{weight:.2f}" if weight >= 0.05 else ""}</td>'
        for weight in row.tolist()
    )
