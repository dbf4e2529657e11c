"""A reader of questions: where its tokens stand, what it marks, and that padding changes nothing."""

from pathlib import Path

import numpy as np
import pytest

from lamina import set_seed
from lamina.core import DataError
from lamina.data.tokenizers import CharacterTokenizer, Tokenizer, WordPieceTokenizer
from lamina.datasets import facts
from lamina.models import load_model
from lamina.zoo import Answer, SpanReader

SMALL = {"width": 8, "units": 4}
PAIR = ("Who is a baker?", "Ida is a baker in Oslo.")


def english(**changes: int) -> SpanReader:
    set_seed(0)
    return SpanReader(WordPieceTokenizer.train([" ".join(PAIR)] * 3, 60), **{**SMALL, **changes})


def certain(length: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Chances that leave no doubt about the first and the last token."""
    return np.eye(length)[first], np.eye(length)[last]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_tokens_of_an_answer_lead_back_to_it(language: str) -> None:
    questions, _ = facts(60, language)
    texts = [text for q in questions for text in q[:2]]
    tokenizer: Tokenizer = CharacterTokenizer.train(texts) if language == "zh" else WordPieceTokenizer.train(texts, 300)
    model = SpanReader(tokenizer, **SMALL)
    pairs = [(q.question, q.context) for q in questions]
    length = model.encode(pairs)["context"].shape[1]
    for q, target in zip(questions, model.targets(pairs, [(q.start, q.end) for q in questions]), strict=True):
        assert bool(target.any()) == q.is_answerable
        assert model._best(q.context, *certain(length, *target))[:3] == (q.answer, q.start, q.end)


def test_an_answer_has_its_end_after_its_beginning_and_is_short() -> None:
    model = english(longest=2)
    start, end = np.array([0.1, 0.3, 0.0, 0.0, 0.6, 0.0]), np.array([0.1, 0.2, 0.3, 0.4, 0.0, 0.0])
    found = model._best("a b c d e", start, end)
    assert found == Answer("a b", 0, 3, pytest.approx(0.09))  # "d" ... "a" runs backwards, "a b c" is too long
    assert model._best("a b c d e", *certain(6, 0, 0)) == Answer("", 0, 0, 1.0)


def test_padding_changes_nothing_and_is_never_the_answer() -> None:
    model = english()
    x = model.encode([PAIR])
    wider = {name: np.pad(ids, ((0, 0), (0, 5))) for name, ids in x.items()}
    logits, padded = model.predict(x, verbose=0), model.predict(wider, verbose=0)
    count = int((x["context"] > 0).sum())
    np.testing.assert_allclose(logits[..., :count], padded[..., :count], rtol=1e-5, atol=1e-6)
    assert (padded[..., count:] == -1e9).all() and count == 8


def test_an_answer_that_is_not_read_counts_as_none() -> None:
    assert english().targets([PAIR], [(18, 22)]).tolist() == [[6, 6]]
    assert english(context=6).targets([PAIR], [(18, 22)]).tolist() == [[0, 0]]


def test_a_saved_reader_answers_the_same(tmp_path: Path) -> None:
    model = english()
    model.save(tmp_path / "reader.lamina")
    assert load_model(tmp_path / "reader.lamina").answer([PAIR]) == model.answer([PAIR])


@pytest.mark.parametrize("pair", [("", "Ida"), ("Who?", "  ")])
def test_nothing_to_read_is_an_error(pair: tuple[str, str]) -> None:
    with pytest.raises(DataError, match="at least one token"):
        english().answer([pair])
