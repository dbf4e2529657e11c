"""Dropout: its mask, its gradient, and whether the bits below it can be told from fair coins.

Statistical limits are some 5 standard deviations, and the keys are fixed: a failure is a defect, not bad luck.
"""

from typing import Any

import numpy as np
import pytest

import lamina
from lamina import Tensor, ops
from lamina.core import ArgumentError
from lamina.core.random import coin, next_key, random_bits, random_scope

N = 1 << 18
STEPS = range(4)


def key(step: int = 0, place: str = "dropout", seed: int = 0) -> Any:
    with random_scope(seed, step):
        return next_key(place)


def uniform(some_key: Any, size: int = N) -> np.ndarray:
    return np.asarray(random_bits(some_key, (size,))).astype("float64") / 2**32


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """In standard deviations of independent numbers: √n times the coefficient."""
    return float(np.corrcoef(a, b)[0, 1] * np.sqrt(len(a)))


def test_kept_values_are_scaled_and_the_mean_stays() -> None:
    y = ops.dropout(np.ones(N), 0.3, key()).numpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.7)}
    assert abs(y.mean() - 1) < 5 * np.sqrt(0.3 / 0.7 / N)


def test_the_gradient_passes_where_the_value_did() -> None:
    x, k = Tensor(np.random.default_rng(0).normal(size=1000)), key()
    kept = ops.dropout(x, 0.5, k).numpy() != 0
    np.testing.assert_array_equal(lamina.grad(lambda x: ops.dropout(x, 0.5, k).sum())(x), kept * 2.0)


def test_the_key_decides() -> None:
    x = np.ones(1000)
    np.testing.assert_array_equal(ops.dropout(x, 0.5, key(3)), ops.dropout(x, 0.5, key(3)))
    for other in (key(4), key(3, "elsewhere"), key(3, seed=1)):
        assert (ops.dropout(x, 0.5, key(3)).numpy() != ops.dropout(x, 0.5, other).numpy()).mean() > 0.4


def test_rates_at_the_ends() -> None:
    x = np.arange(4.0)
    np.testing.assert_array_equal(ops.dropout(x, 0.0, key()), x)
    np.testing.assert_array_equal(ops.dropout(x, 1.0, key()), x * 0)
    with pytest.raises(ArgumentError, match="the rate is a probability"):
        ops.dropout(x, 1.5, key())


def test_noise_shape_drops_whole_maps() -> None:
    y = ops.dropout(np.ones((8, 5, 16)), 0.5, key(), noise_shape=(None, 1, None)).numpy()
    assert (y == y[:, :1]).all() and 0 < (y == 0).mean() < 1


def test_bfloat16_stays() -> None:
    assert ops.dropout(Tensor([1.0, 2.0], "bfloat16"), 0.5, key()).dtype == "bfloat16"


@pytest.mark.parametrize("step", STEPS)
def test_mean_and_variance(step: int) -> None:
    u = uniform(key(step))
    assert abs(u.mean() - 1 / 2) < 5 * np.sqrt(1 / 12 / N)
    assert abs(u.var() - 1 / 12) < 5 * np.sqrt(1 / 180 / N)


@pytest.mark.parametrize("step", STEPS)
def test_each_bit_is_fair(step: int) -> None:
    words = np.asarray(random_bits(key(step), (N,)))
    shares = np.array([(words >> bit & 1).mean() for bit in range(32)])
    assert np.abs(shares - 0.5).max() < 5 * 0.5 / np.sqrt(N)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("cells", [16, 256, 4096])
def test_chi_square_of_equal_cells(step: int, cells: int) -> None:
    counts = np.bincount((uniform(key(step)) * cells).astype(int), minlength=cells)
    chi = ((counts - N / cells) ** 2 / (N / cells)).sum()
    assert abs(chi - (cells - 1)) < 5 * np.sqrt(2 * (cells - 1))


@pytest.mark.parametrize("lag", [1, 2, 3, 5, 16, 64])
def test_chi_square_of_pairs(lag: int) -> None:
    """Neighbours at a lag, on a 64 x 64 board."""
    u = (uniform(key()) * 64).astype(int)
    counts = np.bincount(u[:-lag] * 64 + u[lag:], minlength=4096)
    chi = ((counts - counts.mean()) ** 2 / counts.mean()).sum()
    assert abs(chi - 4095) < 5 * np.sqrt(2 * 4095)


@pytest.mark.parametrize("step", STEPS)
def test_serial_correlation_over_lags(step: int) -> None:
    u = uniform(key(step))
    lags = [*range(1, 65), 100, 128, 256, 784, 1000, 1024, 4096, 65536]
    assert max(abs(correlation(u[:-lag], u[lag:])) for lag in lags) < 5


def test_keys_of_neighbouring_steps_places_and_seeds_are_unrelated() -> None:
    base = uniform(key(0))
    others = [key(s) for s in range(1, 17)] + [key(0, f"dropout_{i}") for i in range(16)]
    others += [key(0, seed=s) for s in range(1, 17)]
    assert max(abs(correlation(base, uniform(other))) for other in others) < 5


def test_the_same_element_over_many_steps_is_random() -> None:
    """What one unit sees: its coin at steps 0 ... 2047."""
    u = np.stack([uniform(key(step), 64) for step in range(2048)])
    assert np.abs(u.mean(0) - 0.5).max() < 5 * np.sqrt(1 / 12 / 2048)
    assert max(abs(correlation(column[:-1], column[1:])) for column in u.T) < 5


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_runs_of_the_coin(p: float) -> None:
    """Wald and Wolfowitz: changes between neighbours have mean 2pq·n and variance 4pq(1 − 3pq)·n."""
    tosses, pq = np.asarray(coin(key(), p, (N,))), p * (1 - p)
    changes = (tosses[1:] != tosses[:-1]).sum()
    assert abs(changes - 2 * pq * (N - 1)) < 5 * np.sqrt(4 * pq * (1 - 3 * pq) * N)
    assert abs(tosses.mean() - p) < 5 * np.sqrt(p * (1 - p) / N)
