"""A cell, step after step."""

from typing import Any

import jax

from ... import ops
from ...core import ArgumentError, ShapeError, Tensor, Variable, stop_gradient, touched
from ...core.symbolic import is_shapes_only
from ..context import collect_penalties, observe_layers, training_phase
from ..holder import Holder
from ..input_spec import InputSpec
from ..layer import Layer, get, registry
from .cell import Cell, times
from .stacked import StackedRNNCells, is_cell, states_of


@registry.register()
class RNN(Layer):
    """A recurrent layer: output_t, states_t = cell(x_t, states_{t−1}) for t = 1, ..., T.

    A cell is a layer with `call(inputs, states)`, which returns the output (N, U) and the new states, and an attribute
    `state_size`: U, or a list with the size of each state. It may have `get_initial_state(batch_size)`, which returns
    the first states; zeros by default.

    Args:
        cell: the cell, or several on top of each other.
        return_sequences: return the outputs of all steps, not only the last one.
        return_state: return the last states too.
        go_backwards: start with the last step; the outputs come in that order.
        stateful: a batch starts where the one before has ended, sample by sample, until `reset_state`. No gradient
            flows from one batch to another: this is truncated backpropagation through time. By hand it is
            `output, h = layer(piece, initial_state=[lamina.stop_gradient(h)])`, with `return_state`.
        unroll: has no effect: the loop is compiled once, and is as fast as one that is written out.
        zero_output_for_mask: masked steps give 0, not the output of the step before.

    Input (N, T, F); output (N, U), or (N, T, U) with `return_sequences`. With `return_state` the output and then the
    states. `call` also takes `initial_state`, a list of states, and `mask`, booleans (N, T): a masked step leaves the
    states as they are. Weights: those of `cell`.

    Example:
        >>> import lamina
        >>> @lamina.register
        ... class Leaky(lamina.layers.Layer):
        ...     state_size = 1
        ...     def call(self, inputs, states):
        ...         (level,) = states
        ...         level = 0.5 * level + inputs
        ...         return level, [level]
        >>> lamina.layers.RNN(Leaky(), return_sequences=True)(lamina.Tensor([[[1.0], [1.0], [1.0]]]))
        Tensor([[[1.  ],
                [1.5 ],
                [1.75]]], float32)

    Keras differs: it also takes cells that are no layers; and with `unroll`, masked steps before the first other one
    give 0.
    """

    _untracked = Holder._untracked | {"states"}  # as in Keras they are no weights
    supports_masking = True

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.cell = StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else is_cell(get(cell), "RNN")
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.states: list[Any] | None = None
        self.input_spec = InputSpec(min_ndim=3)

    def build(self, input_shape: tuple[int, ...]) -> None:
        if not self.cell.built:
            self.cell.build((input_shape[0], *input_shape[2:]))
        if not isinstance(self.cell, Cell):  # a cell may have layers in it, which are not built inside of a loop
            sizes = [1 if size is None else size for size in (None, *input_shape[2:])]
            x = ops.zeros(sizes, self.compute_dtype)
            with collect_penalties(), observe_layers(lambda *_: None):
                touched(lambda: self.cell(x, self.get_initial_state(1)))

    # -- states ---------------------------------------------------------------------------------------
    def get_initial_state(self, batch_size: int) -> list[Any]:
        """The states before the first step, a list with one tensor for each state."""
        return states_of(self.cell, batch_size, self.compute_dtype)

    def reset_state(self) -> None:
        """Let the next batch of a `stateful` layer start at 0."""
        for state in jax.tree.leaves(self.states):
            state.assign(ops.zeros(state.shape, state.dtype))

    reset_states = reset_state

    def _first_state(self, sequences: Tensor, initial_state: Any) -> list[Any]:
        batch = sequences.shape[0]
        if self.stateful and not is_shapes_only():
            self._make_state(batch)
        if initial_state is None and self.states is not None:
            initial_state = jax.tree.map(stop_gradient, self.states)
        if initial_state is None:
            return self.get_initial_state(batch)
        given = list(initial_state) if isinstance(initial_state, (list, tuple)) else [initial_state]
        return jax.tree.map(lambda state: ops.cast(state, self.compute_dtype), given)

    def _make_state(self, batch: int) -> None:
        if self.states is None:
            with jax.ensure_compile_time_eval():
                first = self.get_initial_state(batch)
            self.states = jax.tree.map(lambda state: Variable(state, "state", trainable=False), first)
        if (size := jax.tree.leaves(self.states)[0].shape[0]) != batch:
            raise ShapeError(
                f"{type(self).__name__} {self.name!r}",
                "all batches of a stateful layer have one size: each sample goes on where that before it ended",
                expected=f"a batch of {size}",
                received=batch,
                remedy="Drop the rest of the data that fills no batch",
            )

    # -- computing ------------------------------------------------------------------------------------
    def call(self, sequences: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        before = self._first_state(sequences, initial_state)
        outputs, last, states = self.run(sequences, before, mask, training)
        if mask is not None and self.zero_output_for_mask:
            where = ops.reshape(mask, (*outputs.shape[:2], *[1] * (outputs.ndim - 2)))
            outputs = ops.where(where, outputs, 0.0)
            last = outputs[:, 0 if self.go_backwards else -1]
        if self.stateful and not is_shapes_only():
            for variable, state in zip(jax.tree.leaves(self.states), jax.tree.leaves(states), strict=True):
                variable.assign(state)
        if self.return_sequences:
            last = ops.flip(outputs, axis=1) if self.go_backwards else outputs
        return (last, *states) if self.return_state else last

    def run(self, sequences: Tensor, states: list[Any], mask: Any, training: bool) -> tuple[Tensor, Tensor, list[Any]]:
        """The outputs in the order of the input (N, T, ...), the last computed one, and the last states."""
        noise = self.cell.noise(sequences[:, 0], states, training) if hasattr(self.cell, "noise") else None
        return self.by_steps(sequences, states, mask, training, noise)

    def by_steps(
        self, sequences: Tensor, states: list[Any], mask: Any, training: bool, noise: Any
    ) -> tuple[Tensor, Tensor, list[Any]]:
        """The same by calling the cell, whatever it does."""
        xs = ops.moveaxis(sequences, 0, 1)
        if isinstance(self.cell, Cell):
            xs = self.cell.project(times(xs, noise[0]))

        def step(states: Any, at: Any) -> Any:
            x, mask = at
            output, new = self._step(x, states, noise, training)
            if mask is not None:
                output = _held(mask, output, _said(states, output))
                new = jax.tree.map(lambda now, old: _held(mask, now, old), new, states)
            return new, output

        over = xs, None if mask is None else ops.transpose(ops.cast(mask, "bool"))
        states, outputs = ops.scan(step, states, over, reverse=self.go_backwards)
        return ops.moveaxis(outputs, 0, 1), outputs[0 if self.go_backwards else -1], states

    def _step(self, x: Tensor, states: Any, noise: Any, training: bool) -> tuple[Tensor, list[Any]]:
        if isinstance(self.cell, Cell):
            new = self.cell.advance(x, states, noise[1])
            return new[0], new
        settings = {} if noise is None else {"noise": noise}
        with training_phase(training), observe_layers(lambda *_: None), collect_penalties() as penalties:
            output, new = self.cell(x, states, **settings)
        if penalties:
            raise ArgumentError(
                f"{type(self).__name__} {self.name!r}",
                "a step cannot add to the loss",
                expected="a cell without activity regularizers",
                received=f"{len(penalties)} penalties in a step",
                remedy="Give the activity_regularizer to the recurrent layer",
            )
        return output, list(new) if isinstance(new, (list, tuple)) else [new]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """That of the input, for a sequence of outputs."""
        return [mask if self.return_sequences else None]


def _held(mask: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """The new value of the samples whose step counts, the old one of the others."""
    return ops.where(ops.reshape(mask, (-1, *[1] * (new.ndim - 1))), new, old)


def _said(states: Any, output: Tensor) -> Tensor:
    """The output before: as in Keras the first state, in a stack that of the last cell; 0 if it has another shape."""
    state = states[-1] if isinstance(states[0], (list, tuple)) else states
    first = state[0] if isinstance(state, (list, tuple)) else state
    return first if first.shape == output.shape else ops.zeros_like(output)


def of_cell(arguments: dict[str, Any]) -> dict[str, Any]:
    """Those of a layer's arguments that are its cell's too."""
    return {name: arguments[name] for name in ("dtype", "trainable") if name in arguments}


def each_step(sequences: Tensor, noise: Tensor | None) -> Tensor:
    """The sequences with the same dropout in all steps."""
    return sequences if noise is None else sequences * ops.expand_dims(noise, 1)
