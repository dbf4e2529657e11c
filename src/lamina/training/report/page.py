"""The page of a report: one HTML file that needs nothing else."""

import base64
import io
import math
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from ...core import require
from .classification import Classification
from .style import CSS

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def data_uri(png: bytes) -> str:
    """PNG bytes as an address that holds its own content."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def picture(light: bytes, dark: bytes, alt: str) -> str:
    """A figure that follows the reader's choice of light or dark."""
    return (
        f'<figure class="card"><picture><source media="(prefers-color-scheme: dark)" srcset="{data_uri(dark)}">'
        f'<img src="{data_uri(light)}" alt="{escape(alt)}"></picture></figure>'
    )


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows below a head; what is not finite shows as a dash. An empty head is left out."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(_cell(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    kind = "scroll" if top else "facts"
    return f'<div class="card {kind}"><table>{f"<tr>{top}</tr>" if top else ""}{body}</table></div>'


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if math.isfinite(value) else "–"
    return f"{value:,}" if isinstance(value, int) else str(value)


def keys(pairs: Sequence[tuple[str, str]]) -> str:
    """The figures that matter most, large."""
    cells = (f'<div class="card"><b>{escape(value)}</b><span>{escape(name)}</span></div>' for name, value in pairs)
    return f'<div class="keys">{"".join(cells)}</div>'


def mistakes(result: Classification, images: np.ndarray, rows: np.ndarray) -> str:
    """Pictures of wrong predictions, each with its truth."""
    cells = []
    for row in rows:
        truth, called = (result.names[classes[row]] for classes in (result.y_true, result.y_pred))
        percent = 100 * result.probabilities[row, result.y_pred[row]]
        cells.append(
            f'<figure><img src="{data_uri(small_png(images[row]))}" alt="a {escape(truth)}" width="28" height="28">'
            f'<figcaption>is <b>{escape(truth)}</b>, read as <b class="wrong">{escape(called)}</b> '
            f"({percent:.0f}&nbsp;%), no.&nbsp;{row}</figcaption></figure>"
        )
    return f'<div class="card digits">{"".join(cells)}</div>'


def small_png(image: np.ndarray) -> bytes:
    """One grey picture (H, W), 0 to 255, as it is."""
    buffer = io.BytesIO()
    require("PIL.Image").fromarray(image.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def section(title: str, words: str, *parts: str) -> str:
    """A heading, a sentence about what is seen, and the things themselves; `parts` are HTML already."""
    return f'<section><h2>{escape(title)}</h2><p class="quiet">{escape(words)}</p>{"".join(parts)}</section>'


def page(title: str, subtitle: str, *parts: str) -> str:
    """The whole document."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{CSS}</style></head>\n<body><main><h1>{escape(title)}</h1>"
        f'<p class="quiet">{escape(subtitle)}</p>{"".join(parts)}</main></body></html>\n'
    )
