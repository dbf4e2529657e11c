from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, DataError, DTypeError, FileFormatError, NotBuiltError
from lamina.data import Dataset
from lamina.layers import Input, IntegerLookup, StringLookup

WORDS = [["b", "a", "c", "c"], ["a", "d", "ä", "b"]]


def test_sources_of_words_are_equal() -> None:
    rows = Dataset.from_generator(lambda: iter(WORDS))
    for data in (WORDS, np.array(WORDS), np.array(WORDS, dtype="O"), rows, iter(WORDS), [np.array(w) for w in WORDS]):
        layer = StringLookup()
        layer.adapt(data)
        assert layer.get_vocabulary() == ["[UNK]", "c", "b", "a", "ä", "d"]
    layer = StringLookup()
    layer.adapt(rows, steps=1)
    assert layer.get_vocabulary(include_special_tokens=False) == ["c", "b", "a"]
    assert layer.vocabulary_size() == 4


def test_frames_and_bytes() -> None:
    pandas = pytest.importorskip("pandas")
    layer = StringLookup(vocabulary=["ä", "b"])
    assert layer(pandas.Series(["b", "ä", "z"])).tolist() == [2, 1, 0]
    assert layer(np.array(["ä".encode(), b"b"])).tolist() == [1, 2]
    assert StringLookup(vocabulary=["ä"], encoding="latin-1")(["ä".encode("latin-1")]).tolist() == [1]


def test_idf_is_the_formula_of_the_documents() -> None:
    layer = StringLookup(output_mode="tf_idf")
    layer.adapt(WORDS)
    documents = {"c": 1, "b": 2, "a": 2, "ä": 1, "d": 1}
    idf = np.log(1 + 2 / (1 + np.array([documents[t] for t in layer.get_vocabulary()[1:]])))
    expected = np.array([[1, 2, 0, 1, 0, 0]]) * np.array([idf.mean(), *idf])
    np.testing.assert_allclose(layer([["c", "a", "c", "?"]]), expected, rtol=1e-6)


def test_there_and_back() -> None:
    there = StringLookup()
    there.adapt(WORDS)
    back = StringLookup(vocabulary=there.get_vocabulary(), invert=True)
    assert back(there(WORDS)).tolist() == WORDS
    numbers = IntegerLookup(vocabulary=[5, 2**40], num_oov_indices=0)
    assert numbers([2**40, 5]).tolist() == [1, 0]


def test_a_file_of_terms_is_read_but_never_named(tmp_path: Path) -> None:
    (tmp_path / "terms.txt").write_text("b\nsecond term\nä\n", encoding="utf-8")
    layer = StringLookup(vocabulary=str(tmp_path / "terms.txt"))
    assert layer.get_vocabulary() == ["[UNK]", "b", "second term", "ä"]
    assert layer.get_config()["vocabulary"] == layer.get_vocabulary()
    for cls in (StringLookup, IntegerLookup, lamina.layers.TextVectorization):
        with pytest.raises(FileFormatError, match="holds the terms of the vocabulary themselves"):
            cls.from_config({"vocabulary": str(tmp_path / "terms.txt")})


def test_unknown_terms_without_a_number_for_them() -> None:
    layer = StringLookup(vocabulary=["a", "b"], num_oov_indices=0, name="s")
    with pytest.raises(DataError, match=r"StringLookup 's'.*one of 2 terms, received 'z' at \(1, 0\), and 1 more"):
        layer([["a", "b"], ["z", "y"]])
    ids, good = np.array([[5, 7], [5, 6]]), np.array([[5, 7], [7, 5]])
    for mode in ("int", "one_hot", "multi_hot", "count"):
        numbers = IntegerLookup(vocabulary=[5, 7], num_oov_indices=0, output_mode=mode)
        with pytest.raises(DataError, match=r"received .*6.* at \(1, 1\)"):
            numbers(ids)
        step = lamina.compile(lambda x, layer=numbers: layer(x))
        step(lamina.Tensor(good))
        output = step(lamina.Tensor(ids)).numpy()
        if mode == "int":
            assert output.tolist() == [[0, 1], [0, -1]]
        else:
            assert np.isnan(output[1]).any() and np.isfinite(output[0]).all()


def test_before_a_vocabulary_is_known() -> None:
    for layer, data in ((StringLookup(name="s"), ["a"]), (IntegerLookup(name="s"), [1])):
        with pytest.raises(NotBuiltError, match=r"Lookup 's': the vocabulary must be known first.*layer.adapt"):
            layer(data)
    with pytest.raises(NotBuiltError, match="must be known first"):
        IntegerLookup()(Input((3,), dtype="int32"))


def test_a_vocabulary_in_a_model_is_fixed() -> None:
    layer = IntegerLookup(vocabulary=[3, 4])
    layer.adapt([[5, 6], [6, 6]])
    assert layer.get_vocabulary() == [-1, 6, 5]
    layer(Input((2,), dtype="int32"))
    for change in (lambda: layer.adapt([1]), lambda: layer.set_vocabulary([1])):
        with pytest.raises(ArgumentError, match="the vocabulary is fixed once"):
            change()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"vocabulary": []}, "not empty"),
        ({"vocabulary": ["a", "b", "a"]}, r"every term occurs once.*more than one \['a'\]"),
        ({"vocabulary": ["a", ""], "mask_token": ""}, "mask and OOV tokens stand in front"),
        ({"vocabulary": ["a", "[UNK]"], "invert": True}, "mask and OOV tokens stand in front"),
        ({"vocabulary": ["a", "b"], "max_tokens": 2}, "at most 1 terms besides .* received 2"),
        ({"max_tokens": 1}, "max_tokens is a whole number. Expected an integer >= 2"),
        ({"num_oov_indices": -1}, "num_oov_indices is a whole number"),
        ({"pad_to_max_tokens": True}, "pad_to_max_tokens pads to a size"),
        ({"invert": True, "output_mode": "count"}, "the way back starts from numbers"),
        ({"idf_weights": [1.0]}, "idf_weights belong to tf_idf"),
        ({"vocabulary": ["a"], "output_mode": "tf_idf"}, r"one a term.*1 numbers, received shape \(0,\)"),
        ({"output_mode": "sum"}, "output_mode has a fixed set"),
        ({"salt": "x"}, "salt is a key"),
    ],
)
def test_bad_arguments(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        StringLookup(**config)


def test_bad_data() -> None:
    words, numbers = StringLookup(vocabulary=["a"]), IntegerLookup(vocabulary=[1])
    with pytest.raises(DTypeError, match="the values must be text.*int64, first 3.*IntegerLookup"):
        words([3])
    with pytest.raises(DTypeError, match="must be whole numbers.*text, first 'a'.*StringLookup"):
        numbers(["a"])
    with pytest.raises(DataError, match=r"1.5 at \(0,\)"):
        numbers([1.5])
    with pytest.raises(DataError, match="nothing to learn from"):
        StringLookup().adapt([])
    with pytest.raises(DTypeError, match="an array, a list or an iterable"):
        StringLookup().adapt(3)
    with pytest.raises(ArgumentError, match="vocabulary_dtype"):
        IntegerLookup(vocabulary_dtype="int32")
    with pytest.raises(ArgumentError, match="oov_method"):
        IntegerLookup(oov_method="mod")
