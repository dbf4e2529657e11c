"""The examples on texts run, in a short form, and show what they promise."""

import runpy
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "text"


def example(name: str) -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / f"{name}.py"))


@pytest.mark.slow
def test_negations_are_learned_in_chinese() -> None:
    found = example("sentiment")
    model, accuracy = found["learn"]("zh", samples=4000, epochs=17)
    assert accuracy >= 0.9
    sentences = found["TURNS"]["zh"]
    assert [v.label for v in model.classify(sentences[:4])] == ["positive", "negative", "negative", "positive"]


@pytest.mark.slow
def test_answers_are_marked_after_a_few_steps() -> None:
    found = example("questions")
    _, questions, answers = found["learn"]("zh", samples=2000, epochs=4)
    everything, there, _ = found["exact_match"](questions, answers)
    assert everything > 0.5 and there > 0.5


@pytest.mark.slow
def test_summaries_keep_the_words_that_matter() -> None:
    found = example("summaries")
    summarize, texts, summaries = found["learn"]("en", samples=1000, epochs=6)
    assert found["rouge"]("en", summaries, summarize(texts)) >= 0.6


def test_the_words_kept_are_a_longest_common_subsequence() -> None:
    kept = example("summaries")["kept"]
    assert kept([1, 7, 2, 2, 3], [1, 2, 3, 9]) == [1, 0, 1, 0, 1]
    assert kept([4, 5], [6]) == [0, 0]
