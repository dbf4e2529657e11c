"""`Tensor` beside NumPy and JAX."""

import copy

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import Tensor, Variable
from lamina.core import ArgumentError, DTypeError, ShapeError


def test_construction_and_default_types():
    assert Tensor([1, 2]).dtype == np.int32
    assert Tensor([1.0, 2.0]).dtype == np.float32
    assert Tensor(np.ones(2, np.float64)).dtype == np.float32
    assert Tensor(np.ones(2, np.uint8)).dtype == np.uint8
    assert Tensor([1, 2], "bfloat16").dtype == jnp.bfloat16
    with pytest.raises(DTypeError, match="the data must be numbers of one shape"):
        Tensor(["a", "b"])


def test_float64_is_kept_when_asked(x64):
    assert Tensor([1.0], "float64").dtype == np.float64
    assert (Tensor([1.0], "float64") * 2.0).dtype == np.float64


def test_operators_follow_numpy():
    a, b = np.array([[5.0, -2.0], [3.0, 4.0]], np.float32), np.array([2.0, 3.0], np.float32)
    t, u = Tensor(a), Tensor(b)
    pairs = [
        (t + u, a + b), (t - 1, a - 1), (1 - t, 1 - a), (t * u, a * b), (t / u, a / b), (2.0 / t, 2.0 / a),
        (t // u, a // b), (t % u, a % b), (abs(t) ** u, abs(a) ** b), (2.0**t, 2.0**a), (-t, -a), (t @ t, a @ a),
        (t @ u, a @ b), (t[0], a[0]), (t[:, 1], a[:, 1]), (t[..., None], a[..., None]), (t.T, a.T),
        (t.sum(axis=1), a.sum(axis=1)), (t.mean(), a.mean()), (t.max(axis=0), a.max(axis=0)),
        (t.reshape((4,)), a.reshape(4)),
    ]  # fmt: skip
    for mine, theirs in pairs:
        np.testing.assert_allclose(mine.numpy(), theirs, rtol=1e-6)
    assert (t > u).tolist() == (a > b).tolist() and (t == t).numpy().all() and (t != t).numpy().sum() == 0


def test_mixed_types_promote_as_documented():
    i, f = Tensor([1, 2]), Tensor([0.5, 0.5])
    assert (i + f).dtype == np.float32 and (i * 2).dtype == np.int32 and (i * 2.5).dtype == np.float32
    assert (Tensor([1], "bfloat16") + f).dtype == np.float32


def test_numpy_on_the_left_keeps_the_history():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = np.array([3.0, 4.0], np.float32) * x
    assert isinstance(y, Tensor)
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 4.0]


def test_it_is_an_argument_of_numpy_and_jax_and_dlpack():
    t = Tensor([1.0, 4.0])
    np.testing.assert_allclose(np.sqrt(np.asarray(t)), [1, 2])
    np.testing.assert_allclose(jnp.sqrt(t.array), [1, 2])
    np.testing.assert_allclose(jnp.asarray(t), [1, 4])
    np.testing.assert_allclose(np.from_dlpack(t), [1, 4])
    assert float(t[0]) == 1.0 and int(t[1]) == 4 and bool(t[0]) and len(t) == 2 and [float(v) for v in t] == [1.0, 4.0]
    assert f"{t[1]:.1f}" == "4.0" and copy.deepcopy(t).tolist() == [1.0, 4.0]
    assert hash(t) == hash(t) and {t: 1}[t] == 1


def test_values_cannot_be_changed_in_place():
    with pytest.raises(ArgumentError, match="scatter_update"):
        Tensor([1.0])[0] = 2.0


def test_variables_keep_shape_and_type():
    v = Variable(np.zeros((2, 2)), name="kernel")
    v.assign(np.ones((2, 2), np.float64))
    assert v.dtype == np.float32 and v.numpy().sum() == 4.0
    with pytest.raises(ShapeError, match=r"Variable 'kernel': a new value keeps the shape"):
        v.assign(np.ones(3))
    assert lamina.core.is_float(v.dtype)
