"""Derivatives as functions of functions, against JAX's own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lamina
from lamina import Tensor, ops

X = np.array([[0.3, -0.7, 1.1], [0.2, 0.9, -1.3]], np.float32)
V = np.array([[1.0, 0.5, -2.0], [0.1, -0.4, 0.7]], np.float32)


def f(x):
    return ops.tanh(x) * ops.exp(ops.sin(x)) + ops.sum(x * x, axis=0)


def f_jax(x):
    return jnp.tanh(x) * jnp.exp(jnp.sin(x)) + jnp.sum(x * x, axis=0)


def scalar(x):
    return ops.sum(f(x) ** 2)


def scalar_jax(x):
    return jnp.sum(f_jax(x) ** 2)


def close(mine, theirs):
    np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), rtol=2e-5, atol=2e-5)


def test_grad_value_and_aux():
    close(lamina.grad(scalar)(X), jax.grad(scalar_jax)(X))
    (value, aux), gradient = lamina.value_and_grad(lambda x: (scalar(x), "aux"), has_aux=True)(X)
    assert aux == "aux"
    close(value, scalar_jax(X))
    close(gradient, jax.grad(scalar_jax)(X))


def test_grad_of_trees_and_several_arguments():
    params = {"w": Tensor(X), "b": Tensor([0.1, 0.2, 0.3])}

    def loss(p, scale):
        return ops.sum((p["w"] * scale + p["b"]) ** 2)

    tree, scale = lamina.grad(loss, argnums=(0, 1))(params, 2.0)
    wanted = jax.grad(lambda w, b, s: jnp.sum((w * s + b) ** 2), argnums=(0, 1, 2))(X, jnp.array([0.1, 0.2, 0.3]), 2.0)
    close(tree["w"], wanted[0])
    close(tree["b"], wanted[1])
    close(scale, wanted[2])


def test_vjp_jvp_and_their_agreement():
    y, pull = lamina.vjp(f, X)
    wanted, wanted_pull = jax.vjp(f_jax, X)
    close(y, wanted)
    close(pull(V)[0], wanted_pull(V)[0])
    value, pushed = lamina.jvp(f, [X], [V])
    wanted_value, wanted_pushed = jax.jvp(f_jax, [X], [V])
    close(value, wanted_value)
    close(pushed, wanted_pushed)


def test_jacobian_hessian_hvp():
    close(lamina.jacobian(f)(X), jax.jacobian(f_jax)(X))
    close(lamina.hessian(scalar)(X), jax.hessian(scalar_jax)(X))
    close(lamina.hvp(scalar, X, V), jax.jvp(jax.grad(scalar_jax), [X], [V])[1])


def test_third_derivative():
    third = lamina.grad(lamina.grad(lamina.grad(lambda x: ops.sin(x) * x)))
    close(third(0.4), jax.grad(jax.grad(jax.grad(lambda x: jnp.sin(x) * x)))(0.4))


def test_a_derivative_of_a_jacobian_stays_on_the_tape():
    outer = lamina.grad(lambda x: ops.sum(lamina.jacobian(lambda z: ops.sin(z) * z)(x) ** 2))
    wanted = jax.grad(lambda x: jnp.sum(jax.jacobian(lambda z: jnp.sin(z) * z)(x) ** 2))
    close(outer(X[0]), wanted(X[0]))


def test_transforms_work_inside_compile():
    close(lamina.compile(lambda x: lamina.hvp(scalar, x, Tensor(V)))(Tensor(X)), lamina.hvp(scalar, X, V))


def test_from_jax_to_second_order_and_several_results():
    pair = lamina.from_jax(lambda x, power: (jnp.power(x, power), jnp.sin(x)))

    def both(x):
        cubed, sine = pair(x, power=3)
        return cubed * sine

    lamina.gradcheck(lambda x: lamina.from_jax(jnp.sinh)(x), X)
    close(lamina.grad(lambda x: ops.sum(both(x)))(X), jax.grad(lambda x: jnp.sum(x**3 * jnp.sin(x)))(X))


def test_checkpoint_gives_the_same_gradients_and_reaches_closed_over_weights():
    w = lamina.Variable(X)

    def block(x):
        return ops.tanh(x * w) * ops.sin(x)

    for wrapped in (block, lamina.checkpoint(block)):
        loss = ops.sum(wrapped(Tensor(V)) ** 2)
        close(lamina.gradients(loss, [w])[0], jax.grad(lambda w: jnp.sum((jnp.tanh(V * w) * jnp.sin(V)) ** 2))(X))


def test_checkpoint_keeps_only_the_inputs_of_each_block():
    ws = [lamina.Variable(np.eye(64, dtype=np.float32) * 0.9) for _ in range(5)]

    def block(x, w):
        for _ in range(6):
            x = ops.tanh(ops.matmul(x, w))
        return x

    def bytes_held_for_backward(wrap):
        before = sum(a.nbytes for a in jax.live_arrays())
        h = Tensor(np.ones((256, 64)))
        for w in ws:
            h = wrap(lambda h, w=w: block(h, w))(h)
        return sum(a.nbytes for a in jax.live_arrays()) - before

    assert bytes_held_for_backward(lamina.checkpoint) < bytes_held_for_backward(lambda f: f) / 4


def test_checkpoint_repeats_its_randomness():
    x = Tensor(np.ones((64, 64)), requires_grad=True)

    def noisy(x):
        return x * ops.dropout(x, 0.5, lamina.core.random.next_key("dropout"))

    y = lamina.checkpoint(noisy)(x)
    ops.sum(y).backward()
    close(x.grad, 2 * y.numpy())


def test_gradcheck_shows_both_numbers():
    @lamina.core.op(name="wrong_square_for_test")
    def wrong(x: lamina.core.Array):
        return x * x, (x,)

    @wrong.backward
    def _(kept, g):
        return g * kept[0]

    with pytest.raises(lamina.core.GradientError, match=r"derivative 1 .* central differences.*backward rule"):
        lamina.gradcheck(wrong, X)
    lamina.gradcheck(lambda x: x * x * x, X, order=2)


def test_checkpoint_can_be_differentiated_twice():
    block = lamina.checkpoint(lambda x: ops.tanh(x) * x)
    close(lamina.hessian(lambda x: ops.sum(block(x)))(X[0]), jax.hessian(lambda x: jnp.sum(jnp.tanh(x) * x))(X[0]))


def test_checkpoint_of_shared_weights_and_of_state() -> None:
    """A weight in three blocks one after another: ∂(x w³)/∂w = 3 x w². State is written once, not in backward again."""
    w, calls = lamina.Variable(3.0), lamina.Variable(0.0, trainable=False)

    def block(x):
        calls.assign_add(1.0)
        return x * w

    kept = lamina.checkpoint(block)
    y = kept(kept(kept(Tensor(2.0))))
    assert float(lamina.gradients(y, [w])[0]) == 54.0
    assert float(calls) == 3.0
