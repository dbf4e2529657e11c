"""The examples of the classic learners run, and show what they promise."""

import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "classic"
PROMISES = {
    "neuron": "δ = ∂L/∂y · σ'(z) = -0.437823 · 0.246134 = -0.107763",
    "perceptron": "at most 33 by the theorem",
    "xor": "make the classes separable: True",
    "regression": "Accuracy on the rows trained on: 0.98",
    "judge": "accuracy: 0.9",
    "digits": "Accuracy on 360 digits it has not seen: 0.9",
}


def test_every_example_is_run_here():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(PROMISES)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROMISES)
def test_example(name, capsys):
    runpy.run_path(str(FOLDER / f"{name}.py"))
    assert PROMISES[name] in capsys.readouterr().out
