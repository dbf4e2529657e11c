"""L-BFGS: its direction is that of BFGS with full matrices, its line search keeps Wolfe's conditions."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import Variable
from lamina.optimizers import LBFGS
from lamina.optimizers.lbfgs import line_search, two_loop


def test_two_loop_equals_the_matrix_formula(x64: None, rng: np.random.Generator) -> None:
    """H ← (I - ρ s yᵀ) H (I - ρ y sᵀ) + ρ s sᵀ, starting with s·y / y·y I: Nocedal and Wright, equation 6.17."""
    n, kept = 6, 4
    a = rng.normal(size=(n, n))
    hessian = a @ a.T + np.eye(n)
    steps = rng.normal(size=(kept, n))
    changes = steps @ hessian
    h = (steps[-1] @ changes[-1]) / (changes[-1] @ changes[-1]) * np.eye(n)
    for s, y in zip(steps, changes, strict=True):
        rho = 1 / (s @ y)
        left = np.eye(n) - rho * np.outer(s, y)
        h = left @ h @ left.T + rho * np.outer(s, s)
    gradient = rng.normal(size=n)
    padded = [jnp.concatenate([jnp.zeros((3, n)), jnp.asarray(x)]) for x in (steps, changes)]
    np.testing.assert_allclose(two_loop(jnp.asarray(gradient), *padded), h @ gradient, rtol=1e-9)
    np.testing.assert_array_equal(two_loop(jnp.asarray(gradient), jnp.zeros((2, n)), jnp.zeros((2, n))), gradient)


@pytest.mark.parametrize("first", [1e-4, 0.1, 1.0, 50.0])
def test_line_search_keeps_both_conditions(first: float, x64: None) -> None:
    def look(w: Any) -> Any:
        return jnp.sum(w**4 + jnp.sin(3 * w)), 4 * w**3 + 3 * jnp.cos(3 * w)

    w = jnp.array([1.5, -0.7])
    loss, gradient = look(w)
    t, there = line_search(look, w, (loss, gradient), -gradient, jnp.array(first), 60)
    slope = -float(jnp.vdot(gradient, gradient))
    assert t > 0 and look(w - t * gradient)[0] <= loss + 1e-4 * t * slope
    assert -float(jnp.vdot(there, gradient)) >= 0.9 * slope
    np.testing.assert_allclose(there, look(w - t * gradient)[1])


def test_line_search_without_success_stays() -> None:
    def look(w: Any) -> Any:
        return jnp.where(w[0] == 1.0, 0.0, jnp.nan), jnp.array([1.0])

    w = jnp.array([1.0])
    t, gradient = line_search(look, w, look(w), jnp.array([-1.0]), jnp.array(1.0), 5)
    assert t.item() == 0.0 and gradient.item() == 1.0


def rosenbrock(x: Any, y: Any) -> Any:
    return (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2


@pytest.mark.parametrize("history", [1, 5, 10])
def test_finds_the_end_of_the_valley_in_one_program(history: int, x64: None) -> None:
    x, y = (Variable(value, dtype="float64") for value in (-1.2, [1.0]))
    optimizer = LBFGS(history_size=history)

    def again() -> Any:
        loss = rosenbrock(x, y[0])
        return loss, lamina.gradients(loss, [x, y])

    @lamina.compile
    def step() -> Any:
        loss, found = again()
        optimizer.apply(found, [x, y], again)
        return loss

    losses = [step().item() for _ in range(100 if history == 1 else 50)]
    assert losses[0] > 20 and losses[-1] < 1e-12
    assert all(later <= earlier for earlier, later in zip(losses, losses[1:], strict=False))
    assert step.compilations == ["first call"]


def test_fits_a_line_exactly(rng: np.random.Generator) -> None:
    features, w = rng.normal(size=(50, 4)).astype("float32"), Variable(np.zeros(4))
    truth = np.float32([1.0, -2.0, 3.0, 0.5])
    optimizer = LBFGS()

    @lamina.compile
    def step() -> Any:
        optimizer.apply(again()[1], [w], again)

    def again() -> Any:
        loss = ((lamina.Tensor(features) @ w - lamina.Tensor(features @ truth)) ** 2).mean()
        return loss, lamina.gradients(loss, [w])

    for _ in range(15):
        step()
    np.testing.assert_allclose(w.numpy(), truth, atol=1e-4)
