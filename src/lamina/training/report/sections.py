"""What every report shows, whatever was learned: the story of the run, its curves, times and facts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from . import figures, page
from .style import DARK, LIGHT, Palette

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


def draw(folder: Path, name: str, alt: str, paint: Callable[[Palette], bytes]) -> str:
    """A figure in both palettes for the page, the light one also as a file."""
    light = paint(LIGHT)
    (folder / f"{name}.png").write_bytes(light)
    return page.picture(light, paint(DARK), alt)


def curves(folder: Path, story: Story) -> list[str]:
    """Loss and metrics over the epochs; nothing without validation."""
    names = [name for name in story.history if f"val_{name}" in story.history]
    if not names:
        return []

    def one(name: str) -> str:
        unit = "%" if name.endswith("accuracy") else UNITS.get(name, "")
        steps = story.steps.get(name, ())
        return draw(
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


def about(story: Story) -> list[str]:
    """Times, layers and facts."""
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
