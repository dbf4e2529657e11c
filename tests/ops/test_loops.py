"""`scan`: one loop in a compiled program, step by step elsewhere; both with the same values and gradients."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, Variable, grad, ops
from lamina.core import ArgumentError, ShapeError, gradients, random_scope
from lamina.layers import BatchNormalization, Dropout

T, N, U = 5, 2, 3
WAYS = [{}, {"reverse": True}, {"checkpoint": True}, {"unroll": 2}]


@pytest.fixture
def weight(rng: np.random.Generator) -> Variable:
    return Variable(rng.normal(size=(U, U)) / 2, dtype="float32")


@pytest.fixture
def data(rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    return Tensor(rng.normal(size=(N, U)).astype("float32")), Tensor(rng.normal(size=(T, N, U)).astype("float32"))


def cell(weight: Variable, function: Callable[..., Any] = ops.tanh) -> Callable[..., Any]:
    """A recurrent step that counts its steps, which has no derivative."""

    def step(carry: Any, x: Tensor) -> Any:
        h, count = carry
        h = function(h @ weight + x)
        return (h, count + 1), {"h": h, "count": count}

    return step


def close(mine: Any, theirs: Any, tolerance: float = 1e-5) -> None:
    for a, b in zip(jax.tree.leaves(mine), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_compiled_loop_is_the_loop_of_jax(way: dict[str, Any], weight: Variable, data: tuple[Tensor, Tensor]) -> None:
    """Values, gradients of all that goes in and of the weight used from outside: against jax.grad of the formula."""
    u = np.linspace(-1, 1, T * N * U).reshape(T, N, U).astype("float32")

    def loss(h: Tensor, xs: Tensor) -> Tensor:
        (h, _), ys = ops.scan(cell(weight), (h, 0), xs, **way)
        return (h * h).sum() + (ys["h"] * u * (ys["count"][:, None, None] + 1).astype("float32")).sum()

    def plain(w: Any, h: Any, xs: Any) -> Any:
        total, order = 0.0, range(T)[::-1] if way.get("reverse") else range(T)
        for count, t in enumerate(order):
            h = jax.numpy.tanh(h @ w + xs[t])
            total += (h * u[t] * (count + 1.0)).sum()
        return (h * h).sum() + total

    @lamina.compile
    def mine(h: Tensor, xs: Tensor) -> Any:
        value = loss(h, xs)
        return value, gradients(value, [weight]), lamina.grad(loss, (0, 1))(h, xs)

    value, (of_weight,), (of_h, of_xs) = mine(*data)
    arrays = (weight.array, *(d.array for d in data))
    close(value, plain(*arrays))
    close((of_weight, of_h, of_xs), jax.grad(plain, (0, 1, 2))(*arrays))
    close(loss(*data), plain(*arrays))
    close(grad(loss, (0, 1))(*data), (of_h, of_xs))


@pytest.mark.parametrize("checkpoint", [False, True])
@pytest.mark.parametrize("function", [ops.tanh, ops.gelu])
def test_second_derivatives(
    function: Callable[..., Any], checkpoint: bool, weight: Variable, data: tuple[Tensor, Tensor]
) -> None:
    def loss(h: Tensor, xs: Tensor) -> Tensor:
        (h, _), ys = ops.scan(cell(weight, function), (h, 0), xs, checkpoint=checkpoint)
        return (h * h).sum() + (ys["h"] * ys["h"]).sum()

    def penalty(h: Tensor, xs: Tensor) -> Tensor:
        return sum((g * g).sum() for g in grad(loss, (0, 1))(h, xs))

    twice = grad(penalty, (0, 1))
    close(lamina.compile(twice)(*data), twice(*data), 1e-4)


def test_a_loop_in_a_loop_with_dropout_and_statistics(weight: Variable, data: tuple[Tensor, Tensor]) -> None:
    """What a step draws and what state it leaves is the same in one program, in Python, and computed twice."""
    drop, norm = Dropout(0.5), BatchNormalization(momentum=0.9)
    norm(data[0])
    start = norm.get_weights()

    def run(h: Tensor, xs: Tensor, checkpoint: bool) -> Any:
        outside = ops.tanh(weight)

        def step(h: Tensor, x: Tensor) -> Any:
            gate = ops.sigmoid(h @ outside)
            h, inner = ops.scan(lambda a, b: (ops.tanh(a * gate + b @ outside), a), h, ops.stack([x, x * 2.0]))
            return norm(drop(h, training=True), training=True), inner.sum(axis=0)

        with random_scope(0, step=3):
            h, ys = ops.scan(step, h, xs, checkpoint=checkpoint)
        value = h.sum() + (ys * ys).sum()
        return value, gradients(value, [weight, *norm.trainable_variables])

    found = []
    for checkpoint in (False, True):
        for way in (run, lamina.compile(run)):
            norm.set_weights(start)
            found.append([*jax.tree.leaves(way(*data, checkpoint)), *norm.get_weights()])
    assert not np.allclose(found[0][-2], start[-2])
    for other in found[1:]:
        close(found[0], other, 2e-5)


@pytest.mark.parametrize("compiled", [False, True])
def test_draws_differ_from_step_to_step_and_are_repeated_by_the_scope(compiled: bool) -> None:
    def run(n: Tensor) -> Any:
        with random_scope(0, step=1):
            return ops.scan(lambda c, x: (c, lamina.core.random.uniform((4,))), 0.0, n)[1]

    first = (lamina.compile(run) if compiled else run)(Tensor(np.zeros(3)))
    assert len(np.unique(first)) == 12
    np.testing.assert_array_equal(first, run(Tensor(np.zeros(3))))


def test_a_loop_without_draws_leaves_the_random_numbers_as_they_are() -> None:
    lamina.core.set_seed(1)
    expected = lamina.core.random.uniform((2,))
    lamina.core.set_seed(1)
    ops.scan(lambda c, x: (c + x, None), 0.0, np.ones(3))
    np.testing.assert_array_equal(lamina.core.random.uniform((2,)), expected)


def test_the_program_does_not_grow_with_the_steps(weight: Variable) -> None:
    def instructions(steps: int) -> int:
        def loss(h: Tensor, xs: Tensor) -> Tensor:
            return ops.scan(cell(weight), (h, 0), xs)[0][0].sum()

        def of_arrays(h: Any, xs: Any) -> Any:
            return [g.array for g in grad(loss, (0, 1))(Tensor(h), Tensor(xs))]

        shapes = (jax.ShapeDtypeStruct((N, U), "float32"), jax.ShapeDtypeStruct((steps, N, U), "float32"))
        return jax.jit(of_arrays).lower(*shapes).compile().as_text().count(" = ")

    assert instructions(40) == instructions(4)


def test_what_does_not_fit_is_refused() -> None:
    x = Tensor(np.ones((3, 2)))
    with pytest.raises(ArgumentError, match="number of steps"):
        ops.scan(lambda c, x: (c, None), 0.0)
    with pytest.raises(ShapeError, match="one first axis"):
        ops.scan(lambda c, x: (c, None), 0.0, (x, np.ones(4)))
    with pytest.raises(ShapeError, match="keeps its shape"):
        ops.scan(lambda c, x: (c + x, None), 0.0, x)
    with pytest.raises(ArgumentError, match="keeps its structure"):
        ops.scan(lambda c, x: ((c, c), None), 0.0, x)
