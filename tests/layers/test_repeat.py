"""`Repeat` is n blocks of its kind, in a program of the size of one."""

from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor
from lamina.core import ShapeError, functional, gradients, random_scope
from lamina.layers import BatchNormalization, Dense, Dropout, Input, LayerNormalization, Repeat, TimeDistributed

F = 4


def block(dropout: float = 0.0, **dense: Any) -> lamina.Sequential:
    return lamina.Sequential([LayerNormalization(), Dense(F, activation="tanh", **dense), Dropout(dropout)])


def separate(stack: Repeat, n: int) -> list[Any]:
    """n blocks of their own with the weights of the stack."""
    blocks = [type(stack.block).from_config(stack.block.get_config()) for _ in range(n)]
    for i, one in enumerate(blocks):
        one.compute_output_shape((None, F))
        for name, variable in one.named_variables().items():
            variable.assign(stack.named_variables()[name].numpy()[i])
    return blocks


@pytest.mark.parametrize("checkpoint", [False, True])
def test_it_is_its_blocks_one_after_another(checkpoint: bool, rng: np.random.Generator, x64: None) -> None:
    lamina.core.set_dtype_policy("float64")
    stack = Repeat(block(), 3, checkpoint=checkpoint)
    x = Tensor(rng.normal(size=(2, F)), requires_grad=True)
    stack(x)
    blocks = separate(stack, 3)

    @lamina.compile
    def through(x: Tensor, as_stack: bool) -> Any:
        x = Tensor(x, requires_grad=True)
        y = x
        for layer in [stack] if as_stack else blocks:
            y = layer(y)
        weights = [v for layer in ([stack] if as_stack else blocks) for v in layer.trainable_variables]
        return y, gradients((y * y).sum(), [x, *weights])

    y, (of_x, *of_weights) = through(x, True)
    expected, (expected_of_x, *parts) = through(x, False)
    np.testing.assert_allclose(y, expected, rtol=1e-12)
    np.testing.assert_allclose(of_x, expected_of_x, rtol=1e-10)
    for i, gradient in enumerate(of_weights):
        np.testing.assert_allclose(gradient, np.stack(parts[i :: len(of_weights)]), rtol=1e-10)


def compiled(stack: Repeat, x: np.ndarray) -> Any:
    """The program of one gradient step."""
    stack(x)
    step = functional(lambda x: gradients((stack(Tensor(x)) ** 2.0).sum(), stack.trainable_variables), stack.variables)
    return jax.jit(step).lower([v.array for v in stack.variables], x).compile()


@pytest.mark.parametrize("checkpoint", [False, True])
def test_the_program_does_not_grow_with_depth(checkpoint: bool) -> None:
    x = np.ones((2, F), "float32")
    few, many = (compiled(Repeat(block(), n, checkpoint=checkpoint), x).as_text().count(" = ") for n in (2, 24))
    assert few == many


def test_checkpoint_keeps_the_input_of_each_block_only() -> None:
    """Bytes for each further block: its input alone with checkpoint, several times that without."""
    x, wide = np.ones((64, 32), "float32"), lamina.Sequential([Dense(128, "gelu"), Dense(32)])

    def bytes_per_block(checkpoint: bool) -> float:
        few, many = (
            compiled(Repeat(wide, n, checkpoint=checkpoint), x).memory_analysis().temp_size_in_bytes for n in (2, 10)
        )
        return (many - few) / 8

    assert bytes_per_block(True) == pytest.approx(x.nbytes, rel=0.15)
    assert bytes_per_block(False) > 5 * x.nbytes


def test_every_block_draws_its_own_numbers_and_the_same_again(rng: np.random.Generator) -> None:
    x = Tensor(np.ones((8, F), "float32"))
    found = []
    for checkpoint in (False, True):
        stack = Repeat(lamina.Sequential([Dropout(0.5)]), 2, checkpoint=checkpoint, name="stack")

        def run(x: Tensor, stack: Repeat = stack) -> Any:
            x = Tensor(x, requires_grad=True)
            with random_scope(0, step=1):
                y = stack(x, training=True)
            return y, gradients(y.sum(), [x])[0]

        found += [run(x), lamina.compile(run)(x)]
    for y, of_x in found:  # both blocks scale by 2 what they leave, so 0 and 4 only, and the gradient is the value
        assert set(np.unique(y)) == {0.0, 4.0}
        np.testing.assert_array_equal(y, of_x)
        np.testing.assert_array_equal(y, found[0][0])
    assert 0.1 < (np.asarray(found[0][0]) > 0).mean() < 0.4  # 1/4; with one mask for both it would be 1/2


@pytest.mark.parametrize("checkpoint", [False, True])
def test_running_statistics_are_those_of_each_block(checkpoint: bool, rng: np.random.Generator) -> None:
    x = rng.normal(2.0, 3.0, size=(16, F)).astype("float32")
    stack = Repeat(lamina.Sequential([BatchNormalization(momentum=0.9), Dense(F)]), 2, checkpoint=checkpoint)
    stack(x)
    first, second = separate(stack, 2)

    @lamina.compile
    def step(x: Tensor) -> Any:
        return gradients(stack(x, training=True).sum(), stack.trainable_variables)

    step(Tensor(x))
    second(first(x, training=True), training=True)
    for name, mine in stack.named_variables().items():
        parts = [b.named_variables()[name] for b in (first, second)]
        np.testing.assert_allclose(mine, np.stack(parts), rtol=1e-5, atol=1e-6)


def test_training_saving_and_counting(rng: np.random.Generator, tmp_path: object) -> None:
    x, y = rng.normal(size=(32, F)).astype("float32"), rng.normal(size=(32, 1)).astype("float32")
    model = lamina.Sequential([Input((F,)), Repeat(block(0.1), 3, checkpoint=True), Dense(1)])
    assert model.count_params() == 3 * separate(model.layers[0], 1)[0].count_params() + F + 1
    model.compile(lamina.optimizers.Adam(0.01), "mse")
    losses = model.fit(x, y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.8 * losses[0]
    model.save(f"{tmp_path}/m.lamina")
    again = lamina.load_model(f"{tmp_path}/m.lamina")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_penalties_and_constraints_are_those_of_each_block() -> None:
    dense = Dense(F, kernel_regularizer="l2", kernel_constraint="unit_norm", activity_regularizer="l1")
    stack = Repeat(dense, 2)
    with lamina.layers.collect_penalties() as gathered:
        stack(np.ones((2, F)))
    blocks = separate(stack, 2)
    with lamina.layers.collect_penalties() as expected:
        blocks[1](blocks[0](np.ones((2, F))))
    assert float(sum(gathered)) == pytest.approx(float(sum(expected)))
    assert float(stack.losses[0]) == pytest.approx(sum(float(b.losses[0]) for b in blocks))
    kernel = stack.trainable_variables[0]
    np.testing.assert_allclose(np.square(kernel.constraint(kernel)).sum(1), 1.0, rtol=1e-5)


def test_arguments_for_all_and_for_each_and_results_of_each() -> None:
    @lamina.register
    class Scaled(lamina.layers.Layer):
        def call(self, inputs: Tensor, shift: Tensor, factor: Tensor) -> Any:
            return inputs * factor + shift, factor * 10.0

    factors = Tensor([1.0, 2.0, 3.0])
    y, seen = Repeat(Scaled(), 3)(Tensor([[1.0]]), Tensor(1.0), each={"factor": factors})
    assert y.tolist() == [[((1 + 1) * 2 + 1) * 3 + 1]] and seen.tolist() == [10, 20, 30]


def test_masks_reach_every_block(rng: np.random.Generator) -> None:
    x = lamina.layers.Masking()(np.array([[[1.0], [0.0]]]))
    y = Repeat(TimeDistributed(Dense(1)), 2)(x) if TimeDistributed.supports_masking else Repeat(Dense(1), 2)(x)
    assert y.mask.tolist() == [[True, False]]


def test_a_block_must_give_what_it_takes() -> None:
    with pytest.raises(ShapeError, match="keeps its shape"):
        Repeat(Dense(3), 2)(np.ones((2, 4)))
