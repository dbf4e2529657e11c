"""Regularizers, constraints, activations and the function forms of losses and metrics: their values."""

from __future__ import annotations

import inspect

import pytest

from lamina import Tensor, activations, constraints, losses, metrics, regularizers

from .asking import Keras, assert_same
from .function_table import CASES, Case

ROOMS = {room.__name__.split(".")[-1]: room for room in (activations, constraints, losses, metrics, regularizers)}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_function_is_keras_function(case: Case, keras: Keras) -> None:
    found = getattr(ROOMS[case.room], case.name, None)
    if found is None:
        pytest.skip(f"lamina.{case.room} has no {case.name}")
    arrays = case.inputs()
    given = {f"input_{i}": value for i, value in enumerate(arrays)}
    expected = keras.ask("call", given, room=case.room, name=case.name, config=case.config)["value"]
    inputs = [Tensor(value) for value in arrays]
    value = found(**case.config)(*inputs) if inspect.isclass(found) else found(*inputs, **case.config)
    assert_same(value, expected, case.name)
