"""The examples on sequences run, in a short form, and show what they promise."""

import runpy
from pathlib import Path

import pytest

from lamina.layers import LSTM, SimpleRNN

FOLDER = Path(__file__).parents[2] / "examples" / "sequences"


@pytest.mark.slow
def test_an_lstm_solves_the_adding_problem_and_a_simple_recurrent_layer_does_not() -> None:
    error = runpy.run_path(str(FOLDER / "adding_problem.py"))["error"]
    assert error(LSTM(32), steps=50, epochs=6) < 0.02
    assert error(SimpleRNN(32), steps=50, epochs=6) > 0.1
