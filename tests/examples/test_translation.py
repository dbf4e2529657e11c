"""The examples on translation, copying and reversing run, in a short form, and show what they promise."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from lamina.datasets import date_translation

FOLDER = Path(__file__).parents[2] / "examples" / "sequences"


def example(name: str) -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(FOLDER / f"{name}.py")))


@pytest.mark.slow
def test_dates_are_translated_in_both_directions() -> None:
    run = example("translate_dates")
    model, sources, targets = run.learn("LSTM", date_translation, epochs=9, samples=3000)
    for exact, bleu in run.scores(targets[::5], model.translate(sources[::5])):
        assert exact > 0.95 and bleu > 0.95
    aligned = model.align("2024年3月5日")
    assert aligned.target[:3] == ["M", "a", "r"]
    assert aligned.source[aligned.weights[2].argmax()] == "3"  # the letter that parts March from May


@pytest.mark.slow
def test_a_sequence_is_said_again_and_backwards() -> None:
    run = example("copy_and_reverse")
    assert min(run.judge(run.learn("LSTM", epochs=6))) > 0.99
