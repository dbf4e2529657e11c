"""The programs of the recurrent ops: what stands in their loops."""

import re
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.native import native_kernels

N, T, F, U = 4, 6, 3, 8
GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}


def program(name: str, steps: int = T) -> str:
    """The compiled gradient with respect to input and weights."""
    width = GATES[name] * U
    shapes = [(N, steps, F), (F, width), (U, width), (2, width) if name == "gru" else (width,)]

    def gradients(*arrays: Any) -> Any:
        def loss(*args: Tensor) -> Tensor:
            return (getattr(ops, name)(*args)[0] ** 2).sum()

        return [g.array for g in lamina.grad(loss, (0, 1, 2, 3))(*map(Tensor, arrays))]

    return jax.jit(gradients).lower(*(jax.ShapeDtypeStruct(s, "float32") for s in shapes)).compile().as_text()


def computations(text: str) -> dict[str, str]:
    parts = re.split(r"\n(?=%|ENTRY)", text)
    return {found.group(1): part for part in parts if (found := re.match(r"(?:ENTRY )?%?([\w.\-]+)", part))}


def loops(text: str) -> list[str]:
    """The text of each loop's body with all that it calls: forward first."""
    every = computations(text)

    def whole(name: str, seen: set[str]) -> str:
        if name in seen or name not in every:
            return ""
        seen.add(name)
        called = re.findall(r"(?:calls|to_apply|body)=%?([\w.\-]+)", every[name])
        return every[name] + "".join(whole(each, seen) for each in called)

    return [whole(body, set()) for body in re.findall(r"body=%?([\w.\-]+)", text)]


def count(text: str, operation: str) -> int:
    return len(re.findall(rf" {operation}\(", text))


@pytest.mark.parametrize(("name", "tanhs"), [("simple_rnn", 1), ("lstm", 2), ("gru", 2)])
def test_backward_computes_no_gate_again_and_the_weight_gradient_is_one_matmul(name: str, tanhs: int) -> None:
    with native_kernels(False):
        text = program(name)
    forward, backward = loops(text)
    assert (count(forward, "tanh"), count(backward, "tanh")) == (tanhs, 0)
    assert (count(forward, "dot"), count(backward, "dot")) == (1, 1)
    assert count(forward + backward, "transpose") == 0
    # two in the loops; the projection and its two gradients; the gradient of the recurrent kernel
    assert count(text, "dot") == 6


def test_the_program_does_not_grow_with_the_steps() -> None:
    short, long = (len(program("lstm", steps).splitlines()) for steps in (5, 50))
    assert long == pytest.approx(short, rel=0.05)


@pytest.mark.parametrize("name", GATES)
def test_what_is_masked_does_not_matter(name: str, rng: np.random.Generator) -> None:
    """The gradient of a masked step is 0, also where its numbers are huge."""
    width = GATES[name] * U
    x, mask = rng.normal(size=(2, 4, F)), np.array([[True, True, False, False], [False, True, False, True]])
    weights = [rng.normal(size=(F, width)), rng.normal(size=(U, width))]
    run: Callable[..., Any] = getattr(ops, name)

    def loss(x: Any) -> Tensor:
        return (run(x, *weights, mask=mask)[1] ** 2).sum()

    value, gradient = lamina.value_and_grad(loss)(Tensor(np.where(mask[..., None], x, 1e30)))
    np.testing.assert_allclose(value, loss(Tensor(x)), rtol=1e-6)
    np.testing.assert_array_equal(gradient.numpy()[~mask], 0)
    assert np.isfinite(gradient.numpy()).all() and (gradient.numpy()[mask] != 0).all()
    cut, masked = run(x[:1, :2], *weights)[1], run(x[:1], *weights, mask=mask[:1])[1]
    np.testing.assert_allclose(cut, masked, rtol=1e-6, atol=1e-6)
