"""Every layer keeps every promise of `contract.py`, and every public layer is in the table."""

import inspect

import pytest

import lamina
from layers import contract
from layers.cases import CASES, Case

every_case = pytest.mark.parametrize("case", CASES, ids=str)


@every_case
def test_builds_at_the_first_call(case: Case) -> None:
    contract.builds_at_the_first_call(case)


@every_case
def test_output_shape(case: Case) -> None:
    contract.has_the_output_shape(case)


@every_case
def test_shapes_before_values(case: Case) -> None:
    contract.knows_shapes_before_values(case)


@pytest.mark.parametrize("case", [case for case in CASES if case.name != "InputLayer"], ids=str)
def test_mixed_bfloat16(case: Case) -> None:
    contract.computes_in_bfloat16(case)


@every_case
def test_float64(case: Case, x64: None) -> None:
    contract.computes_in_float64(case, training=False)


@pytest.mark.parametrize("case", [case for case in CASES if case.by_phase], ids=str)
def test_float64_in_training(case: Case, x64: None) -> None:
    contract.computes_in_float64(case, training=True)


@every_case
def test_config(case: Case) -> None:
    contract.round_trips_through_its_config(case)


@every_case
def test_training_flag(case: Case) -> None:
    contract.minds_the_training_flag(case)


@every_case
def test_compiled(case: Case) -> None:
    contract.is_the_same_compiled(case)


def test_every_public_layer_is_in_the_table() -> None:
    public = {getattr(lamina.layers, name) for name in lamina.layers.__all__}
    classes = {value for value in public if inspect.isclass(value) and issubclass(value, lamina.layers.Layer)}
    names = {cls.__name__ for cls in classes - {lamina.layers.Layer}}
    names -= set(lamina.layers.preprocessing.__all__)  # in preprocessing/test_contract.py
    names -= {"JaxLayer", "Transformer", "TransformerEncoder", "TransformerDecoder"}  # in files of their own
    names -= {"SimpleRNNCell", "LSTMCell", "GRUCell", "StackedRNNCells"}  # in recurrent/test_cells.py
    assert names == {case.name for case in CASES}
    assert all(lamina.layers.registry[name] is getattr(lamina.layers, name) for name in names)
