import numpy as np
import pytest

from lamina.core import ArgumentError, ShapeError
from lamina.layers import Dense, EinsumDense, Input

EQUATIONS = [
    ("abc,cd->abd", (None, 4), "d", (2, 5, 3)),
    ("abc,cde->adbe", (4, None, 2), "de", (2, 5, 3)),
    ("abc,bcd->ad", 4, None, (2, 5, 3)),
    ("...bc,cd->...db", (4, None), "d", (2, 6, 5, 3)),
    ("ab...,bc->ac...", 4, "c", (2, 5, 3, 2)),
]


@pytest.mark.parametrize(("equation", "sizes", "bias", "shape"), EQUATIONS)
def test_it_is_einsum_with_a_bias(
    rng: np.random.Generator, equation: str, sizes: object, bias: str | None, shape: tuple[int, ...]
) -> None:
    x = rng.normal(size=shape)
    layer = EinsumDense(equation, sizes, bias_axes=bias, bias_initializer="ones")
    y = layer(x)
    expected = np.einsum(equation, x, layer.kernel.numpy()) + (1 if bias else 0)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)


def test_the_kernel_starts_with_the_variance_of_its_fans() -> None:
    layer = EinsumDense("abc,cde->abde", (None, 20, 30))
    layer(np.zeros((1, 1, 100)))
    assert np.abs(layer.kernel).max() == pytest.approx(np.sqrt(6 / (100 + 20 * 30)), rel=1e-3)
    with_axes = EinsumDense("ab,bc->ac", 4, kernel_initializer="orthogonal")
    assert with_axes(np.zeros((1, 3))).shape == (1, 4)


def test_it_can_be_dense(rng: np.random.Generator) -> None:
    x, dense, einsum = rng.normal(size=(2, 5, 3)), Dense(4, "relu"), EinsumDense("...a,ab->...b", 4, "relu", "b")
    expected = dense(x)
    einsum(x)
    einsum.set_weights(dense.get_weights())
    np.testing.assert_allclose(einsum(x), expected, rtol=1e-6)


@pytest.mark.parametrize("equation", ["ab->ac", "ab,bc", "...a,ab->b", "ab,bc->acd", "ab,bcd->ac", "a...,ab...->b"])
def test_equations_that_say_no_layer(equation: str) -> None:
    with pytest.raises(ArgumentError, match="EinsumDense: "):
        EinsumDense(equation, 3)


def test_a_bias_on_an_axis_that_is_not_there() -> None:
    with pytest.raises(ArgumentError, match="bias_axes.*letters of 'ac', received 'b'"):
        EinsumDense("ab,bc->ac", 3, bias_axes="b")


@pytest.mark.parametrize("sizes", [(6, 4), (None, 4, 4), 4, (None, None)])
def test_sizes_that_are_missing_or_contradict(sizes: object) -> None:
    with pytest.raises(ShapeError):
        EinsumDense("abc,cd->abd", sizes)(np.zeros((2, 5, 3)))


def test_the_summed_axis_must_be_known_and_stay() -> None:
    with pytest.raises(ShapeError, match="must be known"):
        EinsumDense("abc,cd->abd", (None, 4))(Input((5, None)))
    layer = EinsumDense("abc,cd->abd", (None, 4))
    layer(np.zeros((2, 5, 3)))
    assert layer(np.zeros((2, 7, 3))).shape == (2, 7, 4)
    with pytest.raises(ShapeError, match="axis 2 of the input has the wrong size"):
        layer(np.zeros((2, 5, 4)))
