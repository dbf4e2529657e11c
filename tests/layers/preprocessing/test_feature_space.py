"""`FeatureSpace`: what Keras makes of the same table, and the same from its config, row by row and in batches."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lamina
from lamina.core import ArgumentError, DataError, DTypeError, NotBuiltError
from lamina.layers import FeatureSpace

TABLE: dict[str, list[Any]] = {
    "age": [20.0, 40.0, 35.0, 28.0, 61.0, 20.0],
    "city": ["Bonn", "Rome", "Bonn", "Oslo", "Rome", "Bonn"],
    "kind": [7, 7, 9, 3, 7, 9],
    "size": [1.0, 5.0, 2.0, 8.0, 3.0, 4.0],
    "code": ["x1", "x2", "x9", "x1", "x4", "x3"],
    "raw": [0.5, 0.1, 0.2, 0.3, 0.4, 0.6],
}
# What keras.utils.FeatureSpace 3.15 gives: columns 0 (age) and 12 (raw), and in which other columns there is a one.
KERAS_AGE = [-0.99243367, 0.42532873, 0.07088812, -0.42532873, 1.91397917, -0.99243367]
KERAS_RAW = [2.0, 1.2, 1.4, 1.6, 1.8, 2.2]
KERAS_ONES = [
    [2, 8, 10, 13, 16, 26], [3, 5, 10, 15, 21, 24], [2, 6, 11, 14, 16, 24],
    [4, 8, 9, 15, 17, 24], [3, 8, 10, 14, 21, 24], [2, 6, 11, 15, 16, 25],
]  # fmt: skip


def space(**options: Any) -> Any:
    features = {
        "age": "float_normalized",
        "city": "string_categorical",
        "kind": FeatureSpace.integer_categorical(max_tokens=3),
        "size": FeatureSpace.float_discretized(num_bins=3),
        "code": "string_hashed",
        "raw": FeatureSpace.float_rescaled(scale=2.0, offset=1.0),
    }
    crosses = [("city", "kind"), FeatureSpace.cross(("city", "size"), 5)]
    return FeatureSpace(features, crosses=crosses, crossing_dim=7, hashing_dim=4, **options)


@pytest.fixture(scope="module")
def adapted() -> Any:
    made = space()
    made.adapt(TABLE)
    return made


def test_the_table_is_keras(adapted: Any) -> None:
    expected = np.zeros((6, 28))
    expected[:, 0], expected[:, 12] = KERAS_AGE, KERAS_RAW
    for row, ones in zip(expected, KERAS_ONES, strict=True):
        row[ones] = 1
    np.testing.assert_allclose(adapted(TABLE).numpy(), expected, atol=1e-6)


def test_frames_rows_and_batches_are_the_same(adapted: Any) -> None:
    expected = adapted(TABLE).numpy()
    np.testing.assert_array_equal(adapted(pd.DataFrame(TABLE)).numpy(), expected)
    row = {name: column[2] for name, column in TABLE.items()}
    np.testing.assert_array_equal(adapted(row).numpy(), expected[2])
    parts = [{name: column[i : i + 4] for name, column in TABLE.items()} for i in (0, 4)]
    in_parts, by_frame = space(), space()
    in_parts.adapt([(part, None) for part in parts])
    by_frame.adapt(pd.DataFrame(TABLE))
    for other in (in_parts, by_frame):
        np.testing.assert_allclose(other(TABLE).numpy(), expected, atol=1e-6)


def test_the_config_holds_what_was_learnt(adapted: Any) -> None:
    config = json.loads(json.dumps(adapted.get_config()))
    again = lamina.layers.get({"class_name": "FeatureSpace", "config": config})
    np.testing.assert_array_equal(again(TABLE).numpy(), adapted(TABLE).numpy())
    assert again.get_config() == adapted.get_config()


def test_a_model_learns_from_it(adapted: Any) -> None:
    y = np.array([1.0, -1.0, 1.0, 0.0, -1.0, 1.0])[:, None]  # a number for each city
    model = lamina.Sequential([lamina.layers.Dense(1)])
    model.compile(lamina.optimizers.Adam(0.1), "mse")
    history = model.fit(adapted(TABLE), y, epochs=60, verbose=0).history["loss"]
    assert history[-1] < 0.05 * history[0]


def test_by_name_for_embeddings() -> None:
    features = {"age": "float", "city": FeatureSpace.string_categorical(output_mode="int")}
    made = FeatureSpace(features, output_mode="dict")
    made.adapt({"age": TABLE["age"], "city": TABLE["city"]})
    found = made({"age": [3.0, 4.0], "city": ["Rome", "Paris"]})
    assert {name: values.tolist() for name, values in found.items()} == {"age": [[3.0], [4.0]], "city": [[2], [0]]}
    with pytest.raises(ArgumentError, match="numbers of categories are no measures.*received 'int' of 'city'"):
        beside = FeatureSpace(features)
        beside.adapt(TABLE)
        beside(TABLE)


def test_given_statistics_and_bins_need_no_adapt() -> None:
    normalized = FeatureSpace.feature("float32", lamina.layers.Normalization(mean=30.0, variance=100.0), "float")
    made = FeatureSpace({"age": normalized, "size": FeatureSpace.float_discretized(None, [2.5, 4.5])})
    made.adapt(TABLE)  # nothing is left to learn
    expected = np.concatenate([(np.array(TABLE["age"])[:, None] - 30) / 10, np.eye(3)[[0, 2, 0, 2, 1, 1]]], axis=1)
    np.testing.assert_allclose(made(TABLE).numpy(), expected, atol=1e-6)


def test_refused() -> None:
    with pytest.raises(NotBuiltError, match="must be known first"):
        FeatureSpace({"city": "string_categorical"})(TABLE)
    with pytest.raises(DataError, match="FeatureSpace 's': the data has all columns.*received no city"):
        FeatureSpace({"city": "string_categorical"}, name="s")({"town": ["Rome"]})
    with pytest.raises(ArgumentError, match="columns that are crossed are among the features.*received town"):
        FeatureSpace({"city": "string_hashed"}, crosses=[("city", "town")])
    with pytest.raises(ArgumentError, match="features.'city'"):
        FeatureSpace({"city": "text"})
    for kind, column in (("float", ["a"]), ("string_hashed", [1])):
        with pytest.raises(DTypeError, match="FeatureSpace 's', column 'x': a column holds what its feature says"):
            FeatureSpace({"x": kind}, name="s")({"x": column})
    with pytest.raises(DataError, match="must be whole numbers"):
        FeatureSpace({"x": "integer_hashed"})({"x": [1.5]})
    with pytest.raises(DataError, match="adapt learns from a table"):
        FeatureSpace({"city": "string_categorical"}).adapt(3)
