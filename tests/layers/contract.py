"""What every layer promises, each promise one function of a `Case`; `test_contract.py` runs them all."""

import json
from typing import Any

import jax
import numpy as np

import lamina
from lamina.core import Variable, gradients
from lamina.core.random import random_scope
from lamina.core.symbolic import Symbol
from layers.cases import Case

EPSILON = 1e-6


def call(layer: lamina.layers.Layer, inputs: Any, training: bool = False, seed: int = 0) -> lamina.Tensor:
    """The output, with the random numbers of step 1."""
    with random_scope(seed, step=1):
        return layer(inputs, training=training)


def disturb(layer: lamina.layers.Layer, seed: int = 1) -> None:
    """Weights that no initializer would give, all different and positive, as variances must be."""
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.uniform(0.5, 1.5, v.shape) for v in layer.variables])


def builds_at_the_first_call(case: Case) -> None:
    layer = case.layer()
    assert not layer.built and not layer.variables
    call(layer, case.inputs())
    assert layer.built
    names = [name.rpartition("/")[2] for name in case.weights]
    assert [(v.name, v.shape) for v in layer.variables] == list(zip(names, case.weights.values(), strict=True))
    trainable = names[: len(names) - case.frozen]
    assert [v.name for v in layer.trainable_variables] == trainable
    assert layer.count_params() == sum(int(np.prod(shape)) for shape in case.weights.values())


def has_the_output_shape(case: Case) -> None:
    layer = case.layer()
    output = call(layer, case.inputs())
    assert output.shape == case.output and output.dtype == "float32"
    asked = list(case.shapes) if len(case.shapes) > 1 else case.shapes[0]
    assert case.layer().compute_output_shape(asked) == case.output
    assert layer.compute_output_shape(asked) == case.output


def knows_shapes_before_values(case: Case) -> None:
    dtype = "int32" if case.below else "float32"
    symbols = [Symbol((None, *shape[1:]), dtype) for shape in case.shapes]
    layer = case.layer()
    assert layer(symbols if len(symbols) > 1 else symbols[0]).shape == (None, *case.output[1:])
    state = layer.get_weights()
    layer(symbols if len(symbols) > 1 else symbols[0], training=True)
    for before, after in zip(state, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    if case.loose is not None:
        given, expected = case.loose
        assert case.layer()(Symbol(given, dtype)).shape == expected


def built(case: Case, **more: Any) -> lamina.layers.Layer:
    """The layer with variables, made without computing an output."""
    layer = case.layer(**more)
    layer.compute_output_shape(list(case.shapes) if len(case.shapes) > 1 else case.shapes[0])
    return layer


def agrees(output: lamina.Tensor, reference: lamina.layers.Layer, case: Case, training: bool, tolerance: float) -> None:
    """The numbers are those of the float32 layer as far as the type can hold them."""
    with jax.enable_x64(False):
        expected = call(reference, case.inputs(), training).numpy().astype("float64")
    error = np.abs(np.asarray(output, "float64") - expected).max()
    assert error <= tolerance * (1 + np.abs(expected).max())


def computes_in_bfloat16(case: Case) -> None:
    """The types are those of the mixed policy, the numbers those of float32."""
    reference, layer = built(case), built(case, dtype="mixed_bfloat16")
    layer.set_weights(reference.get_weights())
    phases = [False, True] if case.by_phase else [False]
    outputs = lamina.compile(lambda inputs: [call(layer, inputs, training) for training in phases])(
        case.inputs("bfloat16")
    )
    assert all(v.dtype == "float32" for v in layer.variables)
    for output, training in zip(outputs, phases, strict=True):
        assert output.dtype == "bfloat16"
        agrees(output, reference, case, training, tolerance=0.03)


def round_trips_through_its_config(case: Case) -> None:
    layer = case.layer()
    expected = call(layer, case.inputs())
    config = json.loads(json.dumps(layer.get_config()))
    assert config["name"] == layer.name
    twin = lamina.layers.get({"class_name": case.name, "config": config})
    assert type(twin) is type(layer) and twin.name == layer.name
    call(twin, case.inputs(seed=5))
    twin.set_weights(layer.get_weights())
    for training in (False, True):
        layer.set_weights(twin.get_weights())
        np.testing.assert_array_equal(call(twin, case.inputs(), training), call(layer, case.inputs(), training))
    assert expected.shape == case.output
    assert twin.get_config() == layer.get_config()


def minds_the_training_flag(case: Case) -> None:
    layer = built(case)
    state = layer.get_weights()

    def at_first(training: bool, seed: int = 0) -> lamina.Tensor:
        layer.set_weights(state)
        return call(layer, case.inputs(), training, seed)

    rest, training = at_first(False), at_first(True)
    assert np.array_equal(rest, training) != case.by_phase
    np.testing.assert_array_equal(training, at_first(True))
    assert np.array_equal(training, at_first(True, seed=7)) != case.random
    layer.set_weights(state)
    with lamina.layers.training_phase(True), random_scope(0, step=1):
        np.testing.assert_array_equal(layer(case.inputs()), training)


def computes_in_float64(case: Case, training: bool) -> None:
    """The types are those of the policy, the numbers those of float32, and the gradients those of central differences.

    <u, y> for a random u: its gradient along a random direction in all inputs and weights at once. All is asked of
    one program, because compiling it is what costs time.
    """
    rng = np.random.default_rng(2)
    with jax.enable_x64(False):
        reference = built(case)
    layer = built(case, dtype="float64")
    layer.set_weights([weight.astype("float64") for weight in reference.get_weights()])
    u = rng.normal(size=case.output)
    cells = [Variable(a, dtype=None if case.below else "float64") for a in case.arrays()]
    variables = [*([] if case.below else cells), *layer.trainable_variables]
    assert variables

    @lamina.compile
    def run() -> Any:
        inputs = [cell + 0 for cell in cells]
        output = call(layer, inputs if len(inputs) > 1 else inputs[0], training)
        value = (output * u).sum()
        return output, value, gradients(value, variables)

    output = run()[0]
    assert output.dtype == "float64" and all(v.dtype == "float64" for v in layer.variables)
    agrees(output, reference, case, training, tolerance=1e-5)
    disturb(layer)
    at, state = [v.numpy() for v in variables], layer.get_weights()
    directions = [rng.normal(size=v.shape) for v in variables]
    analytic = sum(
        float(np.vdot(gradient, direction))
        for gradient, direction in zip(run()[2], directions, strict=True)
        if gradient is not None
    )

    def along(step: float) -> float:
        layer.set_weights(state)
        for variable, start, direction in zip(variables, at, directions, strict=True):
            variable.assign(start + step * direction)
        return float(run()[1])

    numeric = (along(EPSILON) - along(-EPSILON)) / (2 * EPSILON)
    np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=1e-7)


def is_the_same_compiled(case: Case) -> None:
    """Outputs of inference and then of training, and the state after both."""
    layer = case.layer()
    call(layer, case.inputs())
    disturb(layer)
    start = layer.get_weights()

    def both(inputs: Any) -> list[lamina.Tensor]:
        return [call(layer, inputs, training) for training in (False, True)]

    expected, state = both(case.inputs()), layer.get_weights()
    layer.set_weights(start)
    for output, eager in zip(lamina.compile(both)(case.inputs()), expected, strict=True):
        np.testing.assert_allclose(output, eager, rtol=2e-5, atol=2e-6)
    for after, eager in zip(layer.get_weights(), state, strict=True):
        np.testing.assert_allclose(after, eager, rtol=1e-5, atol=1e-6)
