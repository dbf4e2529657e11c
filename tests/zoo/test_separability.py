"""Either a line between the classes or a point in both hulls: each proof is checked by its definition."""

import numpy as np
import pytest

from lamina.core import ArgumentError
from lamina.datasets import synthetic
from lamina.zoo import linear_separability


def assert_proved(x: np.ndarray, y: np.ndarray, separable: bool) -> None:
    x, proof = np.asarray(x, float), linear_separability(x, y)
    assert proof.separable is separable
    if separable:
        side = x @ proof.weights + proof.bias
        assert ((side > 0) == y).all() and (np.abs(side) >= 1 - 1e-6).all()
    else:
        assert (proof.shares >= 0).all()
        for label in (0, 1):
            own = proof.shares * (y == label)
            assert own.sum() == pytest.approx(1.0)
            np.testing.assert_allclose(own @ x, proof.common_point, atol=1e-8)


@pytest.mark.parametrize("gate", range(16))
def test_of_the_sixteen_gates_only_xor_and_its_negation_are_not_separable(gate):
    x, y = synthetic.xor(4, noise=0.0)[0], np.array([gate >> i & 1 for i in range(4)])
    if 0 < gate < 15:  # the constants have one class only
        assert_proved(x, y, separable=gate not in (0b0110, 0b1001))


@pytest.mark.parametrize(
    ("data", "separable"),
    [(synthetic.lines, True), (synthetic.xor, False), (synthetic.circles, False), (synthetic.moons, False)],
)
def test_synthetic_data(data, separable):
    x, y = data(100, noise=0.0)
    assert_proved(x, y, separable)


@pytest.mark.parametrize("y", [[0, 0, 0], [0, 1, 2], [0, 1]])
def test_other_classes_are_refused(y):
    with pytest.raises(ArgumentError, match="there are two classes"):
        linear_separability(np.eye(3), y)
