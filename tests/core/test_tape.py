"""The tape and its sweep: what is recorded, what flows back, what is forgotten."""

import gc

import jax
import numpy as np
import pytest

import lamina
from lamina import Tensor, Variable, grad, ops
from lamina.core import GradientError
from lamina.core.replay import bytes_kept
from lamina.core.tape import Node


def test_backward_adds_up_over_uses_and_calls():
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = x * x + x
    (y * y).sum().backward()
    once = x.grad.numpy()
    (y * y).sum().backward()
    v = x.numpy()
    np.testing.assert_allclose(once, 2 * (v**2 + v) * (2 * v + 1))
    np.testing.assert_allclose(x.grad.numpy(), 2 * once)


def test_python_control_flow_differentiates_what_was_run():
    def f(x):
        total = x
        for _ in range(3):
            total = total * x if float(total.sum()) > 0 else -total
        return total.sum()

    assert float(lamina.grad(f)(2.0)) == pytest.approx(4 * 2.0**3)
    assert float(lamina.grad(f)(-2.0)) == pytest.approx(2 * -2.0)  # -x, then -x·x, then x·x


def test_eager_and_compiled_gradients_agree():
    w = Variable(np.linspace(-1, 1, 12).reshape(4, 3), name="w")

    def loss(x):
        return ops.sum(ops.tanh(ops.matmul(x, w)) ** 2)

    x = Tensor(np.arange(8.0).reshape(2, 4) / 8)
    eager = lamina.gradients(loss(x), [w])[0]
    compiled = lamina.compile(lambda x: lamina.gradients(loss(x), [w])[0])(x)
    np.testing.assert_allclose(compiled.numpy(), eager.numpy(), rtol=1e-6)
    assert w.grad is None


def test_backward_inside_compile_leaves_no_trace_on_the_variable():
    w = Variable(3.0)

    @lamina.compile
    def step(x):
        (w * x).backward()
        return w.grad

    assert float(step(Tensor(2.0))) == 2.0
    assert w.grad is None and float(w) == 3.0


def test_no_grad_and_stop_gradient_cut_the_history():
    w = Variable(2.0)
    with lamina.no_grad():
        assert not (w * w).requires_grad
    assert float(lamina.gradients(w * lamina.stop_gradient(w), [w])[0]) == 2.0


def test_a_frozen_variable_is_a_constant():
    w = Variable(2.0, trainable=False)
    assert not (w * 3.0).requires_grad
    with pytest.raises(GradientError, match="each input must collect gradients"):
        lamina.gradients(w * Variable(1.0), [w])


def test_hooks_see_and_replace_the_gradient_once_it_is_complete():
    x = Tensor(1.0, requires_grad=True)
    y = x * 2.0
    seen = []
    remove = y.register_hook(lambda g: seen.append(float(g)))
    (y + y * y).backward()
    assert seen == [1.0 + 2 * 2.0]
    remove()
    y.register_hook(lambda g: g * 0.0)
    x.grad = None
    (y + y * y).backward()
    assert float(x.grad) == 0.0 and len(seen) == 1


def test_gradient_penalty_reaches_the_weights_through_the_first_gradient():
    w = Variable([1.0, -2.0])

    def critic(x):
        return ops.sum(ops.tanh(x * w))

    x = Tensor([0.3, 0.7])
    penalty = ops.sum(lamina.grad(critic)(x) ** 2)
    (found,) = lamina.gradients(penalty, [w])

    def reference(w):
        g = jax.grad(lambda x: jax.numpy.sum(jax.numpy.tanh(x * w)))(x.array)
        return (g**2).sum()

    np.testing.assert_allclose(found.numpy(), jax.grad(reference)(w.array), rtol=1e-5)


def test_the_sweep_records_nothing_when_nobody_can_differentiate_further():
    w = Variable(2.0)
    (g,) = lamina.gradients(w * w * w, [w])
    assert not g.requires_grad


def test_the_graph_is_freed_without_the_cycle_collector():
    gc.disable()
    try:
        x = Tensor(np.ones(4), requires_grad=True)
        before = sum(isinstance(o, Node) for o in gc.get_objects())
        for _ in range(50):
            ops.sum(ops.exp(ops.tanh(x))).backward()  # exp and tanh keep their own results
        assert sum(isinstance(o, Node) for o in gc.get_objects()) <= before + 2
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Tensor([1.0, 2.0], requires_grad=True).backward(), "only a scalar has a gradient of its own"),
        (lambda: Tensor(1.0).backward(), "the value must depend on something"),
        (lambda: lamina.grad(lambda x: x)([1.0, 2.0]), "only a real scalar"),
        (lambda: lamina.grad(lambda x: 3.0)(1.0), "the function must return a Tensor"),
    ],
)
def test_impossible_gradients_are_refused(act, message):
    with pytest.raises(GradientError, match=message):
        act()


def test_what_only_second_derivatives_need_is_there_and_not_counted():
    x = Tensor(np.linspace(-2, 2, 100, dtype=np.float32), requires_grad=True)
    assert bytes_kept([ops.gelu(x)]) == 400  # its slope
    curve = grad(lambda x: grad(lambda x: ops.gelu(x).sum())(x).sum())(x).numpy()
    np.testing.assert_allclose(
        curve, np.exp(-(x.numpy() ** 2) / 2) * (2 - x.numpy() ** 2) / (2 * np.pi) ** 0.5, atol=1e-6
    )
