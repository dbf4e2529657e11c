"""Both forms of convolution keep the contract and agree; the choice between them; what is refused."""

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import ArgumentError, ShapeError, Symbol
from lamina.native import native_kernels
from lamina.ops.convolution import conv_input_gradient
from lamina.ops.windows import Window
from ops import contract
from ops.cases_nn_convolution import CASES
from ops.contract import Case

LINEAR = [case for case in CASES if case.name.split()[0] in ("conv", "conv_input_gradient", "conv_kernel_gradient")]


@pytest.fixture
def native() -> Iterator[None]:
    with ops.native_convolution(True):
        yield


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in LINEAR])
def test_native_form_has_the_same_values_and_derivatives(case: Case, native: None) -> None:
    """The values against loops; the rules, which run inside the block, too, against central differences."""
    contract.check_forward(case)
    contract.check_derivatives(case, order=1)


def test_native_form_is_closed_under_differentiation(native: None) -> None:
    case = next(case for case in LINEAR if case.name == "conv groups")
    contract.check_derivatives(case, order=2)


def test_the_default_form_follows_the_device() -> None:
    assert ops.use_native_convolution() == (jax.default_backend() != "cpu")


def test_choice_holds_inside_its_block_only() -> None:
    before = ops.use_native_convolution()
    with ops.native_convolution(not before):
        assert ops.use_native_convolution() is not before
        with ops.native_convolution(before):
            assert ops.use_native_convolution() is before
        assert ops.use_native_convolution() is not before
    assert ops.use_native_convolution() is before


@pytest.mark.parametrize(("on", "instruction"), [(True, " convolution("), (False, " dot(")])
def test_each_form_becomes_its_instruction(on: bool, instruction: str) -> None:
    """Else both tests above could look at the same code."""

    def step(x: Any, kernel: Any) -> Any:
        with ops.native_convolution(on), native_kernels(False):
            loss = lambda k: ops.conv(Tensor(x), k).sum()  # noqa: E731
            return lamina.grad(loss)(Tensor(kernel)).array

    shapes = jax.ShapeDtypeStruct((2, 8, 8, 3), "float32"), jax.ShapeDtypeStruct((3, 3, 3, 4), "float32")
    text = jax.jit(step).lower(*shapes).as_text(dialect="hlo")
    assert (" convolution(" in text, instruction in text) == (on, True)


def test_input_gradient_is_one_pass_of_sums() -> None:
    """No scatter, no loop and no update in place in the CPU form, and nothing is merged into what reads the result."""
    window = Window((3, 3), (1, 1), ((0, 0), (0, 0)), (1, 1))

    def gradient(g: Any, kernel: Any) -> Any:
        with ops.native_convolution(False), native_kernels(False):
            x = conv_input_gradient(g, kernel, window, (10, 10)).array
        return x * x

    shapes = jax.ShapeDtypeStruct((2, 8, 8, 4), "float32"), jax.ShapeDtypeStruct((3, 3, 3, 4), "float32")
    text = jax.jit(gradient).lower(*shapes).compile().as_text()
    assert not [word for word in (" scatter(", " while(", " dynamic-update-slice(") if word in text]
    assert 'inlineable="false"' in text


def test_inputs_of_two_types_promote() -> None:
    x, kernel = Tensor(np.ones((1, 3, 2)), "float32"), Tensor(np.ones((2, 2, 1)), "bfloat16")
    assert ops.conv(x, kernel).dtype == "float32"


def test_the_gradient_has_the_type_of_its_input() -> None:
    kernel = Tensor(np.ones((2, 2, 1)), "bfloat16", requires_grad=True)
    ops.conv(Tensor(np.ones((1, 3, 2))), kernel).sum().backward()
    assert kernel.grad is not None and kernel.grad.dtype == "bfloat16"


def test_symbols_have_shapes_with_unknown_sizes() -> None:
    x = Symbol((None, None, 28, 3), "float32")
    assert ops.conv(x, np.zeros((3, 3, 3, 8), "float32"), padding="same", strides=2).shape == (None, None, 14, 8)
    assert ops.conv_transpose(x, np.zeros((3, 3, 8, 3), "float32"), strides=2).shape == (None, None, 57, 8)


@pytest.mark.parametrize(
    ("x", "kernel", "settings", "message"),
    [
        ((2, 5, 5), (3, 3, 5, 2), {}, "input and kernel have one to three spatial axes"),
        ((2, 5), (5, 2), {}, "input and kernel have one to three spatial axes"),
        ((2, 5, 5, 3), (3, 3, 4, 2), {}, "channels = kernel depth x groups"),
        ((2, 5, 5, 4), (3, 3, 2, 3), {"groups": 2}, "channels = kernel depth x groups"),
        ((2, 2, 5, 3), (3, 3, 3, 2), {}, "the window must fit into the padded input"),
    ],
)
def test_wrong_shapes_are_refused(x: Any, kernel: Any, settings: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        ops.conv(np.zeros(x), np.zeros(kernel), **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"padding": "full"},
        {"padding": "causal"},
        {"padding": ((1, 1),)},
        {"strides": 0},
        {"strides": (1, 2, 3)},
        {"dilation_rate": -1},
        {"strides": 1.5},
    ],
)
def test_wrong_settings_are_refused(settings: Any) -> None:
    with pytest.raises(ArgumentError):
        ops.conv(np.zeros((1, 5, 5, 1)), np.zeros((2, 2, 1, 1)), **settings)


def test_unknown_padding_of_the_transpose_is_refused() -> None:
    with pytest.raises(ArgumentError, match="'valid' or 'same'"):
        ops.conv_transpose(np.zeros((1, 5, 1)), np.zeros((2, 1, 1)), padding="causal")
