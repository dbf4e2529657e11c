import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, DataError, DTypeError, gradients
from lamina.layers import CategoryEncoding


def by_hand(ids: np.ndarray, depth: int, weights: np.ndarray) -> np.ndarray:
    table = np.zeros((len(ids), depth))
    for n, t in np.ndindex(ids.shape):
        table[n, ids[n, t]] += weights[n, t]
    return table


def test_counts_with_weights_and_their_gradient(rng: np.random.Generator) -> None:
    ids, weights = rng.integers(0, 5, (4, 6)), rng.normal(size=(4, 6)).astype("float32")
    layer, g = CategoryEncoding(5, output_mode="count"), rng.normal(size=(4, 5)).astype("float32")
    np.testing.assert_allclose(layer(ids), by_hand(ids, 5, np.ones((4, 6))))
    w = lamina.Tensor(weights, requires_grad=True)
    output = layer(ids, count_weights=w)
    np.testing.assert_allclose(output, by_hand(ids, 5, weights), rtol=1e-5, atol=1e-6)
    (found,) = gradients((output * g).sum(), [w])
    np.testing.assert_allclose(found, np.take_along_axis(g, ids, 1), rtol=1e-6)
    np.testing.assert_array_equal(CategoryEncoding(5)(ids), by_hand(ids, 5, weights * 0 + 1) > 0)


def test_the_last_axis_is_the_sample(rng: np.random.Generator) -> None:
    ids = rng.integers(0, 3, (2, 4, 5))
    expected = [by_hand(part, 3, np.ones((4, 5))) for part in ids]
    np.testing.assert_array_equal(CategoryEncoding(3, output_mode="count")(ids), expected)
    assert CategoryEncoding(3, output_mode="one_hot")(ids).shape == (2, 4, 5, 3)


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count"])
def test_one_number(mode: str) -> None:
    assert CategoryEncoding(3, output_mode=mode)(2).tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("wrong", [4, -1])
def test_numbers_out_of_range(mode: str, wrong: int) -> None:
    layer, ids = CategoryEncoding(4, output_mode=mode, name="c"), np.array([[0, 1], [2, 3], [1, wrong]])
    with pytest.raises(DataError, match=rf"CategoryEncoding 'c'.*Expected 0 ... 3, received {wrong} in row 2"):
        layer(ids)
    step = lamina.compile(lambda x: layer(x))
    step(lamina.Tensor(ids % 4))
    output = step(lamina.Tensor(ids)).numpy()
    assert np.isnan(output[2]).any() and np.isfinite(output[:2]).all()


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="num_tokens is a whole number"):
        CategoryEncoding()
    with pytest.raises(ArgumentError, match="output_mode has a fixed set"):
        CategoryEncoding(3, output_mode="int")
    with pytest.raises(ArgumentError, match="count_weights belong to counting"):
        CategoryEncoding(3)([[1]], count_weights=[[1.0]])
    with pytest.raises(DTypeError, match="StringLookup turns text into integers"):
        CategoryEncoding(3)(np.array(["a"]))
    with pytest.raises(DataError, match=r"0.5 at \(0, 1\)"):
        CategoryEncoding(3)([[1.0, 0.5]])
    assert CategoryEncoding(3, output_mode="binary").output_mode == "multi_hot"
