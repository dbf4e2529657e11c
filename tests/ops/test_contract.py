"""Every op keeps its promises: each check of the contract, put to each case of each table."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from lamina import Tensor, ops
from lamina.core import Op
from lamina.core import ops as op_table
from ops import contract
from ops.contract import Case

TABLES = sorted(path.stem for path in Path(__file__).parent.glob("cases_*.py"))
CASES: list[Case] = [case for table in TABLES for case in importlib.import_module(f"ops.{table}").CASES]


def over(cases: list[Case]) -> Any:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases])


def test_names_of_cases_are_unique() -> None:
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)


@over([case for case in CASES if case.numpy])
def test_forward(case: Case) -> None:
    contract.check_forward(case)


@over([case for case in CASES if case.dtypes])
def test_dtypes(case: Case) -> None:
    contract.check_dtypes(case)


@over([case for case in CASES if case.differentiable])
def test_derivatives(case: Case) -> None:
    contract.check_derivatives(case)


@over([case for case in CASES if not case.differentiable])
def test_no_gradient(case: Case) -> None:
    contract.check_no_gradient(case)


@over([case for case in CASES if case.broadcasts])
def test_broadcast(case: Case) -> None:
    contract.check_broadcast(case)


@over(CASES)
def test_inputs_unmodified(case: Case) -> None:
    contract.check_inputs_unmodified(case)


@over([case for case in CASES if not case.differentiable])
def test_compiled(case: Case) -> None:
    contract.check_compiled(case)


def test_every_op_has_a_case() -> None:
    built_in = {name for name in op_table if op_table[name].__module__.startswith("lamina.")}
    of_core = {name for name in built_in if op_table[name].__module__.startswith("lamina.core")}  # tested in tests/core
    assert built_in - of_core - contract.names_covered(CASES) == set()


@pytest.mark.parametrize("name", sorted(op_table))
def test_an_op_without_backward_rule_is_declared_flat(name: str) -> None:
    cases = [case for case in CASES if case.op is op_table[name]]
    if isinstance(op_table[name], Op) and op_table[name].rule is None:
        assert not any(case.differentiable for case in cases)


def mutated(rule: Any) -> Any:
    """`exp` with another backward rule, outside the op table."""
    made = Op(ops.exp.forward, promotes=False)
    made.backward(rule)
    return made


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(lambda kept, g: g * kept[0] * 1.001, id="wrong factor"),
        pytest.param(lambda kept, g: g, id="slope left out"),
        pytest.param(lambda kept, g: g * kept[0].sum(), id="other elements mixed in"),
    ],
)
def test_a_wrong_rule_is_caught(rule: Any) -> None:
    case = Case("wrong", mutated(rule), lambda rng: [rng.normal(size=3)])
    with pytest.raises(AssertionError, match="derivative 1 by its rule"):
        contract.check_derivatives(case, order=1)


def test_a_rule_that_hides_its_own_derivative_is_caught() -> None:
    case = Case("constant", mutated(lambda kept, g: g * Tensor(kept[0].array)), lambda rng: [rng.normal(size=3)])
    contract.check_derivatives(case, order=1)
    with pytest.raises(AssertionError, match="derivative 2 by its rule"):
        contract.check_derivatives(case, order=2)
