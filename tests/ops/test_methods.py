"""Tensor's operators and methods: each finds its op, on either side, with NumPy's meaning."""

import inspect
import operator
import re
from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import methods
from lamina.core import tensor as tensor_module

X, Y = np.float32([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]]), np.float32([2.0, 3.0, 0.5])
M, N = np.int32([6, 5, 12]), np.int32([3, 1, 2])


def test_every_method_has_an_op() -> None:
    asked = set(re.findall(r'_(?:method|reflected)\("(\w+)"\)', inspect.getsource(tensor_module)))
    assert asked - set(methods) == set()


@pytest.mark.parametrize("name", "add sub mul truediv floordiv mod eq ne lt le gt ge".split())
def test_operators_on_floats(name: str) -> None:
    function = getattr(operator, name)
    for result in (function(Tensor(X), Tensor(Y)), function(Tensor(X), Y), function(X, Tensor(Y))):
        assert isinstance(result, Tensor)
        np.testing.assert_allclose(result, function(X, Y), rtol=1e-6)
    np.testing.assert_allclose(function(2.0, Tensor(Y)), function(np.float32(2.0), Y), rtol=1e-6)


@pytest.mark.parametrize("name", "and_ or_ xor lshift rshift".split())
def test_operators_on_integers(name: str) -> None:
    function = getattr(operator, name)
    np.testing.assert_array_equal(function(Tensor(M), Tensor(N)), function(M, N))


def test_power_matmul_and_signs() -> None:
    np.testing.assert_allclose(Tensor(Y) ** 2, Y**2)
    np.testing.assert_allclose(2.0 ** Tensor(Y), 2.0**Y, rtol=1e-6)
    np.testing.assert_allclose(Tensor(X) @ Tensor(Y), X @ Y, rtol=1e-6)
    np.testing.assert_allclose(X @ Tensor(Y), X @ Y, rtol=1e-6)
    np.testing.assert_array_equal(-Tensor(X), -X)
    np.testing.assert_array_equal(abs(Tensor(X)), abs(X))
    np.testing.assert_array_equal(~Tensor(M), ~M)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.reshape(3, 2),
        lambda x: x.reshape((3, -1)),
        lambda x: x.transpose(),
        lambda x: x.transpose(1, 0),
        lambda x: x.transpose((1, 0)),
        lambda x: x.T,
        lambda x: x.swapaxes(0, 1),
        lambda x: x.reshape(1, 6).squeeze(),
        lambda x: x.sum(),
        lambda x: x.sum(axis=1, keepdims=True),
        lambda x: x.mean(axis=0),
        lambda x: x.prod(1),
        lambda x: x.max(axis=0),
        lambda x: x.min(),
        lambda x: x.var(axis=1),
        lambda x: x.std(),
        lambda x: x.argmax(axis=1),
        lambda x: x.argmin(),
        lambda x: (x > 0).all(axis=0),
        lambda x: (x > 0).any(),
        lambda x: x.cumsum(),
        lambda x: x.cumsum(axis=1),
        lambda x: x.clip(-1.0, 1.0),
        lambda x: x.take(np.int32([2, 0]), axis=1),
        lambda x: x.astype("int32"),
        lambda x: x[0],
        lambda x: x[:, 1:],
        lambda x: x[..., None],
        lambda x: x[np.int32([1, 0, 1])],
        lambda x: x[x > 0],
    ],
)
def test_methods(call: Any) -> None:
    expected = np.asarray(call(X))
    result = call(Tensor(X))
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-6)


def test_symbols_go_through_ops() -> None:
    x = lamina.core.Symbol((None, 4, 3), "float32")
    assert (ops.where(x > 0, x, 0.0) * 2).shape == (None, 4, 3)
    assert ops.concatenate([x, x], axis=1).shape == (None, 8, 3)
    assert x[:, 0].shape == (None, 3)
    assert x.reshape(-1, 12).shape == (None, 12)
    assert ops.einsum("nij,nik->njk", x, x).shape == (None, 3, 3)
    assert [part.shape for part in ops.split(x, 2, axis=1)] == [(None, 2, 3)] * 2
    assert ops.tensordot(x, np.ones((3, 5), "float32"), 1).shape == (None, 4, 5)
