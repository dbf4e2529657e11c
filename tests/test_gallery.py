"""The gallery shows everything there is, and its page is the one that its script writes."""

import importlib.util
import inspect
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from lamina import activations
from lamina.optimizers import schedules

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gallery", DOCS / "gallery" / "make.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_activation_is_shown_once(gallery: ModuleType) -> None:
    shown = [name for names in gallery.ACTIVATIONS.values() for name in names] + list(gallery.ALIASES)
    assert sorted(shown) == sorted(set(activations.__all__) - {"get", "registry", "serialize"})


def test_every_schedule_is_shown(gallery: ModuleType) -> None:
    classes = {name for name in schedules.__all__ if inspect.isclass(getattr(schedules, name))}
    assert {type(schedule).__name__ for schedule in gallery.SCHEDULES} == classes - {"LearningRateSchedule"}


def test_the_page_is_up_to_date_and_its_pictures_exist(gallery: ModuleType) -> None:
    text = (DOCS / "gallery.md").read_text("utf-8")
    assert text.splitlines() == list(gallery.page()), "run python docs/gallery/make.py"
    pictures = re.findall(r"\]\((.*?\.png)\)", text)
    assert len(pictures) == len(gallery.ACTIVATIONS) + 2
    assert all((DOCS / name).read_bytes().startswith(b"\x89PNG") for name in pictures)


@pytest.mark.parametrize(
    ("name", "formula", "slope"),
    [
        ("sigmoid", lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
        ("threshold", lambda x: np.where(x > 1, x, -1), lambda x: np.where(x > 1, 1, 0)),
        ("glu", lambda x: x / (1 + np.exp(-1)), lambda x: np.full_like(x, 1 / (1 + np.exp(-1)))),
        ("step", lambda x: np.where(x >= 0, 1, 0), np.zeros_like),
    ],
)
def test_the_curves_are_those_of_the_formula(gallery: ModuleType, name: str, formula: object, slope: object) -> None:
    x, y, dy = gallery.curves(name)
    np.testing.assert_allclose(y, formula(x), atol=1e-6)  # type: ignore[operator]
    np.testing.assert_allclose(dy, slope(x), atol=1e-6)  # type: ignore[operator]


def test_how_a_schedule_is_made(gallery: ModuleType) -> None:
    made = schedules.WarmUp(schedules.StepDecay(1.0, 30), 10)
    text = "WarmUp(schedule=StepDecay(initial_learning_rate=1.0, decay_steps=30), warmup_steps=10)"
    assert gallery.call(made) == text
