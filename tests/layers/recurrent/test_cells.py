"""What the contract asks of layers, of the cells, which have two inputs; their numbers are compared with Keras'."""

import json
from typing import Any

import numpy as np
import pytest

import lamina
from lamina.layers import GRUCell, LSTMCell, SimpleRNNCell, StackedRNNCells

CELLS = [
    (SimpleRNNCell, 1, {"kernel": (4, 3), "recurrent_kernel": (3, 3), "bias": (3,)}),
    (GRUCell, 1, {"kernel": (4, 9), "recurrent_kernel": (3, 9), "bias": (2, 9)}),
    (LSTMCell, 2, {"kernel": (4, 12), "recurrent_kernel": (3, 12), "bias": (12,)}),
]


@pytest.mark.parametrize(("kind", "states", "weights"), CELLS)
def test_shapes_weights_and_config(kind: Any, states: int, weights: Any, rng: np.random.Generator) -> None:
    cell = kind(3, dropout=0.5)
    x = lamina.Tensor(rng.normal(size=(2, 4)))
    output, new = cell(x, cell.get_initial_state(2))
    assert output.shape == (2, 3) and [state.shape for state in new] == [(2, 3)] * states
    assert {v.name: v.shape for v in cell.variables} == weights
    again = lamina.layers.get({"class_name": kind.__name__, "config": json.loads(json.dumps(cell.get_config()))})
    again(x, cell.get_initial_state(2))
    again.set_weights(cell.get_weights())
    np.testing.assert_array_equal(again(x, cell.get_initial_state(2))[0], output)
    assert (cell(x, cell.get_initial_state(2), training=True)[0] != output).any()


def test_one_state_may_come_without_a_list() -> None:
    output, state = GRUCell(3)(lamina.Tensor(np.ones((2, 4))), lamina.Tensor(np.ones((2, 3))))
    np.testing.assert_array_equal(output, state)


def test_a_stack_has_the_states_of_all() -> None:
    stack = StackedRNNCells([LSTMCell(3), SimpleRNNCell(2)])
    assert (stack.state_size, stack.output_size) == ([[3, 3], 2], 2)
    output, (of_lstm, of_simple) = stack(lamina.Tensor(np.ones((2, 4))), stack.get_initial_state(2))
    assert output.shape == of_simple.shape == (2, 2) and [s.shape for s in of_lstm] == [(2, 3)] * 2
    again = lamina.layers.get({"class_name": "StackedRNNCells", "config": stack.get_config()})
    assert again.get_config() == stack.get_config()
