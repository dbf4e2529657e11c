import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.core import ArgumentError, ShapeError


def test_merges_are_the_formulas(rng: np.random.Generator) -> None:
    a, b, c = (rng.normal(size=(2, 3)).astype("float32") for _ in range(3))
    expected = {
        layers.add: a + b + c, layers.multiply: a * b * c, layers.average: (a + b + c) / 3,
        layers.maximum: np.maximum(np.maximum(a, b), c), layers.minimum: np.minimum(np.minimum(a, b), c),
        layers.concatenate: np.concatenate([a, b, c], -1),
    }  # fmt: skip
    for merge, value in expected.items():
        np.testing.assert_allclose(merge([a, b, c]), value, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(layers.subtract([a, b]), a - b)


def test_dot_is_the_formula(rng: np.random.Generator) -> None:
    x, y = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 4, 5))
    np.testing.assert_allclose(layers.dot([x, y], axes=(2, 1)), x @ y, rtol=1e-5)
    np.testing.assert_allclose(layers.dot([x, y], axes=(-1, 1)), x @ y, rtol=1e-5)
    u, v = rng.normal(size=(2, 6)), rng.normal(size=(2, 6))
    cosine = (u * v).sum(-1) / np.linalg.norm(u, axis=-1) / np.linalg.norm(v, axis=-1)
    np.testing.assert_allclose(layers.dot([u, v], normalize=True)[:, 0], cosine, rtol=1e-5)


def test_fewer_axes_are_filled_up_after_the_batch() -> None:
    y = layers.add([np.zeros((2, 3, 4), "float32"), np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]], "float32")])
    np.testing.assert_array_equal(y[1, 2], [5, 6, 7, 8])


@pytest.mark.parametrize(
    ("layer", "shapes", "message"),
    [
        (layers.Add(name="a"), [(2, 3), (2, 4)], r"Add 'a': the inputs must have shapes that fit.*\(2, 3\), \(2, 4\)"),
        (
            layers.Concatenate(),
            [(2, 3, 4), (2, 5, 4)],
            r"equal sizes, except along axis -1, received \(2, 3, 4\), \(2, 5, 4\)",
        ),
        (layers.Concatenate(), [(2, 3, 4), (2, 4)], "the same number of axes"),
        (layers.Concatenate(axis=3), [(2, 3), (2, 4)], "axis 3 in all"),
        (layers.Subtract(), [(2, 3)] * 3, "two inputs"),
        (layers.Dot(axes=1), [(2, 3), (2, 4)], r"equal sizes along axes \(1, 1\)"),
    ],
)
def test_shapes_that_do_not_fit(layer: layers.Layer, shapes: list[tuple[int, ...]], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        layer([np.ones(shape) for shape in shapes])


def test_a_list_is_needed() -> None:
    with pytest.raises(ArgumentError, match=r"a list of at least 2, received one input of shape \(2, 3\)"):
        layers.Add()(np.ones((2, 3)))
    with pytest.raises(ArgumentError, match="received 1 input"):
        layers.Add()([np.ones((2, 3))])
    with pytest.raises(ArgumentError, match="not the batch axis"):
        layers.Dot(axes=0)


def test_merging_symbols() -> None:
    a, b = layers.Input((None, 3)), layers.Input((None, 5))
    assert lamina.layers.concatenate([a, b]).shape == (None, None, 8)
