import re

import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, ShapeError, UnknownNameError
from lamina.layers import Input, Lambda


def test_the_function_is_told_its_arguments_and_the_phase() -> None:
    layer = Lambda(lambda x, by, training: x * by if training else x, arguments={"by": 3.0})
    x = lamina.Tensor([[1.0, 2.0]])
    assert layer(x).tolist() == [[1, 2]] and layer(x, training=True).tolist() == [[3, 6]]


def test_shapes_are_found_out_or_checked() -> None:
    assert Lambda(lambda x: x[:, :1])(Input((3,))).shape == (None, 1)
    assert Lambda(lambda x: x[:, :1], output_shape=(None,))(np.zeros((2, 3))).shape == (2, 1)
    with pytest.raises(ShapeError, match=r"Expected \(N, \*\(2,\)\), received \(2, 1\)"):
        Lambda(lambda x: x[:, :1], output_shape=(2,))(np.zeros((2, 3)))


def squared(x: lamina.Tensor) -> lamina.Tensor:
    return x * x


@pytest.mark.parametrize("function", [lambda x: x * x, squared])
def test_a_file_holds_no_code(function: object, tmp_path: object) -> None:
    model = lamina.Sequential([Input((2,)), lamina.layers.Dense(2), Lambda(function, name="mine")])
    with pytest.raises(ArgumentError, match=re.escape("Lambda 'mine': a file holds no code") + ".*@lamina.register"):
        model.save(f"{tmp_path}/m.lamina")
    model.save_weights(f"{tmp_path}/m.safetensors")
    model.load_weights(f"{tmp_path}/m.safetensors")


def test_a_registered_function_is_saved_by_name(tmp_path: object) -> None:
    @lamina.register
    def thrice_for_lambda(x: lamina.Tensor) -> lamina.Tensor:
        return x * 3.0

    model = lamina.Sequential([Input((2,)), Lambda(thrice_for_lambda)])
    model.save(f"{tmp_path}/m.lamina")
    again = lamina.load_model(f"{tmp_path}/m.lamina")
    assert again(np.array([[1.0, 2.0]], "float32")).tolist() == [[3, 6]]


def test_an_unknown_name() -> None:
    with pytest.raises(UnknownNameError, match="tahn.*Did you mean 'tan"):
        Lambda("tahn")
