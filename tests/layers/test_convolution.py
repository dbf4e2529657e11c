import itertools

import numpy as np
import pytest

from lamina.core import ArgumentError, ShapeError
from lamina.layers import Conv1D, Conv2D, Conv2DTranspose, DepthwiseConv2D, Input, SeparableConv2D


def by_loops(x: np.ndarray, kernel: np.ndarray, stride: int = 1, dilation: int = 1) -> np.ndarray:
    """Convolution of (N, H, W, C) with (KH, KW, C, U), straight from the formula."""
    (n, h, w, _), (kh, kw, _, u) = x.shape, kernel.shape
    rows, columns = ((size - (k - 1) * dilation - 1) // stride + 1 for size, k in ((h, kh), (w, kw)))
    y = np.zeros((n, rows, columns, u))
    for o, p, i, j in itertools.product(range(rows), range(columns), range(kh), range(kw)):
        y[:, o, p] += x[:, o * stride + i * dilation, p * stride + j * dilation] @ kernel[i, j]
    return y


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2)])
def test_conv2d_is_the_formula(rng: np.random.Generator, stride: int, dilation: int) -> None:
    x, kernel, bias = rng.normal(size=(2, 5, 6, 3)), rng.normal(size=(2, 2, 3, 4)), rng.normal(size=4)
    layer = Conv2D(4, 2, strides=stride, dilation_rate=dilation, activation="relu")
    layer(x)
    layer.set_weights([kernel, bias])
    expected = np.maximum(by_loops(x, kernel, stride, dilation) + bias, 0)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-5)


def test_channels_first_is_the_same_transposed(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 5, 6, 3))
    last, first = Conv2D(4, 2, activation="tanh"), Conv2D(4, 2, activation="tanh", data_format="channels_first")
    y, other = last(x), first(np.moveaxis(x, -1, 1))
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(np.moveaxis(first(np.moveaxis(x, -1, 1)), 1, -1), y, rtol=1e-6)
    assert other.shape == (2, 4, 4, 5)


def test_groups_do_not_see_each_other(rng: np.random.Generator) -> None:
    x = rng.normal(size=(1, 3, 3, 4))
    layer = Conv2D(6, 2, groups=2)
    layer(x)
    kernel = layer.kernel.numpy()
    halves = [by_loops(x[..., 2 * g : 2 * g + 2], kernel[..., 3 * g : 3 * g + 3]) for g in (0, 1)]
    np.testing.assert_allclose(layer(x), np.concatenate(halves, -1), rtol=1e-5, atol=1e-5)


def test_a_separable_convolution_is_a_depthwise_one_and_a_mix(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 4, 4, 3))
    layer, depthwise, mix = (
        SeparableConv2D(5, 2, depth_multiplier=2),
        DepthwiseConv2D(2, depth_multiplier=2),
        Conv2D(5, 1),
    )
    y, _ = layer(x), mix(depthwise(x))
    deep, pointwise, bias = layer.get_weights()
    depthwise.set_weights([deep, np.zeros(6)])
    mix.set_weights([pointwise, bias])
    np.testing.assert_allclose(mix(depthwise(x)), y, rtol=1e-5, atol=1e-6)
    middle = by_loops(x[..., :1], deep[:, :, :1])  # the first channel has the first two filters
    np.testing.assert_allclose(depthwise(x)[..., :2], middle, rtol=1e-5, atol=1e-6)


def test_a_transposed_convolution_is_the_adjoint(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(1, 5, 5, 3)), rng.normal(size=(1, 2, 2, 4))
    forth, back = Conv2D(4, 3, strides=2, use_bias=False), Conv2DTranspose(3, 3, strides=2, use_bias=False)
    forth(x), back(y)
    back.set_weights(forth.get_weights())
    np.testing.assert_allclose((forth(x).numpy() * y).sum(), (back(y).numpy() * x).sum(), rtol=1e-4)


def test_causal_outputs_see_no_later_input(rng: np.random.Generator) -> None:
    x = rng.normal(size=(1, 6, 2))
    layer = Conv1D(3, 2, padding="causal", dilation_rate=2)
    y = layer(x).numpy()
    x[:, 4:] += 1.0
    np.testing.assert_array_equal(layer(x)[:, :4], y[:, :4])
    assert (layer(x).numpy()[:, 4:] != y[:, 4:]).all()


def test_a_kernel_larger_than_the_image() -> None:
    with pytest.raises(ShapeError, match=r"window must fit.*at least \(3, 3\), received \(2, 5\)") as caught:
        Conv2D(4, 3, name="c")(np.ones((1, 2, 5, 1)))
    assert "in layer 'c' (Conv2D), input shape (1, 2, 5, 1)" in caught.value.__notes__[0]


def test_wrong_rank_and_unknown_channels() -> None:
    with pytest.raises(ShapeError, match="Expected 4 axes, the first one the batch, received 3"):
        Conv2D(4, 3)(np.ones((28, 28, 1)))
    with pytest.raises(ShapeError, match="axis -1 must be known"):
        Conv2D(4, 3)(Input((28, 28, None)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"filters": 0}, "filters is a whole number"),
        ({"kernel_size": (3, 3, 3)}, "kernel_size"),
        ({"padding": "causal"}, "'valid' or 'same'"),
        ({"strides": 0}, "strides"),
        ({"groups": 3}, "groups must divide the number of filters"),
        ({"data_format": "NHWC"}, "'channels_last' or 'channels_first'"),
        ({"activation": "rleu"}, "Did you mean 'relu'"),
    ],
)
def test_wrong_arguments(settings: dict[str, object], message: str) -> None:
    with pytest.raises((ArgumentError, KeyError), match=message):
        Conv2D(**{"filters": 4, "kernel_size": 3, **settings})
    with pytest.raises(ArgumentError, match="groups must divide the number of channels"):
        Conv2D(4, 3, groups=4)(np.ones((1, 5, 5, 6)))
