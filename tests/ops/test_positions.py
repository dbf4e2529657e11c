"""Positions against the papers' formulas, written out in NumPy."""

import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import ShapeError


def test_sine_waves_are_those_of_the_paper() -> None:
    expected = np.zeros((50, 6))
    for p in range(50):
        for i in range(3):
            expected[p, 2 * i] = np.sin(p / 10000 ** (2 * i / 6))
            expected[p, 2 * i + 1] = np.cos(p / 10000 ** (2 * i / 6))
    np.testing.assert_allclose(ops.sinusoidal_positions(50, 6), expected, atol=1e-6)
    odd = ops.sinusoidal_positions(4, 5, base=100.0)
    np.testing.assert_allclose(odd[3], [np.sin(3), np.cos(3), *(f(3 / 100 ** (2 / 5)) for f in (np.sin, np.cos)),
                                        np.sin(3 / 100 ** (4 / 5))], atol=1e-6)  # fmt: skip


@pytest.mark.parametrize("interleaved", [False, True])
def test_scores_of_turned_vectors_depend_on_the_distance_only(interleaved: bool, rng: np.random.Generator) -> None:
    """Eq. 11 of the RoFormer paper; and turning does not change lengths."""
    q, k = rng.normal(size=(2, 1, 1, 8))

    def score(m: int, n: int) -> float:
        turned = [ops.rotary_embedding(x, [p], interleaved=interleaved) for x, p in ((q, m), (k, n))]
        return float((turned[0] * turned[1]).sum())

    assert score(3, 1) == pytest.approx(score(12, 10), rel=1e-5)
    assert abs(score(3, 1) - score(3, 2)) > 1e-3
    turned = ops.rotary_embedding(q, [1234], interleaved=interleaved)
    np.testing.assert_allclose(ops.norm(turned), np.linalg.norm(q), rtol=1e-6)


def test_backward_turns_back(rng: np.random.Generator) -> None:
    x, positions = Tensor(rng.normal(size=(1, 3, 4))), [0, 5, 2]
    through = lamina.grad(lambda x: (ops.rotary_embedding(x, positions) ** 2.0).sum())
    np.testing.assert_allclose(through(x), 2 * x.numpy(), rtol=1e-5)  # R is orthogonal: RᵀRx = x
    lamina.gradcheck(lambda x: ops.rotary_embedding(x, np.array(positions)), x, order=2)


def test_what_cannot_be_turned_is_refused() -> None:
    with pytest.raises(ShapeError, match="pairs"):
        ops.rotary_embedding(np.ones((1, 2, 3)), [0, 1])
    with pytest.raises(ShapeError, match="one position for each place"):
        ops.rotary_embedding(np.ones((1, 2, 4)), [0, 1, 2])


@pytest.mark.parametrize("heads", [1, 3, 8, 12])
def test_alibi_is_the_papers_bias(heads: int) -> None:
    """The slopes as in the paper's text, for 8 heads 1/2, 1/4 ... 1/256, and its interpolation for other numbers."""

    def slopes(n: int) -> list[float]:
        if n & (n - 1) == 0:
            start = 2 ** (-8 / n)
            return [start ** (i + 1) for i in range(n)]
        below = 2 ** (n.bit_length() - 1)
        return slopes(below) + slopes(2 * below)[::2][: n - below]

    bias = ops.alibi_bias(heads, 3, 5)
    assert bias.shape == (heads, 3, 5)
    for h, slope in enumerate(slopes(heads)):
        for t in range(3):
            for s in range(5):
                assert float(bias[h, t, s]) == pytest.approx(-slope * abs(t + 2 - s), rel=1e-6)


def test_alibi_as_bias_of_attention_prefers_what_is_near(rng: np.random.Generator) -> None:
    q = k = v = np.zeros((1, 4, 2, 3), "float32")
    bias = ops.alibi_bias(2, 4)
    _, weights = ops.dot_product_attention(q, k, v, bias=bias, is_causal=True, return_weights=True)
    raw = np.where(np.tril(np.ones((4, 4), bool)), np.exp(bias.numpy()), 0)
    np.testing.assert_allclose(weights[0], raw / raw.sum(-1, keepdims=True), rtol=1e-5)
