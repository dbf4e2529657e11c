"""What `Model.summary` shows of layers inside layers."""

from typing import Any

import jax
import pytest

import lamina
from lamina import Tensor, layers
from lamina.core import functional, gradients
from lamina.models.summary import bytes_for_backward


def table(model: Any, capsys: Any, **options: Any) -> list[list[str]]:
    """The cells of each row: name, output shape, weights, multiply-adds. A long kind takes a second line."""
    model.summary(**options)
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    return [[row[0].split(" (")[0], *row[1:4]] for row in cells if len(row) == 5 and row[0] != "layer"]


@pytest.fixture
def nested() -> Any:
    inner = lamina.Sequential([layers.Dense(3, name="a"), layers.Dense(2, name="b")], name="inner")
    return lamina.Sequential(
        [
            layers.Input((5, 4)),
            layers.TimeDistributed(inner, name="every"),
            layers.SpectralNormalization(layers.Dense(2, use_bias=False, name="c"), name="unit"),
            layers.Flatten(name="flat"),
        ]
    )


def test_a_row_stands_for_all_that_is_inside(nested: Any, capsys: Any) -> None:
    assert table(nested, capsys) == [
        ["every", "(N, 5, 2)", "23", "90"],  # 5 steps of 4·3 + 3·2
        ["unit", "(N, 5, 2)", "6", "34"],  # kernel and u; 5·2·2 for x W, 14 for σ
        ["flat", "(N, 10)", "0", "0"],
    ]


def test_nested_layers_are_shown_when_asked_for(nested: Any, capsys: Any) -> None:
    rows = table(nested, capsys, expand_nested=True)
    assert [row[0] for row in rows] == [
        "every",
        "└ inner",
        "└ a",
        "└ b",
        "unit",
        "└ c",
        "flat",
    ]
    assert [row[2] for row in rows] == ["23", "23", "15", "8", "6", "4", "0"]


def test_a_shared_layer_is_counted_once(capsys: Any) -> None:
    twice = layers.Dense(3, name="twice")
    x = layers.Input((3,))
    model = lamina.Model(x, twice(twice(x)))
    assert [row[2:] for row in table(model, capsys)] == [["12", "9"], ["0", "9"]]


def test_a_layer_with_several_inputs_has_no_count_of_its_own(capsys: Any) -> None:
    class Both(layers.Layer):
        def call(self, inputs: Any, other: Any) -> Any:
            return inputs * other

    class Net(lamina.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense, self.both = layers.Dense(2, name="d"), Both(name="both")

        def call(self, inputs: Any) -> Any:
            return self.both(self.dense(inputs), inputs)

    assert [row[-1] for row in table(Net(), capsys, input_shape=(None, 2))] == ["4", "?"]


@pytest.mark.parametrize(
    ("checkpoint", "bound"),
    [(False, 1.1), (True, 1.1), (None, 1.6)],
    ids=["Repeat", "Repeat with checkpoint", "blocks of their own"],
)
def test_bytes_for_backward_are_those_of_the_compiled_step(checkpoint: bool | None, bound: float) -> None:
    """Bytes that 8 more blocks take in XLA's plan of a gradient step, where all else cancels, against the prediction.

    A loop stores what it is told to, less what XLA finds to be there already: 0.93 to 1. Without a loop XLA stores some
    cheap intermediates besides: 1.43.
    """
    examples, features = 64, 32

    def block() -> Any:
        return lamina.Sequential([layers.LayerNormalization(), layers.Dense(128, "gelu"), layers.Dense(features)])

    def deep(n: int) -> Any:
        if checkpoint is not None:
            return layers.Repeat(block(), n, checkpoint=checkpoint)
        return lamina.Sequential([block() for _ in range(n)])

    def measured(n: int) -> tuple[int, int]:
        model = lamina.Sequential([layers.Input((features,)), deep(n)])
        step = functional(lambda x: gradients((model(Tensor(x)) ** 2.0).sum(), model.variables), model.variables)
        x = jax.ShapeDtypeStruct((examples, features), "float32")
        plan = jax.jit(step).lower([v.array for v in model.variables], x).compile().memory_analysis()
        return plan.temp_size_in_bytes, examples * bytes_for_backward(model, (None, features))

    (few, predicted_few), (many, predicted_many) = measured(2), measured(10)
    ratio = (many - few) / (predicted_many - predicted_few)
    assert 1 / bound < ratio < bound
    if checkpoint:
        assert predicted_many == examples * 4 * features * 10 + predicted_few - examples * 4 * features * 2


def test_the_summary_says_what_a_step_keeps(capsys: Any) -> None:
    lamina.Sequential([layers.Input((3,)), layers.Dense(5, activation="tanh"), layers.Dense(2)]).summary()
    text = " ".join(capsys.readouterr().out.split())
    assert "keeps 32B per example for the backward pass" in text  # the input and the 5 results of tanh, 4 bytes each
