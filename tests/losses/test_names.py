"""Losses by every name that Keras has for them."""

from typing import Any

import pytest

from lamina import losses, optimizers
from lamina.core import ArgumentError, UnknownNameError, snake_case

CLASSES = [name for name in losses.__all__ if name[0].isupper() and name not in ("Loss", "FunctionLoss")]
SHORT = "mse MSE mae MAE mape MAPE msle MSLE bce BCE kld KLD cce scce huber_loss logcosh huber".split()


@pytest.mark.parametrize("name", [*CLASSES, *map(snake_case, CLASSES), *SHORT])
def test_names_and_config(name: str) -> None:
    loss = losses.get(name)
    assert isinstance(loss, losses.Loss)
    again = losses.get(losses.serialize(loss))
    assert type(again) is type(loss) and again.get_config() == loss.get_config()


@pytest.mark.parametrize("function", [losses.mean_squared_error, losses.binary_crossentropy, losses.cosine_similarity])
def test_functions_can_be_given_and_written_down(function: Any) -> None:
    loss = losses.get(function)
    again = losses.get(losses.serialize(loss))
    assert loss.name == function.__name__
    labels, predictions = [[1.0, 0.0]], [[0.9, 0.2]]
    assert again(labels, predictions).item() == loss(labels, predictions).item() != 0


def test_arguments_are_part_of_the_config() -> None:
    loss = losses.Huber(0.5, reduction="sum", name="mine", dtype="float32")
    assert losses.get(losses.serialize(loss)).get_config() == {
        "delta": 0.5,
        "reduction": "sum",
        "name": "mine",
        "dtype": "float32",
    }


def test_ways_to_give_one() -> None:
    loss = losses.Huber()
    assert losses.get(loss) is loss and type(losses.get(losses.Huber)) is losses.Huber and losses.get(None) is None


def test_refusals() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'mean_squared_error'"):
        losses.get("mean_square_error")
    with pytest.raises(ArgumentError, match="swap"):
        losses.get(optimizers.SGD())
    with pytest.raises(ArgumentError, match="MeanSquaredError: reduction.*received 'avg'"):
        losses.MeanSquaredError(reduction="avg")
