import numpy as np
import pytest

from lamina import layers
from lamina.core import ArgumentError, ShapeError


def test_arrangements_are_numpys(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 4, 6, 3)).astype("float32")
    np.testing.assert_array_equal(layers.Flatten()(x), x.reshape(2, -1))
    np.testing.assert_array_equal(layers.Flatten("channels_first")(np.moveaxis(x, -1, 1)), x.reshape(2, -1))
    np.testing.assert_array_equal(layers.Reshape((-1, 9))(x), x.reshape(2, 8, 9))
    np.testing.assert_array_equal(layers.Permute((3, 1, 2))(x), x.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(layers.RepeatVector(3)(x[:, 0, 0]), np.repeat(x[:, :1, 0], 3, 1))
    np.testing.assert_array_equal(
        layers.ZeroPadding2D(((1, 2), (0, 3)))(x), np.pad(x, ((0, 0), (1, 2), (0, 3), (0, 0)))
    )
    np.testing.assert_array_equal(layers.Cropping2D(((1, 2), (0, 3)))(x), x[:, 1:2, :3])
    np.testing.assert_array_equal(layers.UpSampling2D((2, 3))(x), x.repeat(2, 1).repeat(3, 2))
    np.testing.assert_allclose(layers.Rescaling(0.5, [1, 2, 3])(x), x * 0.5 + [1, 2, 3], rtol=1e-6)


@pytest.mark.parametrize("pair", [((1, 1), (1, 1)), (1, 1), 1])
def test_padding_may_be_written_in_three_ways(pair: object) -> None:
    assert layers.ZeroPadding2D(pair)(np.ones((1, 2, 2, 1))).shape == (1, 4, 4, 1)


def test_reshape_keeps_the_number_of_values() -> None:
    with pytest.raises(ShapeError, match=r"Expected 8 values, received 6: shape \(2, 3\) to \(2, 4\)"):
        layers.Reshape((2, 4))(np.ones((5, 2, 3)))
    with pytest.raises(ShapeError, match="or a multiple of it, received 6"):
        layers.Reshape((4, -1))(np.ones((5, 2, 3)))
    assert layers.Reshape(())(np.ones((5, 1))).shape == (5,)


def test_nothing_left_after_cropping() -> None:
    with pytest.raises(ShapeError, match=r"space sizes above \(2, 2\), received \(2, 3\)"):
        layers.Cropping2D(1)(np.ones((1, 2, 3, 1)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Reshape((-1, -1)),
        lambda: layers.Permute((0, 1)),
        lambda: layers.RepeatVector(0),
        lambda: layers.ZeroPadding2D((1, 2, 3)),
        lambda: layers.Cropping1D(-1),
        lambda: layers.UpSampling2D(2, interpolation="area"),
        lambda: layers.Input(),
        lambda: layers.Input((3,), batch_shape=(2, 3)),
        lambda: layers.Input((-3,)),
    ],
)
def test_wrong_arguments(make: object) -> None:
    with pytest.raises(ArgumentError):
        make()


def test_an_input_layer_checks_its_input() -> None:
    layer = layers.InputLayer((3, None), name="pixels", dtype="int32")
    assert layer.output.shape == (None, 3, None) and layer.output.name == "pixels" and layer.output.dtype == "int32"
    assert layer.output is layer.output
    with pytest.raises(ShapeError, match="axis 1 of the input has the wrong size"):
        layer(np.ones((2, 4, 1)))
