"""Contract cases of convolution and its kin; `test_nn_convolution.py` puts them to the native form, too."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina import ops
from lamina.ops.convolution import conv_input_gradient, conv_kernel_gradient
from lamina.ops.windows import Window
from ops import nn_references as naive
from ops.contract import Case, Inputs


def normal(*shapes: tuple[int, ...]) -> Inputs:
    return lambda rng: [rng.normal(size=shape) for shape in shapes]


def conv(name: str, x: tuple[int, ...], kernel: tuple[int, ...], **settings: Any) -> Case:
    return Case(f"conv {name}".strip(), ops.conv, normal(x, kernel), settings, naive.conv, naive.conv_by_lax)


def transpose(name: str, x: tuple[int, ...], kernel: tuple[int, ...], **settings: Any) -> Case:
    return Case(f"conv_transpose {name}".strip(), ops.conv_transpose, normal(x, kernel), settings, naive.conv_transpose)


# The two adjoints by JAX: the map is linear, so its transpose at g is its pullback.
WINDOW = Window((3, 2), (2, 1), ((1, 1), (0, 1)), (1, 2))
SIZES = (6, 5)


def forward(x: Any, kernel: Any) -> Any:
    return naive.conv_by_lax(x, kernel, WINDOW.strides, WINDOW.padding, WINDOW.dilation, 2)


def input_gradient(g: Any, kernel: Any, **settings: Any) -> Any:
    x = jnp.zeros((len(g), *SIZES, kernel.shape[-2] * 2), g.dtype)
    return jax.vjp(lambda x: forward(x, kernel), x)[1](g)[0]


def kernel_gradient(x: Any, g: Any, **settings: Any) -> Any:
    kernel = jnp.zeros((*WINDOW.size, x.shape[-1] // 2, g.shape[-1]), x.dtype)
    return jax.vjp(lambda kernel: forward(x, kernel), kernel)[1](g)[0]


def input_gradient_by_loops(g: np.ndarray, kernel: np.ndarray, **settings: Any) -> np.ndarray:
    x = np.zeros((len(g), *SIZES, kernel.shape[-2] * 2))
    depth, width = kernel.shape[-2], g.shape[-1] // 2
    for o, k, i in naive.links(SIZES, WINDOW.size, WINDOW.strides, WINDOW.padding, WINDOW.dilation):
        for group in range(2):
            c, u = slice(group * depth, (group + 1) * depth), slice(group * width, (group + 1) * width)
            x[:, *i, c] += g[:, *o, u] @ kernel[*k, :, u].T
    return x


def kernel_gradient_by_loops(x: np.ndarray, g: np.ndarray, **settings: Any) -> np.ndarray:
    depth, width = x.shape[-1] // 2, g.shape[-1] // 2
    kernel = np.zeros((*WINDOW.size, depth, g.shape[-1]))
    for o, k, i in naive.links(SIZES, WINDOW.size, WINDOW.strides, WINDOW.padding, WINDOW.dilation):
        for group in range(2):
            c, u = slice(group * depth, (group + 1) * depth), slice(group * width, (group + 1) * width)
            kernel[*k, :, u] += x[:, *i, c].T @ g[:, *o, u]
    return kernel


CONVOLUTIONS = [
    conv("", (2, 6, 5, 3), (3, 2, 3, 4)),
    conv("1-D", (2, 7, 3), (3, 3, 2)),
    conv("3-D", (2, 4, 3, 5, 2), (2, 3, 2, 2, 3), padding="same"),
    conv("of size 1", (2, 3, 4, 3), (1, 1, 3, 5)),
    conv("of size 1, strided", (2, 5, 4, 3), (1, 1, 3, 2), strides=2),
    conv("same", (2, 5, 6, 2), (3, 4, 2, 3), padding="same"),
    conv("same, strided", (2, 7, 6, 2), (3, 3, 2, 3), padding="same", strides=(3, 2)),
    conv("same, one stride of 1", (2, 5, 6, 2), (2, 3, 2, 3), padding="same", strides=(1, 2)),
    conv("causal", (2, 7, 2), (3, 2, 3), padding="causal", dilation_rate=2),
    conv("explicit pairs", (2, 4, 5, 2), (3, 2, 2, 3), padding=((2, 0), (0, 3)), strides=2),
    conv("pairs that cut off", (2, 7, 6, 2), (3, 2, 2, 3), padding=((-2, 1), (0, -1)), strides=2),
    conv("dilated", (2, 7, 8, 2), (3, 2, 2, 3), dilation_rate=(2, 3)),
    conv("dilated and strided", (2, 9, 8, 2), (3, 2, 2, 3), dilation_rate=(2, 3), strides=(2, 3), padding="same"),
    conv("stride above kernel", (2, 8, 7, 2), (2, 1, 2, 3), strides=(3, 2)),
    conv("tiles", (2, 7, 6, 2), (3, 2, 2, 4), strides=(3, 2)),
    conv("tiles, 3-D", (1, 4, 2, 4, 2), (2, 1, 2, 2, 3), strides=(2, 1, 2)),
    conv("groups", (2, 5, 6, 4), (3, 2, 2, 6), groups=2, strides=(1, 2)),
    conv("groups, tiles", (2, 4, 4, 4), (2, 2, 2, 4), groups=2, strides=2),
    conv("depthwise", (2, 5, 6, 3), (3, 2, 1, 6), groups=3, padding="same", strides=(2, 1)),
    conv("depthwise, dilated", (2, 9, 3), (3, 1, 3), groups=3, dilation_rate=3),
    Case(
        "conv_input_gradient",
        conv_input_gradient,
        normal((2, 3, 4, 6), (3, 2, 2, 6)),
        {"window": WINDOW, "sizes": SIZES, "groups": 2},
        input_gradient_by_loops,
        input_gradient,
    ),
    Case(
        "conv_kernel_gradient",
        conv_kernel_gradient,
        normal((2, *SIZES, 4), (2, 3, 4, 6)),
        {"window": WINDOW, "groups": 2},
        kernel_gradient_by_loops,
        kernel_gradient,
    ),
    transpose("", (2, 3, 4, 2), (3, 2, 3, 2)),
    transpose("1-D, strided", (2, 4, 3), (4, 2, 3), strides=2),
    transpose("3-D", (1, 2, 3, 2, 2), (2, 2, 3, 2, 2), strides=2, padding="same"),
    transpose("same", (2, 3, 4, 2), (3, 4, 3, 2), padding="same"),
    transpose("same, strided", (2, 3, 4, 2), (3, 4, 3, 2), padding="same", strides=(2, 3)),
    transpose("stride above kernel", (2, 3, 4, 2), (2, 1, 3, 2), strides=3),
    transpose("same, stride above kernel", (2, 3, 4, 2), (2, 1, 3, 2), strides=3, padding="same"),
    transpose("tiles", (2, 3, 4, 2), (2, 3, 3, 2), strides=(2, 3)),
    transpose("output_padding", (2, 3, 4, 2), (3, 2, 3, 2), strides=2, output_padding=1),
    transpose("output_padding, same", (2, 3, 4, 2), (3, 4, 3, 2), strides=2, output_padding=(0, 1), padding="same"),
    transpose("dilated", (2, 3, 4, 2), (3, 2, 3, 2), dilation_rate=2, padding="same"),
    Case(
        "depthwise_conv",
        ops.depthwise_conv,
        normal((2, 5, 4, 3), (3, 2, 3, 2)),
        {"strides": 2, "padding": "same"},
        naive.depthwise_conv,
    ),
    Case(
        "depthwise_conv 1-D",
        ops.depthwise_conv,
        normal((2, 7, 3), (3, 3, 1)),
        {"dilation_rate": 2},
        naive.depthwise_conv,
    ),
    Case(
        "separable_conv",
        ops.separable_conv,
        normal((2, 5, 4, 3), (3, 2, 3, 2), (1, 1, 6, 4)),
        {"padding": "same"},
        naive.separable_conv,
    ),
]
CASES = CONVOLUTIONS
