import numpy as np
import pytest

from lamina.core import ShapeError
from lamina.layers import AveragePooling1D, AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling1D, MaxPooling2D


def windows(x: np.ndarray, size: int, stride: int) -> np.ndarray:
    view = np.lib.stride_tricks.sliding_window_view(x, (size, size), (1, 2))
    return view[:, ::stride, ::stride]


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (2, 1), (2, 3)])
def test_pooling_is_the_formula(rng: np.random.Generator, size: int, stride: int) -> None:
    x = rng.normal(size=(2, 7, 6, 3)).astype("float32")
    np.testing.assert_array_equal(MaxPooling2D(size, stride)(x), windows(x, size, stride).max((-1, -2)))
    expected = windows(x, size, stride).mean((-1, -2))
    np.testing.assert_allclose(AveragePooling2D(size, stride)(x), expected, rtol=1e-5, atol=1e-6)


def test_padding_never_wins_and_does_not_count() -> None:
    x = -np.ones((1, 3, 3, 1), "float32")
    np.testing.assert_array_equal(MaxPooling2D(2, padding="same")(x), -np.ones((1, 2, 2, 1)))
    np.testing.assert_array_equal(AveragePooling2D(2, padding="SAME")(x), -np.ones((1, 2, 2, 1)))


def test_global_pooling(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 4, 5, 3))
    np.testing.assert_allclose(GlobalAveragePooling2D()(x), x.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(GlobalMaxPooling1D(data_format="channels_first")(x[0]), x[0].max(2), rtol=1e-6)


def test_a_window_larger_than_the_input() -> None:
    with pytest.raises(ShapeError, match=r"at least \(4,\), received \(3,\)"):
        AveragePooling1D(4)(np.ones((1, 3, 1)))
