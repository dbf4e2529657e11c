import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError
from lamina.layers import AdaptiveAveragePooling1D, AdaptiveMaxPooling1D, AdaptiveMaxPooling2D


@pytest.mark.parametrize("n", [4, 5, 7, 10, 11])
@pytest.mark.parametrize("m", [1, 2, 3, 4, 7, 12])
def test_windows_cover_everything_and_differ_by_one(n: int, m: int) -> None:
    """Each window's mean, taken from unit vectors: which positions it sees, with equal shares."""
    share = AdaptiveAveragePooling1D(m)(np.eye(n)[None])[0].numpy()
    sizes = (share > 0).sum(1)
    assert (share > 0).any(0).all() and np.ptp(sizes) <= 1
    np.testing.assert_allclose(share.max(1), 1 / sizes, rtol=1e-6)
    np.testing.assert_allclose(share.sum(1), 1, rtol=1e-6)
    np.testing.assert_array_equal(share > 0, (share > 0)[::-1, ::-1])  # symmetric


def test_the_gradient_goes_to_the_first_of_equal_values() -> None:
    x = lamina.Tensor(np.ones((1, 5, 1), "float32"), requires_grad=True)
    AdaptiveMaxPooling1D(3)(x).sum().backward()
    np.testing.assert_array_equal(x.grad[0, :, 0], [1, 1, 0, 1, 0])


def test_output_size_is_checked() -> None:
    with pytest.raises(ArgumentError, match="AdaptiveMaxPooling2D: output_size must be positive"):
        AdaptiveMaxPooling2D((2, 0))
