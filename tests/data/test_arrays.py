"""A data set in memory: one form, one number of rows, only finite numbers."""

import jax.numpy as jnp
import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.core import DataError, DTypeError, ShapeError, Tensor
from lamina.data import ArrayData, as_array_data, check_finite


def test_images_pass_through_untouched() -> None:
    images, labels = np.zeros((600, 28, 28), np.uint8), np.zeros(600, np.uint8)
    data = as_array_data(images, labels)
    assert data.x is images and data.y is labels and data.n == 600 and data.sample_weight is None


def test_several_inputs_and_outputs() -> None:
    x = {"image": np.zeros((4, 2)), "text": jnp.zeros((4, 3), "int32")}
    data = as_array_data(x, (pd.Series([0, 1, 2, 3]), pl.Series([0.0, 1.0, 2.0, 3.0])), [1, 1, 2, 2])
    part = data.take(np.array([3, 0]))
    assert part.n == 2 and part.x["text"].shape == (2, 3)
    assert part.y[0].tolist() == [3, 0] and part.y[1].tolist() == [3.0, 0.0]
    assert part.sample_weight.dtype == "float32" and part.sample_weight.tolist() == [2.0, 1.0]


def test_tensors_are_data() -> None:
    data = as_array_data(Tensor(jnp.ones((3, 2))), Tensor(jnp.arange(3)))
    assert data.x.shape == (3, 2) and data.y.tolist() == [0, 1, 2]


def test_take_a_slice_gives_views_and_an_integer_one_row() -> None:
    data = ArrayData(np.arange(6.0).reshape(3, 2), np.arange(3))
    assert np.shares_memory(data.take(slice(0, 2)).x, data.x) and data.take(slice(0, 2)).n == 2
    assert data.take(1).x.tolist() == [2.0, 3.0] and data.take(1).y == 1


def test_weights_take_the_float_dtype() -> None:
    data = as_array_data([1.0], [1], [True], float_dtype="float64")
    assert data.x.dtype == data.sample_weight.dtype == "float64"


@pytest.mark.parametrize(
    ("given", "received"),
    [
        (([1.0, 2.0, 3.0], [1, 2]), "received x with 3, y with 2. Check how"),
        (([1.0, 2.0], [1, 2], [1.0]), "received x with 2, y with 2, sample_weight with 1."),
        (({"a": [1.0], "b": [1.0, 2.0]}, [1, 2]), "received x['a'] with 1, x['b'] with 2, y with 2."),
        (
            ([np.ones(5), np.ones(5), np.ones(5)], [1, 2, 3]),
            "x[2] with 5, y with 3. Turn the list of rows into one array",
        ),
        (([], [1]), "received x with 0, y with 1."),
    ],
)
def test_unequal_lengths(given: tuple, received: str) -> None:
    with pytest.raises(DataError) as error:
        as_array_data(*given)
    assert "fit: all arrays must have the same number of rows. Expected one number of rows, " in str(error.value)
    assert received in str(error.value)


@pytest.mark.parametrize("x", [[], np.zeros((0, 4)), np.zeros((3, 0)), {}, pd.DataFrame({"a": []}, dtype="float64")])
def test_no_data(x: object) -> None:
    with pytest.raises(DataError, match="evaluate: there is no data. Expected at least one row and one value in it"):
        as_array_data(x, who="evaluate")


def test_a_lone_number() -> None:
    with pytest.raises(
        ShapeError, match=r"fit: y must have an axis of rows. Expected shape \(N, ...\), received the single value 3"
    ):
        as_array_data([1.0], 3)


def test_missing_parts_are_named() -> None:
    with pytest.raises(DTypeError, match="fit: x must hold numbers.*received a NoneType"):
        as_array_data(None, [1])
    with pytest.raises(DTypeError, match=r"fit: y\[1\] must hold numbers"):
        as_array_data([1.0], [np.ones(1), None])


@pytest.mark.parametrize("where", ["x", "y", "sample_weight"])
def test_nan_is_found_in_every_part(where: str) -> None:
    given = {"x": np.ones((4, 3)), "y": np.ones((4, 3)), "sample_weight": np.ones((4, 3))}
    given[where][2, 1], given[where][3] = np.nan, [np.inf, -np.inf, np.nan]
    with pytest.raises(DataError) as error:
        as_array_data(**given)
    assert f"fit: {where} has values that are not finite. Expected finite numbers, received 2 NaN and 2 infinite of 12 values, the first in row 2." in str(error.value)  # fmt: skip  # noqa: E501


def test_what_overflows_float32_is_reported() -> None:
    with pytest.raises(DataError, match="0 NaN and 1 infinite of 2 values, the first in row 1"):
        as_array_data([1.0, 1e300])


def test_a_gap_in_a_frame_is_reported() -> None:
    with pytest.raises(DataError, match="1 NaN and 0 infinite of 2 values, the first in row 1"):
        as_array_data(pl.DataFrame({"a": [1, None]}))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("rows", [10, 10_000])
def test_one_bad_value_among_few_or_many_is_found(rows: int, bad: float) -> None:
    x = np.full((rows, 1), 3e38, np.float32)
    x[rows - 3] = bad
    with pytest.raises(DataError, match=f"of {rows} values, the first in row {rows - 3}"):
        check_finite(x, "fit")


def test_large_finite_values_pass() -> None:
    """Their sum overflows, but each of them is finite."""
    check_finite(np.full(100, 3e38, np.float32), "fit")
    check_finite(np.full(10_000, 3e38, np.float32), "fit")
    check_finite(np.array([3e38, 3e38, -3e38, -3e38], np.float32), "fit")
    check_finite({"a": np.array([1, 2]), "b": (np.array(["text"]),)}, "fit")


def test_check_finite_knows_bfloat16_and_names_the_path() -> None:
    with pytest.raises(DataError, match=r"fit: x\['b'\]\[0\] has values"):
        check_finite({"b": (np.asarray(jnp.asarray([1.0, np.nan], jnp.bfloat16)),)}, "fit")
