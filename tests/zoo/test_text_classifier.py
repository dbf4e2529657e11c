"""A classifier of texts: what it reads, what it says, and that it says the same after being saved."""

from pathlib import Path

import numpy as np
import pytest

from lamina import Tensor, set_seed
from lamina.core import ArgumentError, DataError
from lamina.data.tokenizers import CharacterTokenizer, WordPieceTokenizer
from lamina.models import load_model
from lamina.zoo import TextClassifier

SMALL = {"width": 8, "units": 4, "context": 12}


def chinese() -> TextClassifier:
    set_seed(0)
    return TextClassifier(CharacterTokenizer.train("剧情不好看。"), ["差", "好"], **SMALL)


def test_ids_leave_room_for_padding_and_long_texts_are_cut() -> None:
    model = chinese()
    assert (np.array(model.tokenizer.encode("好看")) + 1 == model.encode("好看")[0, :2]).all()
    assert model.encode(["好", "不好看"]).shape == (2, 8)
    assert (model.encode(["好" * 20, "好"]) > 0).sum(axis=1).tolist() == [12, 1]


def test_padding_is_not_read() -> None:
    model = chinese()
    ids = model.encode("剧情好看")
    alone, padded = (np.asarray(model(Tensor(x))) for x in (ids[:, :4], np.pad(ids, ((0, 0), (0, 4)))))
    np.testing.assert_allclose(alone, padded, rtol=1e-6, atol=1e-6)
    assert abs(alone - np.asarray(model(Tensor(ids[:, :3])))).max() > 1e-4


def test_a_verdict_is_the_most_probable_class() -> None:
    model = chinese()
    texts = ["剧情好看。", "不好看", "看"]
    found, probabilities = model.classify(texts, batch_size=2), model.predict_texts(texts)
    for verdict, row in zip(found, probabilities, strict=True):
        assert verdict.probability == max(row) and verdict.probabilities == dict(zip("差好", row.tolist(), strict=True))
        assert verdict.label == "差好"[row.argmax()] and sum(row) == pytest.approx(1)
    assert model.classify("看") == found[2:]


@pytest.mark.parametrize(
    "tokenizer", [CharacterTokenizer.train("a bad film"), WordPieceTokenizer.train("bad film", 20)]
)
def test_a_saved_classifier_brings_its_tokenizer_and_classes(tokenizer: object, tmp_path: Path) -> None:
    model = TextClassifier(tokenizer, ["good", "bad"], **SMALL)
    model.save(tmp_path / "model.lamina")
    again = load_model(tmp_path / "model.lamina")
    assert again.classify(["a bad film"]) == model.classify(["a bad film"]) and again.classes == ("good", "bad")


@pytest.mark.parametrize(("texts", "place"), [(["好", ""], "text 1"), ([], "no text")])
def test_nothing_to_read_is_an_error(texts: list[str], place: str) -> None:
    with pytest.raises(DataError, match=place):
        chinese().classify(texts)


@pytest.mark.parametrize("classes", [["one"], ["one", "one"]])
def test_classes_must_differ(classes: list[str]) -> None:
    with pytest.raises(ArgumentError, match="different names"):
        TextClassifier(CharacterTokenizer.train("a"), classes)
