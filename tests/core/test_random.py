"""Randomness as a function of (seed, step, place)."""

import numpy as np
import pytest

import lamina
from lamina.core.random import bernoulli, next_key, normal, random_bits, random_scope, uniform


def bits(seed, step, place="here", n=1 << 16):
    with random_scope(seed, step):
        return np.asarray(random_bits(next_key(place), (n,)))


def test_the_same_seed_step_and_place_give_the_same_bits():
    np.testing.assert_array_equal(bits(1, 2), bits(1, 2))


@pytest.mark.parametrize("other", [(1, 3, "here"), (2, 2, "here"), (1, 2, "there")])
def test_any_other_seed_step_or_place_gives_independent_bits(other):
    one, two = bits(1, 2), bits(*other)
    agreement = np.unpackbits((~(one ^ two)).view(np.uint8)).mean()
    assert abs(agreement - 0.5) < 5 * 0.5 / np.sqrt(one.size * 32)


def test_draws_at_one_place_differ_within_a_step():
    with random_scope(0, 0):
        assert not np.array_equal(random_bits(next_key("a"), (8,)), random_bits(next_key("a"), (8,)))


def test_every_bit_is_fair_and_bytes_are_uniform():
    words = bits(3, 1, n=1 << 18)
    ones = np.unpackbits(words.view(np.uint8).reshape(-1, 4), axis=1, bitorder="little").mean(axis=0)
    assert np.abs(ones - 0.5).max() < 5 * 0.5 / np.sqrt(words.size)
    counts = np.bincount(words.view(np.uint8), minlength=256)
    chi2 = ((counts - counts.mean()) ** 2 / counts.mean()).sum()
    assert 255 - 6 * np.sqrt(2 * 255) < chi2 < 255 + 6 * np.sqrt(2 * 255)


@pytest.mark.parametrize("lag", [1, 2, 3, 7, 32, 128, 784, 1024])
def test_neighbours_are_uncorrelated(lag):
    u = bits(4, 9, n=1 << 18) / 2.0**32 - 0.5
    correlation = np.mean(u[:-lag] * u[lag:]) / np.var(u)
    assert abs(correlation) < 5 / np.sqrt(u.size)


def test_consecutive_steps_are_uncorrelated():
    rows = np.stack([bits(0, step, n=4096) for step in range(16)]) / 2.0**32 - 0.5
    correlation = np.corrcoef(rows) - np.eye(16)
    assert np.abs(correlation).max() < 5 / np.sqrt(4096)


def test_distributions():
    lamina.set_seed(11)
    u, z = uniform((200_000,), -1.0, 3.0).numpy(), normal((200_000,), 2.0, 0.5).numpy()
    assert u.min() >= -1.0 and u.max() < 3.0 and abs(u.mean() - 1.0) < 0.02 and abs(u.var() - 16 / 12) < 0.02
    assert abs(z.mean() - 2.0) < 0.01 and abs(z.std() - 0.5) < 0.01
    assert abs(np.mean(((z - 2.0) / 0.5) ** 4) - 3.0) < 0.1
    assert abs(bernoulli((200_000,), 0.1).numpy().mean() - 0.1) < 0.005
    assert bernoulli((10,), 1.0).numpy().all() and not bernoulli((10,), 0.0).numpy().any()


def test_the_state_can_be_taken_and_given_back():
    lamina.set_seed(3)
    uniform((2,))
    first_weights = lamina.layers.Dense(2)
    first_weights.build((None, 3))
    state = lamina.get_random_state()

    def next_ones():
        layer = lamina.layers.Dense(2)
        layer.build((None, 3))
        return layer.get_weights()[0], uniform((3,)).numpy()

    expected = next_ones()
    lamina.set_seed(9)
    lamina.set_random_state(state)
    assert state[0] == 3 and lamina.get_random_state() == state
    for found, wanted in zip(next_ones(), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert not np.array_equal(next_ones()[0], expected[0])
