"""Every optimizer: all variables after each of 20 steps."""

from __future__ import annotations

import inspect

import pytest

from lamina import Tensor, Variable, optimizers

from .asking import Keras, assert_same, numbered
from .optimizer_table import CASES, NOT_COMPARED, SHAPES, STEPS, Case


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_optimizer_walks_like_keras(case: Case, keras: Keras) -> None:
    optimizer_class = getattr(optimizers, case.name, None)
    if optimizer_class is None:
        pytest.skip(f"optimizers has no {case.name}")
    arrays = case.arrays()
    expected = keras.ask("optimizer", arrays, name=case.name, config=case.config, steps=STEPS, variables=len(SHAPES))
    optimizer = optimizer_class(**case.config)
    variables = [Variable(value, name=f"v{i}") for i, value in enumerate(numbered(arrays, "start"))]
    optimizer.build(variables)
    for step in range(STEPS):
        optimizer.apply([Tensor(g) for g in numbered(arrays, f"gradient_{step}")], variables)
        for variable, value in zip(variables, numbered(expected, f"step_{step}"), strict=True):
            assert_same(variable, value, f"{variable.name} after step {step}")


def test_every_public_optimizer_is_in_the_table() -> None:
    public = {made.__name__ for name in optimizers.__all__ if inspect.isclass(made := getattr(optimizers, name))}
    assert public - {"Optimizer"} - NOT_COMPARED.keys() <= {case.name for case in CASES}
