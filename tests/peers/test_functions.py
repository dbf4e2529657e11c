"""Regularizers, constraints, activations, initializers and the function forms of losses and metrics: their values."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from scipy import stats

from lamina import Tensor, activations, constraints, initializers, losses, metrics, regularizers

from .asking import Keras, assert_same
from .function_table import CASES, RANDOM_INITIALIZERS, SETTLED_INITIALIZERS, Case

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


def both(case: Case, keras: Keras, **more: int) -> tuple[np.ndarray, np.ndarray]:
    """Lamina's and Keras' first values."""
    (shape,) = case.inputs()
    config = {**case.config, **more}
    expected = keras.ask("call", {"input_0": shape}, room=case.room, name=case.name, config=config)["value"]
    return getattr(initializers, case.name)(**config)(tuple(shape.tolist())), expected


@pytest.mark.parametrize("case", SETTLED_INITIALIZERS, ids=str)
def test_an_initializer_is_keras_initializer(case: Case, keras: Keras) -> None:
    value, expected = both(case, keras)
    assert value.dtype == expected.dtype
    assert_same(value, expected, case.name)


@pytest.mark.parametrize("case", RANDOM_INITIALIZERS, ids=str)
def test_random_values_follow_the_law_of_keras(case: Case, keras: Keras) -> None:
    """The same moments to 3 %, and a Kolmogorov-Smirnov test that sees no difference."""
    value, expected = both(case, keras, seed=7)
    assert value.shape == expected.shape and value.dtype == expected.dtype
    assert value.std() == pytest.approx(expected.std(), rel=0.03)
    assert value.mean() == pytest.approx(expected.mean(), abs=0.03 * float(expected.std()))
    assert stats.ks_2samp(value.ravel(), expected.ravel()).pvalue > 1e-4


def test_every_public_initializer_is_in_the_table() -> None:
    public = {made.__name__ for name in initializers.__all__ if inspect.isclass(made := getattr(initializers, name))}
    assert public - {"Initializer"} == {case.name for case in (*SETTLED_INITIALIZERS, *RANDOM_INITIALIZERS)}
