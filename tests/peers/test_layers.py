"""Every layer with Keras' weights: output, state, penalty and all gradients."""

from __future__ import annotations

import inspect

import pytest

from lamina import Tensor, gradients, layers

from .asking import Keras, assert_same, numbered, seed_of
from .layer_table import CASES, Case

KERAS_HAS_NO_CASE_FOR = {"Layer", "Input", "InputLayer", "Lambda", "Wrapper"}
"""Public classes that are no layer by themselves."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_layer_is_keras_layer(case: Case, keras: Keras) -> None:
    layer_class = getattr(layers, case.name, None)
    if layer_class is None:
        pytest.skip(f"layers has no {case.name}")
    arrays = case.inputs()
    given = {f"input_{i}": value for i, value in enumerate(arrays)}
    expected = keras.ask(
        "layer", given, name=case.name, config=case.config, training=case.training, seed=seed_of(str(case))
    )

    layer = layer_class(**case.config)
    inputs = [Tensor(value, requires_grad=not case.below) for value in arrays]
    whole = inputs if len(inputs) > 1 else inputs[0]
    layer(whole, training=False)
    layer.set_weights(numbered(expected, "weight"))
    output = layer(whole, training=case.training)
    assert_same(output, expected["output"], "output")
    for i, value in enumerate(numbered(expected, "after")):
        assert_same(layer.get_weights()[i], value, f"weight {i} after the call")

    objective = (output * Tensor(expected["cotangent"])).sum()
    if expected["penalty"] != 0:
        penalty = sum(layer.losses)
        assert_same(penalty, expected["penalty"], "penalty")
        objective = objective + penalty
    differentiable = [value for value in inputs if value.requires_grad]
    found = gradients(objective, [*differentiable, *layer.trainable_variables])
    wanted = [*numbered(expected, "input_gradient"), *numbered(expected, "weight_gradient")]
    assert len(found) == len(wanted), f"{len(found)} gradients, Keras has {len(wanted)}"
    for i, (gradient, value) in enumerate(zip(found, wanted, strict=True)):
        assert_same(gradient, value, f"gradient {i} (inputs, then weights)")


def test_every_public_layer_is_in_the_table() -> None:
    public = {made.__name__ for name in layers.__all__ if inspect.isclass(made := getattr(layers, name))}
    assert public - KERAS_HAS_NO_CASE_FOR <= {case.name for case in CASES}
