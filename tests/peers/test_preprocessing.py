"""Preprocessing layers learn and compute what Keras' do; its answers are in `preprocessing_answers.json`."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lamina import layers

from .asking import assert_same
from .preprocessing_answers import ANSWERS
from .preprocessing_table import CASES, Case

KERAS = json.loads(ANSWERS.read_text(encoding="utf-8"))


def test_the_answers_are_those_of_the_table() -> None:
    assert list(KERAS) == list(map(str, CASES))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_layer_is_keras_layer(case: Case) -> None:
    expected, layer = KERAS[str(case)], getattr(layers, case.name)(**case.config)
    if case.adapt is not None:
        layer.adapt(np.array(case.adapt))
    if case.batches is not None:
        layer.adapt(np.array(batch) for batch in case.batches)
    if "vocabulary" in expected:
        assert layer.get_vocabulary() == expected["vocabulary"]
    if "boundaries" in expected:
        np.testing.assert_allclose(layer.bin_boundaries, expected["boundaries"], rtol=1e-6)

    more = {} if case.count_weights is None else {"count_weights": np.array(case.count_weights)}
    output = np.asarray(layer(case.inputs, **more))
    for name in {"mean", "variance"} & expected.keys():
        assert_same(getattr(layer, name), np.array(expected[name]), name)
    assert_same_values(output, expected["output"])


def assert_same_values(output: np.ndarray, expected: Any) -> None:
    """Text must be equal, numbers as near as everywhere."""
    if output.dtype.kind == "U":
        assert output.tolist() == expected
    else:
        assert_same(output, np.array(expected), "output")


def test_every_layer_is_in_the_table() -> None:
    elsewhere = {"FeatureSpace"}  # tests/layers/preprocessing/test_feature_space.py holds what Keras makes of a table
    assert {case.name for case in CASES} == set(layers.preprocessing.__all__) - elsewhere
