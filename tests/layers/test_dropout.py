import numpy as np
import pytest

from lamina.core import ArgumentError
from lamina.core.random import random_scope
from lamina.layers import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    Layer,
    SpatialDropout2D,
    collect_penalties,
)

X = np.ones((200, 100), "float32")


def run(layer: Layer, x: np.ndarray = X, step: int = 0) -> np.ndarray:
    with random_scope(0, step):
        return layer(x, training=True).numpy()


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_dropout_keeps_the_mean(rate: float) -> None:
    y = run(Dropout(rate))
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / (1 - rate))}
    assert abs((y == 0).mean() - rate) < 0.02


def test_masks_do_not_depend_on_names_but_on_step_seed_and_order() -> None:
    y = run(Dropout(0.5, name="one"))
    np.testing.assert_array_equal(run(Dropout(0.5, name="other")), y)
    assert not np.array_equal(run(Dropout(0.5), step=1), y)
    assert not np.array_equal(run(Dropout(0.5, seed=1)), y)
    assert not np.array_equal(run(Dropout(0.5, seed=1)), run(Dropout(0.5, seed=2)))
    layer = Dropout(0.5)
    with random_scope(0, 0):
        first, second = layer(X, training=True), layer(X, training=True)
    np.testing.assert_array_equal(first, y)
    assert not np.array_equal(first, second)


def test_noise_shape_and_whole_maps() -> None:
    y = run(Dropout(0.5, noise_shape=(None, 1)))
    assert (y == y[:, :1]).all() and 0 < y[:, 0].mean() < 2
    maps = run(SpatialDropout2D(0.5, data_format="channels_first"), np.ones((2, 30, 4, 4), "float32"))
    assert (maps == maps[:, :, :1, :1]).all() and set(np.unique(maps)) == {0.0, 2.0}


def test_gaussian_noise_has_the_asked_moments() -> None:
    y = run(GaussianNoise(0.5))
    assert abs(y.mean() - 1) < 0.02 and abs(y.std() - 0.5) < 0.02
    z = run(GaussianDropout(0.2))
    assert abs(z.mean() - 1) < 0.02 and abs(z.std() - 0.5) < 0.02


def test_alpha_dropout_keeps_mean_and_variance(rng: np.random.Generator) -> None:
    x = rng.normal(size=X.shape).astype("float32")
    y = run(AlphaDropout(0.3), x)
    assert abs(y.mean()) < 0.03 and abs(y.std() - 1) < 0.03
    assert abs((np.abs(y - y.min()) < 1e-5).mean()) < 0.31  # the dropped ones share one value
    rows = run(AlphaDropout(0.3, noise_shape=(None, 1)), x)
    dropped = np.ptp(rows, axis=1) < 1e-5
    assert abs(dropped.mean() - 0.3) < 0.1


def test_activity_regularization_adds_a_penalty() -> None:
    with collect_penalties() as penalties:
        ActivityRegularization(l1=0.1, l2=0.01)(np.array([[1.0, -2.0], [3.0, 0.0]]))
    np.testing.assert_allclose(penalties, [(0.1 * 6 + 0.01 * 14) / 2], rtol=1e-6)


@pytest.mark.parametrize("layer", [Dropout, GaussianDropout, AlphaDropout, SpatialDropout2D])
@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, None])
def test_wrong_rates(layer: type[Layer], rate: object) -> None:
    with pytest.raises(ArgumentError, match=rf"{layer.__name__}: rate is the share.*received {rate}"):
        layer(rate)
    with pytest.raises(ArgumentError, match="stddev"):
        GaussianNoise(-1.0)
