from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import ArgumentError, ShapeError
from lamina.core.random import random_scope
from lamina.layers import GRU, LSTM, RNN, Dense, GRUCell, Input, LSTMCell, Masking, SimpleRNN, StackedRNNCells
from lamina.layers.masks import with_mask

KINDS = [SimpleRNN, LSTM, GRU]
MASK = np.array([[True, True, True, False, False], [False, True, False, True, True]])


@lamina.register
class Gated(lamina.layers.Layer):
    """A cell of a user: two states of different sizes, a layer inside, an output that is no state."""

    state_size = (3, 1)
    output_size = 2

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner, self.out = Dense(3, "tanh"), Dense(2)

    def call(self, inputs: Tensor, states: Any) -> Any:
        h, count = states
        h = self.inner(ops.concatenate([inputs, h], -1))
        return self.out(h) * count, [h, count + 1.0]


def close(actual: Any, expected: Any) -> None:
    for one, other in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def twin(kind: type[RNN], **config: Any) -> tuple[RNN, RNN]:
    """The same layer by the op and by its cell, with the same weights."""
    by_op = kind(3, **config)
    by_cell = RNN(getattr(lamina.layers, f"{kind.__name__}Cell")(3), **config)
    x = np.zeros((2, 5, 4))
    by_op(x), by_cell(x)
    by_cell.set_weights(by_op.get_weights())
    return by_op, by_cell


@pytest.mark.parametrize("kind", KINDS)
def test_the_op_and_the_cell_agree_with_their_gradients(kind: type[RNN], rng: np.random.Generator) -> None:
    layers = twin(kind, return_sequences=True, return_state=True, go_backwards=True)
    x = rng.normal(size=(2, 5, 4))

    def found(layer: RNN, x: Any) -> Any:
        x = Tensor(x, requires_grad=True)
        results = layer(x, mask=Tensor(MASK))
        return results, lamina.gradients(sum((r**2).sum() for r in results), [x, *layer.trainable_variables])

    close(*(lamina.compile(lambda x, layer=layer: found(layer, x))(x) for layer in layers))


def test_a_cell_of_a_user_is_called_step_by_step(rng: np.random.Generator) -> None:
    layer, x = RNN(Gated(), return_sequences=True, return_state=True), Tensor(rng.normal(size=(2, 5, 4)))
    states: list[Any] = [ops.zeros((2, 3)), ops.zeros((2, 1))]
    outputs, *last = layer(x)
    for t in range(5):
        output, states = layer.cell(x[:, t], states)
        close(outputs[:, t], output)
    close(last, states)
    close(lamina.compile(layer)(x), (outputs, *last))
    assert layer.count_params() == 4 * 3 + 3 * 3 + 3 + 3 * 2 + 2


def test_a_cell_of_a_user_learns_and_is_saved(rng: np.random.Generator, tmp_path: Any) -> None:
    model = lamina.Sequential([Input((None, 4)), Masking(), RNN([Gated(), GRUCell(3)], go_backwards=True), Dense(1)])
    x = rng.normal(size=(32, 6, 4)).astype("float32")
    x[:, 4:] = 0
    y = x.sum((1, 2))[:, None]
    model.compile(lamina.optimizers.Adam(0.02), "mse")
    losses = model.fit(x, y, epochs=40, verbose=0).history["loss"]
    assert losses[-1] < 0.3 * losses[0]
    model.save(tmp_path / "m.lamina")
    np.testing.assert_array_equal(lamina.load_model(tmp_path / "m.lamina")(x), model(x))
    close(model(x[:, :4]), model(x))


def test_a_program_with_a_users_cell_does_not_grow_with_the_steps() -> None:
    layer = RNN(Gated())
    layer(np.zeros((1, 2, 4)))

    def size(steps: int) -> int:
        def gradient(x: Any) -> Any:
            return lamina.grad(lambda x: layer(x).sum())(Tensor(x)).array

        with random_scope(0, 0):
            return len(str(jax.make_jaxpr(gradient)(np.zeros((1, steps, 4), "float32"))).splitlines())

    assert size(40) == pytest.approx(size(4), rel=0.05)


def test_any_length_and_only_one_program_each(rng: np.random.Generator) -> None:
    model = lamina.Sequential([Input((None, 2)), LSTM(3, return_sequences=True), GRU(2)])
    run = lamina.compile(model)
    x = rng.normal(size=(2, 7, 2))
    assert model.output_shape == (None, 2)
    close([run(x), run(x), run(x[:, :3])], [model(x), model(x), model(x[:, :3])])
    assert len(run.compilations) == 2


def test_initial_states_are_inputs_of_a_model(rng: np.random.Generator) -> None:
    x, h, c = Input((None, 4)), Input((3,)), Input((3,))
    layer = LSTM(3, return_state=True)
    model = lamina.Model([x, h, c], layer(x, initial_state=[h, c]))
    arrays = [rng.normal(size=s).astype("float32") for s in ((2, 5, 4), (2, 3), (2, 3))]
    close(model(arrays), layer(arrays[0], initial_state=arrays[1:]))
    # the second half, begun with the states of the first, ends as the whole
    close(layer(arrays[0][:, 2:], initial_state=layer(arrays[0][:, :2])[1:]), layer(arrays[0]))


@pytest.mark.parametrize("kind", [*KINDS, "users"])
def test_a_stateful_layer_goes_on_where_it_ended(kind: Any, rng: np.random.Generator) -> None:
    layer = RNN(Gated(), stateful=True) if kind == "users" else kind(3, stateful=True)
    x = rng.normal(size=(2, 6, 4))
    run = lamina.compile(lambda x: layer(x))
    whole = run(x)
    layer.reset_state()
    run(x[:, :3])
    close(run(x[:, 3:]), whole)
    layer.reset_states()
    close(layer(x), whole)
    with pytest.raises(ShapeError, match="a batch of 2, received 1"):
        layer(x[:1])
    assert len(layer.get_weights()) == len(layer.trainable_variables)


def test_a_stateful_model_is_fitted_and_its_state_moves(rng: np.random.Generator) -> None:
    layer = GRU(3, stateful=True)
    model = lamina.Sequential([layer, Dense(1)])
    model.compile("adam", "mse")
    model.fit(rng.normal(size=(8, 5, 2)), rng.normal(size=(8, 1)), batch_size=4, epochs=2, shuffle=False, verbose=0)
    (state,) = layer.states
    assert state.shape == (4, 3) and np.abs(state.numpy()).min() > 0


def test_backpropagation_is_cut_between_the_pieces_of_a_sequence(rng: np.random.Generator) -> None:
    """Truncated backpropagation through time, by a stateful layer and by hand, is the same."""
    stateful = GRU(3, stateful=True)
    x = rng.normal(size=(2, 6, 4)).astype("float32")
    stateful(x)
    stateful.reset_state()
    by_hand = GRU(3, return_state=True)
    by_hand(x)
    by_hand.set_weights(stateful.get_weights())
    first, second = Tensor(x[:, :3], requires_grad=True), Tensor(x[:, 3:], requires_grad=True)

    _, h = by_hand(first)
    output, _ = by_hand(second, initial_state=[lamina.stop_gradient(h)])
    expected = lamina.gradients(output.sum(), [first, second, *by_hand.trainable_variables])
    stateful(first)
    output = stateful(second)
    close(lamina.gradients(output.sum(), [first, second, *stateful.trainable_variables]), expected)
    np.testing.assert_array_equal(expected[0], 0)
    through, _ = by_hand(second, initial_state=[h])
    assert np.abs(lamina.gradients(through.sum(), [first])[0].numpy()).min() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_padding_does_not_count(kind: type[RNN], rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 5, 4))
    padded = with_mask(Tensor(np.where(MASK[..., None], x, 7.0)), Tensor(MASK))
    layer = kind(3)
    close(layer(padded)[:1], layer(x[:1, :3]))
    close(layer(padded)[1:], layer(x[1:, MASK[1]]))
    whole = kind(3, return_sequences=True)
    np.testing.assert_array_equal(whole(padded).mask, MASK)
    assert layer(padded).mask is None
    silent = kind(3, return_sequences=True, zero_output_for_mask=True)
    np.testing.assert_array_equal(silent(padded).numpy()[~MASK], 0)


@pytest.mark.parametrize("by_cell", [False, True])
def test_dropout_is_the_same_in_all_steps(by_cell: bool) -> None:
    config = {"activation": None, "kernel_initializer": "identity", "dropout": 0.5}
    layer = SimpleRNN(50, return_sequences=True, recurrent_initializer="zeros", **config)
    if by_cell:
        cell = lamina.layers.SimpleRNNCell(50, recurrent_initializer="zeros", **config)
        layer = RNN(StackedRNNCells([cell]), return_sequences=True)
    with random_scope(0, 1):
        y = layer(np.ones((2, 4, 50)), training=True).numpy()
    assert set(y.ravel().tolist()) == {0.0, 2.0}
    np.testing.assert_array_equal(y, np.repeat(y[:, :1], 4, axis=1))
    assert (y[0] != y[1]).any()
    np.testing.assert_array_equal(layer(np.ones((2, 4, 50))), 1)


def test_recurrent_dropout_hits_the_state_that_is_read_only() -> None:
    layer = SimpleRNN(50, None, kernel_initializer="identity", recurrent_initializer="identity", recurrent_dropout=0.5)
    with random_scope(0, 1):
        y = layer(np.ones((1, 3, 50)), training=True)
    assert set(y.numpy().ravel().tolist()) == {1.0, 7.0}  # 1, or 1 + 2 (1 + 2)


def test_the_forget_gate_starts_open() -> None:
    layer = LSTM(2)
    layer(np.zeros((1, 1, 1)))
    assert layer.cell.bias.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]


def test_the_output_is_penalised_once(rng: np.random.Generator) -> None:
    layer = GRU(3, return_sequences=True, activity_regularizer="l2")
    with lamina.layers.collect_penalties() as gathered:
        y = layer(rng.normal(size=(2, 5, 4)))
    assert [float(penalty) for penalty in gathered] == [pytest.approx(0.01 * float((y**2).sum()) / 2)]


def test_a_step_cannot_add_to_the_loss() -> None:
    @lamina.register
    class Penalised(lamina.layers.Layer):
        state_size = 2

        def call(self, inputs: Tensor, states: Any) -> Any:
            self.add_loss(inputs.sum())
            return states[0], states

    with pytest.raises(ArgumentError, match="a step cannot add to the loss"):
        RNN(Penalised())(np.zeros((1, 2, 3)))


def test_a_cell_says_how_large_its_states_are() -> None:
    with pytest.raises(ArgumentError, match="state_size"):
        RNN(Dense(2))


def test_a_single_cell_in_a_list_and_a_config() -> None:
    layer = RNN([LSTMCell(2)], return_state=True)
    assert [state.shape for state in jax.tree.leaves(layer(np.zeros((1, 3, 4)))[1:])] == [(1, 2), (1, 2)]
    again = lamina.layers.get({"class_name": "RNN", "config": layer.get_config()})
    assert again.get_config() == layer.get_config()
