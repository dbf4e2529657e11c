"""Generated points: each class on its curve, evenly spread, with noise of the stated size."""

from collections.abc import Callable

import numpy as np
import pytest

from lamina.core import ArgumentError
from lamina.datasets import synthetic
from lamina.datasets.synthetic import blobs, circles, lines, moons, spirals, xor

ALL = [xor, moons, circles, spirals, blobs, lines]
every = pytest.mark.parametrize("make", ALL, ids=lambda f: f.__name__)
N = 20_000


def is_uniform(u: np.ndarray) -> bool:
    """Kolmogorov's distance to the uniform distribution on [0, 1], below its 1e-6 quantile."""
    u = np.sort(u)
    return bool(np.abs(u - (np.arange(len(u)) + 0.5) / len(u)).max() < 2.7 / np.sqrt(len(u)))


@every
@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_form(make: Callable, n: int) -> None:
    x, y = make(n)
    assert x.shape == (n, 2) and x.dtype == np.float32 and y.shape == (n,) and y.dtype == np.int32
    assert np.isfinite(x).all()


@every
def test_classes_have_one_size(make: Callable) -> None:
    _, y = make(997)
    assert np.ptp(np.bincount(y)) <= (1 if make is not xor else 2)


@every
def test_the_seed_decides(make: Callable) -> None:
    assert np.array_equal(make(50, seed=3)[0], make(50, seed=3)[0])
    assert not np.array_equal(make(50, seed=3)[0], make(50, seed=4)[0])


@every
def test_noise_is_normal_and_independent_in_both_coordinates(make: Callable) -> None:
    clean, noisy = make(N, noise=0.0, seed=1)[0], make(N, noise=0.3, seed=1)[0]
    shift = (noisy.astype(float) - clean) / 0.3
    assert np.abs(shift.mean(axis=0)).max() < 5 / np.sqrt(N)
    assert np.abs(shift.std(axis=0) - 1).max() < 5 / np.sqrt(2 * N)
    assert abs(np.corrcoef(shift.T)[0, 1]) < 5 / np.sqrt(N)
    assert np.mean(np.abs(shift) < 1.959964) == pytest.approx(0.95, abs=0.005)


@every
def test_refused(make: Callable) -> None:
    name = make.__name__
    with pytest.raises(ArgumentError, match=f"{name}: n must be at least 1. Expected n >= 1, received 0"):
        make(0)
    with pytest.raises(ArgumentError, match=f"{name}: noise must be at least 0. Expected noise >= 0, received -1"):
        make(10, noise=-1)
    for options in ({"arms": 0} if make is spirals else {}, {"centers": 0} if make is blobs else {}):
        if options:
            with pytest.raises(ArgumentError, match="the number of classes must be at least 1"):
                make(10, **options)


def test_xor() -> None:
    x, y = xor(N, noise=0.0)
    assert np.array_equal(y, np.logical_xor(x[:, 0], x[:, 1])) and set(x.ravel()) == {0.0, 1.0}
    assert np.unique(x, axis=0, return_counts=True)[1].tolist() == [N // 4] * 4


def test_moons() -> None:
    x, y = moons(N, noise=0.0)
    upper, lower = x[y == 0], x[y == 1]
    assert np.allclose((upper**2).sum(axis=1), 1, atol=1e-6) and (upper[:, 1] >= 0).all()
    assert np.allclose(((lower - [1, 0.5]) ** 2).sum(axis=1), 1, atol=1e-6) and (lower[:, 1] <= 0.5).all()
    assert is_uniform(np.arctan2(upper[:, 1], upper[:, 0]) / np.pi)
    assert is_uniform(np.arctan2(0.5 - lower[:, 1], 1 - lower[:, 0]) / np.pi)


@pytest.mark.parametrize("factor", [0.5, 0.8])
def test_circles(factor: float) -> None:
    x, y = circles(N, noise=0.0, factor=factor)
    for label, radius in ((0, 1.0), (1, factor)):
        points = x[y == label]
        assert np.allclose(np.hypot(*points.T), radius, atol=1e-6)
        assert is_uniform(np.arctan2(points[:, 1], points[:, 0]) / (2 * np.pi) % 1.0)


@pytest.mark.parametrize(("arms", "turns"), [(2, 1.5), (3, 1.0), (5, 0.25)])
def test_spirals(arms: int, turns: float) -> None:
    x, y = spirals(N, noise=0.0, arms=arms, turns=turns)
    radius, angle = np.hypot(*x.T.astype(float)), np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi)
    off = angle - turns * radius - y / arms
    assert np.allclose(off, np.round(off), atol=1e-5)  # whole turns
    assert is_uniform((radius - 0.1) / 0.9) and len(np.bincount(y)) == arms


@pytest.mark.parametrize("centers", [1, 3, 4])
def test_blobs(centers: int) -> None:
    x, y = blobs(N, noise=0.25, centers=centers)
    for k in range(centers):
        points = x[y == k].astype(float)
        where = [np.cos(2 * np.pi * k / centers), np.sin(2 * np.pi * k / centers)]
        assert np.abs(points.mean(axis=0) - where).max() < 5 * 0.25 / np.sqrt(len(points))
        assert np.abs(points.std(axis=0) - 0.25).max() < 5 * 0.25 / np.sqrt(2 * len(points))


def test_lines_have_the_stated_margin() -> None:
    x, y = lines(N, noise=0.0)
    assert np.allclose(x[:, 1] - x[:, 0], y - 0.5, atol=1e-6)
    distance = (x[:, 1] - x[:, 0]) / np.sqrt(2) * (2 * y - 1)
    assert distance.min() == pytest.approx(1 / np.sqrt(8), abs=1e-6)
    assert is_uniform((x[:, 0] + 1) / 2) and np.abs(x[:, 0]).max() <= 1


def test_lines_let_the_perceptron_rule_converge_and_xor_does_not() -> None:
    def mistakes_of_the_last_epoch(x: np.ndarray, y: np.ndarray) -> int:
        w, inputs, signs = np.zeros(3), np.column_stack([x, np.ones(len(x))]), 2 * y - 1
        for _ in range(100):
            mistakes = 0
            for row, sign in zip(inputs, signs, strict=True):
                if sign * (w @ row) <= 0:
                    w, mistakes = w + sign * row, mistakes + 1
            if not mistakes:
                break
        return mistakes

    assert mistakes_of_the_last_epoch(*lines(200, noise=0.0)) == 0
    assert mistakes_of_the_last_epoch(*xor(4, noise=0.0)) > 0


def test_nothing_else_is_public() -> None:
    functions = {
        name for name, value in vars(synthetic).items() if callable(value) and value.__module__ == synthetic.__name__
    }
    assert {name for name in functions if not name.startswith("_")} == {make.__name__ for make in ALL}
