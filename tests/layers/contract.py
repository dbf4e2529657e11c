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
    assert [(v.name, v.shape) for v in layer.variables] == list(case.weights.items())
    trainable = list(case.weights)[: len(case.weights) - case.frozen]
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


def keeps_its_number_types(case: Case, policy: str, compute: str, variables: str, tolerance: float) -> None:
    """Types are the policy's; numbers are those of float32 as far as the type can hold them."""
    with jax.enable_x64(False):
        reference = built(case)
    layer = built(case, dtype=policy)
    layer.set_weights(reference.get_weights())
    for training in {False, case.by_phase}:
        output = lamina.compile(lambda inputs, training=training: call(layer, inputs, training))(case.inputs(compute))
        assert output.dtype == compute
        assert all(v.dtype == variables for v in layer.variables)
        with jax.enable_x64(False):
            expected = call(reference, case.inputs(), training).numpy().astype("float64")
        error = np.abs(np.asarray(output, "float64") - expected).max()
        assert error <= tolerance * (1 + np.abs(expected).max())


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


def has_the_gradients_of_central_differences(case: Case, training: bool) -> None:
    """<u, y> for a random u: its gradient along a random direction in all inputs and weights at once."""
    rng = np.random.default_rng(2)
    layer = built(case, dtype="float64")
    disturb(layer)
    u = rng.normal(size=case.output)
    cells = [Variable(a, dtype=None if case.below else "float64") for a in case.arrays()]
    variables = [*([] if case.below else cells), *layer.trainable_variables]
    assert variables

    @lamina.compile
    def value_and_gradients() -> Any:
        inputs = [cell + 0 for cell in cells]
        value = (call(layer, inputs if len(inputs) > 1 else inputs[0], training) * u).sum()
        return value, gradients(value, variables)

    at, state = [v.numpy() for v in variables], layer.get_weights()
    directions = [rng.normal(size=v.shape) for v in variables]
    analytic = sum(
        float(np.vdot(gradient, direction))
        for gradient, direction in zip(value_and_gradients()[1], directions, strict=True)
        if gradient is not None
    )

    def along(step: float) -> float:
        layer.set_weights(state)
        for variable, start, direction in zip(variables, at, directions, strict=True):
            variable.assign(start + step * direction)
        return float(value_and_gradients()[0])

    numeric = (along(EPSILON) - along(-EPSILON)) / (2 * EPSILON)
    np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=1e-7)


def is_the_same_compiled(case: Case) -> None:
    layer = case.layer()
    call(layer, case.inputs())
    disturb(layer)
    start = layer.get_weights()
    compiled = lamina.compile(lambda inputs, training: call(layer, inputs, training))
    for training in (False, True):
        layer.set_weights(start)
        eager, state = call(layer, case.inputs(), training), layer.get_weights()
        layer.set_weights(start)
        np.testing.assert_allclose(compiled(case.inputs(), training), eager, rtol=2e-5, atol=2e-6)
        for after, expected in zip(layer.get_weights(), state, strict=True):
            np.testing.assert_allclose(after, expected, rtol=1e-5, atol=1e-6)
