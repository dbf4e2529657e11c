"""Multiply-adds, counted in the plan of a computation."""

import jax
import jax.numpy as jnp

from lamina.models.flops import multiply_adds

SPEC = jax.ShapeDtypeStruct((4, 10), "float32")
WEIGHT = jnp.ones((10, 10))


def test_products_are_counted_inside_nested_programs_and_as_often_as_loops_run():
    assert multiply_adds(jax.jit(lambda x: jnp.tanh(x @ WEIGHT)), [SPEC]) == 4 * 10 * 10

    def loop(x):
        return jax.lax.scan(lambda h, _: (h @ WEIGHT, None), x, None, length=7)[0]

    assert multiply_adds(loop, [SPEC]) == 7 * 4 * 10 * 10


def test_a_convolution_is_counted_by_its_outputs_and_its_kernel():
    kernel = jnp.ones((3, 3, 2, 5))

    def conv(x):
        return jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))

    assert multiply_adds(conv, [jax.ShapeDtypeStruct((1, 8, 8, 2), "float32")]) == 6 * 6 * 5 * 3 * 3 * 2
