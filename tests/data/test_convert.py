"""What users pass becomes arrays of numbers, uncopied where possible, or an error that names the place."""

import jax.numpy as jnp
import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.core import ArgumentError, DataError, DTypeError, ShapeError
from lamina.data.convert import is_structure, to_array, to_tree


class HasArray:
    """A foreign tensor: all that is known of it is `__array__`."""

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        return np.array([[1.5, 2.5]])


def array(value: object, **options: object) -> np.ndarray:
    return to_array(value, "x", "fit", **options)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "bool", "float32"])
def test_what_fits_is_not_copied(dtype: str) -> None:
    given = np.ones((4, 3), dtype)
    assert array(given) is given or np.shares_memory(array(given), given)
    assert array(given).dtype == dtype


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("float64", "float32"),
        ("float16", "float32"),
        (">f8", "float32"),
        ("int64", "int32"),
        ("uint64", "int32"),
        (">i2", "int16"),
    ],
)
def test_what_does_not_fit_is_cast_once(given: str, wanted: str) -> None:
    made = array(np.array([1, 2, 3], given))
    assert made.dtype == wanted and made.dtype.isnative and made.tolist() == [1, 2, 3]


def test_float_dtype() -> None:
    assert array([0.1], float_dtype="float64").dtype == "float64"
    given = np.array([0.1])
    assert array(given, float_dtype="float64") is given


def test_bfloat16_becomes_float32() -> None:
    made = array(jnp.asarray([1.5, 2.5], jnp.bfloat16))
    assert made.dtype == "float32" and made.tolist() == [1.5, 2.5]


@pytest.mark.parametrize(
    "value",
    [
        [[1.5, 2.5]],
        ((1.5, 2.5),),
        jnp.asarray([[1.5, 2.5]]),
        HasArray(),
        pd.DataFrame({"a": [1.5], "b": [2.5]}),
        pl.DataFrame({"a": [1.5], "b": [2.5]}),
        [np.float32(1.5), 2.5],
    ],
    ids=["list", "tuple", "jax", "__array__", "pandas", "polars", "scalars"],
)
def test_kinds_of_arrays(value: object) -> None:
    made = to_tree(value, "x", "fit")
    assert type(made) is np.ndarray and made.dtype == "float32"
    assert made.ravel().tolist() == [1.5, 2.5]


def test_series_and_index() -> None:
    assert array(pd.Series([1, 2], dtype="int64")).tolist() == [1, 2]
    assert array(pl.Series([True, False])).tolist() == [True, False]
    assert array(pd.Series([1, 2], dtype="Int64")).tolist() == [1, 2]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_booleans_and_numbers_in_one_frame(frame: type) -> None:
    made = array(frame({"flag": [True, False], "age": [1.5, 2.0], "n": [3, 4]}))
    assert made.dtype == "float32" and made.tolist() == [[1.0, 1.5, 3.0], [0.0, 2.0, 4.0]]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_text_in_a_frame_is_named(frame: type) -> None:
    with pytest.raises(DTypeError, match=r"fit: every column of x must hold numbers.*received column 'name' \("):
        array(frame({"age": [1.5, 2.0], "name": ["ann", "bob"]}))


def test_columns_of_one_name_are_all_kept() -> None:
    frame = pd.DataFrame([[True, 1.5, 2]], columns=["a", "a", "b"])
    assert array(frame).tolist() == [[1.0, 1.5, 2.0]]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_a_float_frame_keeps_its_gaps_for_the_finite_check(frame: type) -> None:
    assert np.isnan(array(frame({"a": [1.0, None]}))[1, 0])


def test_lists_of_numbers_are_data_and_lists_of_arrays_are_several() -> None:
    assert not is_structure([[1, 2], [3, 4]]) and not is_structure((1.0, 2.0)) and not is_structure([])
    assert not is_structure([np.float64(1.0), np.float64(2.0)])
    assert is_structure([np.ones(2), [1, 2]]) and is_structure({"a": [1]}) and is_structure([[np.ones(2)], [1, 2]])
    assert is_structure([pd.Series([1]), pl.Series([1])])


def test_nesting_is_kept() -> None:
    tree = to_tree({"a": [1, 2], "b": (np.ones(2), [3.5, 4.5])}, "x", "fit")
    assert list(tree) == ["a", "b"] and type(tree["b"]) is tuple
    assert tree["a"].tolist() == [1, 2] and tree["b"][1].dtype == "float32"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (["a", "b"], "fit: x must hold numbers. Expected floats, integers or booleans, received dtype <U1, "
                     "first np.str_('a'). Turn text into numbers first, for example with np.unique("),
        (pd.Series(["a"], dtype=object), "first 'a'. Turn text into numbers"),
        ([b"a"], "Turn text into numbers"),
        ("mnist", "received 'mnist'. Turn text into numbers"),
        ([1, None], "dtype object, first 1. Make one array of numbers first"),
        (np.array([0.5, 1.5], object), "received dtype object, first 0.5. Make one array of numbers first"),
        (np.array(["2020-01-01"], "datetime64[D]"), "Turn dates into numbers"),
        ([1 + 2j], "Pass the real and the imaginary part as two arrays"),
        ((i for i in range(3)), "received a generator. Make one array"),
        (None, "received a NoneType."),
        ([2**80], "dtype object"),
    ],
)  # fmt: skip
def test_what_is_no_number(value: object, sentence: str) -> None:
    with pytest.raises(DTypeError) as error:
        to_tree(value, "x", "fit")
    assert sentence in str(error.value)


def test_names_lead_to_the_place() -> None:
    with pytest.raises(DTypeError, match=r"x\['image'\]\[1\] must hold numbers"):
        to_tree({"image": [np.ones(2), ["a", "b"]]}, "x", "fit")
    with pytest.raises(ArgumentError, match="the keys of x are names. Expected strings, received 1"):
        to_tree({1: np.ones(2)}, "x", "fit")


@pytest.mark.parametrize(
    ("rows", "received"),
    [
        ([[1, 2], [3]], r"received shape \(2,\) in row 0 and \(1,\) in row 1"),
        ([[1, 2], [3, 4], 5], r"received shape \(2,\) in row 0 and \(\) in row 2"),
        ([[[1], [2, 3]], [[1], [2]]], "received a ragged row 0"),
    ],
)
def test_ragged(rows: list, received: str) -> None:
    with pytest.raises(
        ShapeError, match="(?i)fit: the rows of x must have one length.*" + received + ".*pad_sequences"
    ):
        array(rows)


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1])
def test_integers_beyond_32_bits(value: int) -> None:
    with pytest.raises(DataError, match=f"does not fit into 32 bits.*received {value} in row 2"):
        array([[0, 0], [1, 1], [0, value]])
    assert array([2**31 - 1, -(2**31)]).tolist() == [2**31 - 1, -(2**31)]


def test_masked_values() -> None:
    with pytest.raises(DataError, match="x has masked values. Expected a value everywhere, received 1 masked values"):
        array(np.ma.masked_array([1.0, 2.0], [False, True]))
    assert array(np.ma.masked_array([1.0, 2.0])).tolist() == [1.0, 2.0]


def test_the_errors_of_a_foreign_tensor_are_its_own() -> None:
    class Refuses:
        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            raise ValueError("detach me first")

    with pytest.raises(ValueError, match="detach me first"):
        array(Refuses())
