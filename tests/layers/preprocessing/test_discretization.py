import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, DataError, DTypeError, NotBuiltError
from lamina.layers import Discretization, Input


def test_bins_begin_at_their_lower_boundary(rng: np.random.Generator) -> None:
    edges = np.sort(rng.normal(size=5)).astype("float32")
    x = np.concatenate([rng.normal(size=20).astype("float32"), edges])
    np.testing.assert_array_equal(Discretization(edges)(x), np.digitize(x, edges))


@pytest.mark.parametrize("bins", [2, 4, 10])
@pytest.mark.parametrize("size", [10_000, 997])
def test_learnt_bins_are_equally_full(bins: int, size: int, rng: np.random.Generator) -> None:
    """Each boundary is a quantile of the data up to epsilon, in one batch and in uneven ones."""
    data = rng.exponential(size=size)
    for source in (data, np.array_split(data, [size // 7, size // 2])):
        layer = Discretization(num_bins=bins)
        layer.adapt(source)
        below = [(data < edge).mean() for edge in layer.bin_boundaries]
        np.testing.assert_allclose(below, np.arange(1, bins) / bins, atol=0.02)


def test_the_state_is_bounded(rng: np.random.Generator) -> None:
    layer = Discretization(num_bins=3, epsilon=0.1)
    layer.adapt((rng.normal(size=1000) for _ in range(50)), steps=20)
    assert len(layer.bin_boundaries) == 2


def test_refusals() -> None:
    with pytest.raises(NotBuiltError, match="Discretization 'd': the boundaries must be learnt first"):
        Discretization(num_bins=3, name="d")(np.ones(3))
    for arguments in ({}, {"bin_boundaries": [1.0], "num_bins": 2}):
        with pytest.raises(ArgumentError, match="given or learnt"):
            Discretization(**arguments)
    with pytest.raises(ArgumentError, match="bin_boundaries rise"):
        Discretization([1.0, 0.0])
    with pytest.raises(ArgumentError, match="received given boundaries"):
        Discretization([1.0]).adapt([1.0, 2.0])
    layer = Discretization(num_bins=2)
    with pytest.raises(DataError, match=r"no NaN, received NaN at \(1,\)"):
        layer.adapt([1.0, np.nan])
    with pytest.raises(DTypeError, match="bins hold numbers"):
        layer.adapt(["a"])
    with pytest.raises(DTypeError, match="bins hold numbers"):
        layer(np.array(["a"]))
    with pytest.raises(DataError, match="nothing to learn"):
        layer.adapt(np.ones((0, 3)))
    layer.adapt([1.0, 2.0])
    lamina.Model(x := Input((1,)), layer(x))
    with pytest.raises(ArgumentError, match="a layer that a model already uses"):
        layer.adapt([3.0])
