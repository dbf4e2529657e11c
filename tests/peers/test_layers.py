"""Every layer with Keras' weights: output, state, penalty and all gradients."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

import jax
import pytest

from lamina import Tensor, compile, gradients, layers, ops
from lamina.core import is_float

from .asking import Keras, assert_same, numbered, seed_of
from .layer_table import CASES, Case, grouped

KERAS_HAS_NO_CASE_FOR = {"Layer", "Input", "InputLayer", "InputSpec", "Wrapper", "Lambda", "JaxLayer", "Pipeline"} | {
    *("PositionEmbedding", "RotaryEmbedding", "SinePositionEncoding", "Repeat"),
    *("Transformer", "TransformerDecoder", "TransformerEncoder"),
}
"""Public classes that do nothing by themselves; Lambda, whose function is no config; what Keras does not have."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_layer_is_keras_layer(case: Case, keras: Keras) -> None:
    layer_class = getattr(layers, case.name, None)
    if layer_class is None:
        pytest.skip(f"layers has no {case.name}")
    arrays = case.inputs()
    given = {f"input_{i}": value for i, value in enumerate(arrays)}
    expected = keras.ask("layer", given, **case.asked(), training=case.training, seed=seed_of(str(case)))

    layer = layer_class(**case.config)
    called(layer, case, arrays)
    layer.set_weights(numbered(expected, "weight"))
    output, penalty, found = compile(partial(answers, layer, case))(*arrays, expected["cotangent"])
    assert_same(output, expected["output"], "output")
    assert_same(penalty, expected["penalty"], "penalty")
    for i, value in enumerate(numbered(expected, "after")):
        assert_same(layer.get_weights()[i], value, f"weight {i} after the call")
    wanted = [*numbered(expected, "input_gradient"), *numbered(expected, "weight_gradient")]
    assert len(found) == len(wanted), f"{len(found)} gradients, Keras has {len(wanted)}"
    for i, (gradient, value) in enumerate(zip(found, wanted, strict=True)):
        assert_same(gradient, value, f"gradient {i} (inputs, then weights)")


def called(layer: layers.Layer, case: Case, inputs: list[Any], **training: bool) -> Any:
    """The output for the inputs as one value, as a list, or as the arguments that the case names."""
    if not case.arguments:
        return layer(inputs if len(inputs) > 1 else inputs[0], **training)
    first, *others = grouped(case.arguments, inputs).items()
    output = layer(first[1], **dict(others), **case.called, **training)
    several = [y.reshape((y.shape[0], -1)) for y in jax.tree.leaves(output)]
    return output if isinstance(output, Tensor) else ops.concatenate(several, 1)


def answers(layer: layers.Layer, case: Case, *arrays: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Output, penalty, and the gradients of sum(output · cotangent) + penalty; compiled, it is one small program."""
    *inputs, cotangent = arrays
    inputs = [Tensor(value, requires_grad=is_float(value.dtype)) for value in inputs]
    output = called(layer, case, inputs, training=case.training)
    penalty = sum(layer.losses, start=Tensor(0.0))
    differentiable = [value for value in [*inputs, *layer.trainable_variables] if value.requires_grad]
    return output, penalty, gradients((output * cotangent).sum() + penalty, differentiable)


def test_every_public_layer_is_in_the_table() -> None:
    public = {made.__name__ for name in layers.__all__ if inspect.isclass(made := getattr(layers, name))}
    public -= set(layers.preprocessing.__all__)  # in preprocessing_table.py
    assert public - KERAS_HAS_NO_CASE_FOR <= {case.name for case in CASES}
