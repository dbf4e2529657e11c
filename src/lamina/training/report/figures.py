"""The pictures of a report, drawn by matplotlib without any of its global state."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...core import require
from .classification import Classification
from .style import Palette

DPI = 160
MEAN = dict(linewidth=2.0, marker="o", markersize=5)


def _canvas(palette: Palette, width: float, height: float) -> tuple[Any, Any]:
    """An empty figure of so many inches, and its axes."""
    figure = require("matplotlib.figure").Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    figure.set_facecolor(palette.card)
    axes = figure.add_subplot()
    axes.set_facecolor(palette.card)
    axes.tick_params(colors=palette.quiet, labelsize=9, length=0)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(palette.line)
    return figure, axes


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def curve(
    name: str,
    unit: str,
    history: Mapping[str, Sequence[float]],
    steps: Sequence[float],
    palette: Palette,
    validation_name: str = "validation",
) -> bytes:
    """A metric over the epochs as a PNG: training, validation, and faintly every step.

    A training value is a mean over its epoch, so it stands in the middle of it; validation stands at the end.

    Args:
        name: of the metric in `history`; its validation is val_<name>.
        unit: shown at the axis; "%" shows shares as percentages.
        history: name -> one value per epoch.
        steps: one value per step, in order; may be empty.
        palette: the colours.
        validation_name: what the validation data are.
    """
    figure, axes = _canvas(palette, 5.6, 3.5)
    scale = 100.0 if unit == "%" else 1.0
    epochs = len(history[name])
    if len(steps):
        x = np.arange(1, len(steps) + 1) * epochs / len(steps)
        axes.plot(x, scale * np.asarray(steps), color=palette.training, alpha=0.25, linewidth=0.8, zorder=1)
    lines = ((name, palette.training, "training", 0.5), (f"val_{name}", palette.validation, validation_name, 1.0))
    for key, colour, label, place in lines:
        values = scale * np.asarray(history.get(key, []), float)
        if len(values):
            axes.plot(np.arange(len(values)) + place, values, color=colour, label=label, **MEAN)
    _scale_axes(axes, unit, epochs)
    axes.set_xlabel("epoch", color=palette.quiet, fontsize=9)
    axes.set_ylabel(f"{name.replace('_', ' ')} ({unit})" if unit else name, color=palette.quiet, fontsize=9)
    axes.grid(axis="y", color=palette.line, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, labelcolor=palette.text, fontsize=9)
    return _png(figure)


def _scale_axes(axes: Any, unit: str, epochs: int) -> None:
    """Percentages: from a little below the lowest epoch to 100. Others: logarithmic if they are positive."""
    ticker = require("matplotlib.ticker")
    values = np.concatenate([line.get_ydata() for line in axes.lines])
    means = np.concatenate([line.get_ydata() for line in axes.lines if line.get_marker() == "o"])
    values, means = values[np.isfinite(values)], means[np.isfinite(means)]
    if unit == "%" and len(means):
        below = max(0.0, means.min() - 0.25 * (100 - means.min()) - 0.1)
        axes.set_ylim(below, 100 + 0.02 * (100 - below))
    elif len(values) and values.min() > 0:
        axes.set_yscale("log")
        axes.set_ylim(max(values.min(), means.min() / 8) * 0.9, None)
        axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda y, _: f"{y:g}"))
        axes.yaxis.set_minor_locator(ticker.NullLocator())
    axes.set_xlim(0, epochs + 0.15)
    axes.xaxis.set_major_locator(ticker.MaxNLocator(nbins=10, integer=True))


def confusion(result: Classification, palette: Palette) -> bytes:
    """The confusion matrix as a PNG: right ones in the palette's calm colour, the more errors the redder."""
    classes = len(result.names)
    size = min(12.0, 2.2 + 0.46 * classes)
    figure, axes = _canvas(palette, size, size)
    axes.spines["bottom"].set_visible(False)
    axes.imshow(_cell_colours(result.confusion, palette))
    for (i, j), count in np.ndenumerate(result.confusion):
        if count or i == j:
            axes.text(j, i, f"{count}", ha="center", va="center", fontsize=9.5, color=palette.text)
    axes.set_xticks(range(classes), result.names)
    axes.set_yticks(range(classes), result.names)
    if max(map(len, result.names)) > 3:
        axes.tick_params(axis="x", rotation=90)
    axes.set_xticks(np.arange(classes + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(classes + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=palette.line, linewidth=0.8)
    axes.tick_params(which="minor", length=0)
    axes.set_xlabel("predicted class (how many examples)", color=palette.quiet, fontsize=9)
    axes.set_ylabel("true class", color=palette.quiet, fontsize=9)
    return _png(figure)


def _cell_colours(counts: np.ndarray, palette: Palette) -> np.ndarray:
    """(U, U, 3) colours between 0 and 1."""
    to_rgb = require("matplotlib.colors").to_rgb
    card, right, wrong = (np.array(to_rgb(colour)) for colour in (palette.card, palette.right, palette.wrong))
    errors = counts - np.diag(np.diag(counts))
    share = np.sqrt(errors / max(errors.max(), 1))[..., None]  # the square root shows rare errors, too
    cells = card + 0.85 * share * (wrong - card)
    cells[np.diag_indices(len(counts))] = right
    return cells


def contact_sheet(result: Classification, images: np.ndarray, rows: np.ndarray, palette: Palette) -> bytes:
    """Pictures with their truth and prediction, six in a line, as one PNG.

    Args:
        result: the predictions.
        images: (N, H, W), 0 to 255.
        rows: which to show.
        palette: the colours.
    """
    lines = -(-len(rows) // 6)
    figure = require("matplotlib.figure").Figure(figsize=(7.2, 1.5 * lines), dpi=DPI, layout="constrained")
    figure.set_facecolor(palette.card)
    for place, row in enumerate(rows, 1):
        axes = figure.add_subplot(lines, 6, place)
        axes.imshow(images[row], cmap="gray", vmin=0, vmax=255)
        axes.set_axis_off()
        axes.set_title(caption(result, row), fontsize=7.5, color=palette.text)
    return _png(figure)


def caption(result: Classification, row: int) -> str:
    """Truth and prediction of one row, with the probability of the latter."""
    truth, called = result.y_true[row], result.y_pred[row]
    return f"{result.names[truth]} read as {result.names[called]}\n({100 * result.probabilities[row, called]:.0f} %)"


def attention(maps: np.ndarray, words: Sequence[str], palette: Palette) -> bytes:
    """Attention of every head as a PNG: a row of squares for each layer, a square for each head.

    Args:
        maps: probabilities (layers, A, T, T), row t the attention of place t.
        words: the T tokens, written at the left of each row of squares.
        palette: the colours.
    """
    layers, heads = maps.shape[:2]
    figure = require("matplotlib.figure").Figure(
        figsize=(1.5 + 1.55 * heads, 1.7 * layers), dpi=DPI, layout="constrained"
    )
    figure.set_facecolor(palette.card)
    shades = require("matplotlib.colors").LinearSegmentedColormap.from_list("", [palette.card, palette.training])
    for layer in range(layers):
        for head in range(heads):
            axes = figure.add_subplot(layers, heads, layer * heads + head + 1)
            axes.imshow(np.sqrt(maps[layer, head]), cmap=shades, vmin=0.0, vmax=1.0)
            axes.set_xticks([])
            axes.set_yticks(range(len(words)) if head == 0 else [], words if head == 0 else [])
            axes.tick_params(length=0, labelsize=4.5, colors=palette.quiet)
            for spine in axes.spines.values():
                spine.set_color(palette.line)
            if layer == 0:
                axes.set_title(f"head {head + 1}", fontsize=7, color=palette.quiet)
            if head == 0:
                axes.set_ylabel(f"layer {layer + 1}", fontsize=7, color=palette.quiet)
    return _png(figure)
