"""Cells on top of each other."""

from collections.abc import Sequence
from typing import Any

from ... import ops
from ...core import ArgumentError, Tensor
from ..layer import Layer, get, registry
from .cell import Cell


def is_cell(layer: Layer, who: str) -> Layer:
    """`layer`, if it says how large its states are."""
    if hasattr(layer, "state_size"):
        return layer
    raise ArgumentError(
        who,
        "a cell says how large its states are",
        expected="an attribute state_size: a number of units, or a list with one for each state",
        received=repr(layer),
        remedy="Set it in __init__, or take a layer that goes over the sequence by itself, such as LSTM",
    )


def states_of(cell: Any, batch_size: int, dtype: Any) -> list[Any]:
    """The states of a cell before the first step: its own, or zeros."""
    if hasattr(cell, "get_initial_state"):
        made = cell.get_initial_state(batch_size)
        return list(made) if isinstance(made, (list, tuple)) else [made]
    sizes = cell.state_size if isinstance(cell.state_size, (list, tuple)) else [cell.state_size]
    return [ops.zeros((batch_size, *([size] if isinstance(size, int) else size)), dtype) for size in sizes]


@registry.register()
class StackedRNNCells(Layer):
    """Cells of which each reads the output of the one before, as one cell for `RNN`.

    Args:
        cells: the lowest one first.

    Input (N, F), output (N, U) of the last cell; the states are a list with those of each cell. Weights: those of the
    cells, in order.

    Example:
        >>> import lamina
        >>> cells = [lamina.layers.LSTMCell(4), lamina.layers.GRUCell(3)]
        >>> layer = lamina.layers.RNN(lamina.layers.StackedRNNCells(cells), return_state=True)
        >>> output, of_lstm, of_gru = layer(lamina.ops.zeros((2, 5, 1)))
        >>> output.shape, [state.shape for state in of_lstm], of_gru.shape
        ((2, 3), [(2, 4), (2, 4)], (2, 3))
    """

    def __init__(self, cells: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cells = [is_cell(get(cell), "StackedRNNCells") for cell in cells]

    @property
    def state_size(self) -> list[Any]:
        """Those of the cells."""
        return [cell.state_size for cell in self.cells]  # type: ignore[attr-defined]

    @property
    def output_size(self) -> int:
        """That of the last cell."""
        return _output_size(self.cells[-1])

    def build(self, input_shape: tuple[int, ...]) -> None:
        for cell in self.cells:
            if not cell.built:
                cell.build(input_shape)
            input_shape = (input_shape[0], _output_size(cell))

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """The first states of each cell: a list of several, or one tensor."""
        every = [states_of(cell, batch_size, self.compute_dtype) for cell in self.cells]
        return [states if _several(cell) else states[0] for cell, states in zip(self.cells, every, strict=True)]

    def noise(self, inputs: Tensor, states: Any, training: bool) -> list[Any]:
        """That of each cell; None for a cell of another kind."""
        found = []
        for cell, state in zip(self.cells, states, strict=True):
            found.append(cell.noise(inputs, state, training) if isinstance(cell, Cell) else None)
            inputs = ops.zeros((inputs.shape[0], _output_size(cell)), inputs.dtype)
        return found

    def call(  # type: ignore[override]
        self, inputs: Tensor, states: Any, training: bool = False, noise: Any = None
    ) -> Any:
        every, new = noise or [None] * len(self.cells), []
        for cell, state, of_cell in zip(self.cells, states, every, strict=True):
            settings = {"noise": of_cell} if of_cell is not None else {}
            inputs, after = cell(inputs, state if _several(cell) else [state], training=training, **settings)
            after = list(after) if isinstance(after, (list, tuple)) else [after]
            new.append(after if _several(cell) else after[0])
        return inputs, new


def _several(cell: Any) -> bool:
    return isinstance(cell.state_size, (list, tuple))


def _output_size(cell: Any) -> int:
    size = getattr(cell, "output_size", None)
    return (cell.state_size[0] if _several(cell) else cell.state_size) if size is None else size
