import numpy as np
import pytest

import lamina
from lamina.core import ShapeError
from lamina.layers import Input, Softmax


def softmax(x: np.ndarray) -> np.ndarray:
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


@pytest.mark.parametrize("number", [bool, int, float])
def test_softmax_over_what_the_mask_keeps(rng: np.random.Generator, number: type) -> None:
    x, mask = rng.normal(size=(2, 3, 4)), np.array([[True, False, True, True]])
    y = Softmax()(x, mask=mask.astype(number)).numpy()
    np.testing.assert_allclose(y[..., mask[0]], softmax(x[..., mask[0]]), rtol=1e-5)
    np.testing.assert_array_equal(y[..., 1], 0)


def test_softmax_of_nothing_is_zero_and_has_no_gradient() -> None:
    x = lamina.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = Softmax()(x, mask=np.array([[True, False], [False, False]]))
    np.testing.assert_array_equal(y, [[1, 0], [0, 0]])
    (y * np.array([[3.0, 5.0], [7.0, 11.0]], "float32")).sum().backward()
    np.testing.assert_array_equal(x.grad, np.zeros((2, 2)))


def test_a_masked_softmax_in_bfloat16_and_over_two_axes(rng: np.random.Generator) -> None:
    x, mask = rng.normal(size=(2, 3, 4)), rng.uniform(size=(2, 3, 4)) < 0.5
    y = Softmax(axis=(1, 2), dtype="mixed_bfloat16")(x, mask=mask)
    assert y.dtype == "bfloat16"
    expected = np.where(mask, np.exp(x), 0)
    np.testing.assert_allclose(
        np.asarray(y, "float64"), expected / expected.sum((1, 2), keepdims=True), rtol=0.05, atol=1e-3
    )


def test_a_mask_as_an_input_of_a_model(rng: np.random.Generator) -> None:
    scores, mask = Input((4,)), Input((4,), dtype="bool")
    model = lamina.Model([scores, mask], Softmax()(scores, mask=mask))
    x, keep = rng.normal(size=(3, 4)).astype("float32"), np.array([[True, True, False, False]] * 3)
    np.testing.assert_allclose(model([x, keep])[:, :2], softmax(x[:, :2]), rtol=1e-5)


@pytest.mark.parametrize("shape", [(3,), (1, 2, 4)])
def test_a_mask_that_does_not_fit(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"must broadcast to the input.*\(2, 4\)"):
        Softmax()(np.zeros((2, 4)), mask=np.ones(shape, bool))
