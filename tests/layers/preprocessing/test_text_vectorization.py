import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, DTypeError, NotBuiltError, ShapeError
from lamina.data import Dataset
from lamina.layers import TextVectorization

TEXTS = ["foo bar", "bar baz!", "Baz, bada-boom; foo?"]
TERMS = ["", "[UNK]", "foo", "baz", "bar", "badaboom"]


def test_sources_of_texts_are_equal() -> None:
    single = Dataset.from_generator(lambda: iter(TEXTS))
    pairs = Dataset.from_generator(lambda: iter([(TEXTS[:2], [0, 1]), (TEXTS[2:], [1])]))
    column = [[text] for text in TEXTS]
    for data in (TEXTS, np.array(TEXTS), column, single, pairs, iter(TEXTS), (t for t in [TEXTS[:1], TEXTS[1:]])):
        layer = TextVectorization()
        layer.adapt(data)
        assert layer.get_vocabulary() == TERMS
    layer.adapt(single, steps=1)
    assert layer.get_vocabulary() == ["", "[UNK]", "foo", "bar"] and layer.vocabulary_size() == 4


def test_one_text_in_a_dataset() -> None:
    layer = TextVectorization(vocabulary=TERMS, output_sequence_length=3)
    assert layer("Foo! BAR").tolist() == [2, 4, 0]
    batch = next(iter(Dataset.from_generator(lambda: iter(TEXTS)).map(layer).batch(3)))
    np.testing.assert_array_equal(batch, layer(TEXTS))


def test_letters_and_blanks_of_all_scripts() -> None:
    layer = TextVectorization(vocabulary=["äpfel", "привет"])
    assert layer(["ÄPFEL\u00a0Привет", "äpfel"]).tolist() == [[2, 3], [2, 0]]


def test_nothing_left_of_a_text() -> None:
    for mode, shape in (("int", (2, 0)), ("count", (2, 5))):
        vocabulary = TERMS if mode == "int" else TERMS[1:]
        output = TextVectorization(vocabulary=vocabulary, output_mode=mode)(["", " !? "])
        assert output.shape == shape and not np.asarray(output).any()


@lamina.register
def without_digits(texts: np.ndarray) -> np.ndarray:
    return np.strings.translate(texts, {ord(digit): None for digit in "0123456789"})


@lamina.register
def at_commas(texts: np.ndarray) -> list[list[str]]:
    return [text.split(",") for text in texts.tolist()]


def test_own_functions_are_found_again_by_name() -> None:
    layer = TextVectorization(standardize=without_digits, split=at_commas)
    layer.adapt(["A1,b", "b,c3"])
    assert layer.get_vocabulary() == ["", "[UNK]", "b", "c", "A"]
    config = layer.get_config()
    assert (config["standardize"], config["split"]) == ("without_digits", "at_commas")
    np.testing.assert_array_equal(TextVectorization.from_config(config)(["A7,c"]), [[4, 3]])


def test_refusals() -> None:
    with pytest.raises(NotBuiltError, match="'t': the vocabulary must be known first"):
        TextVectorization(name="t")(["a"])
    layer = TextVectorization(vocabulary=["a"])
    with pytest.raises(DTypeError, match="the values must be text.*first 1"):
        layer([1, 2])
    with pytest.raises(ShapeError, match=r"one text a row.*received \(1, 2\)"):
        layer([["a", "b"]])
    with pytest.raises(ArgumentError, match="standardize is a name or a function.*received 'upper'"):
        TextVectorization(standardize="upper")
    with pytest.raises(ArgumentError, match="split is a name"):
        TextVectorization(split="words")
    with pytest.raises(ArgumentError, match="only sequences have a length"):
        TextVectorization(output_mode="count", output_sequence_length=3)
    with pytest.raises(ArgumentError, match="ngrams is a whole number"):
        TextVectorization(ngrams=0)
    with pytest.raises(ArgumentError, match="output_mode"):
        TextVectorization(output_mode="one_hot")
