"""The order of rows: a permutation, the same for the same arguments, and fair."""

import numpy as np
import pytest

from lamina.data.randomness import BUFFER, SHUFFLE, SPLIT, generator, permutation, philox


@pytest.mark.parametrize("n", [0, 1, 2, 3, 31, 32, 33, 1000, 60_000])
def test_every_row_once(n: int) -> None:
    order = permutation(n, seed=3, epoch=5)
    assert order.dtype == np.int32 and order.shape == (n,)
    assert np.array_equal(np.sort(order), np.arange(n))


def test_a_function_of_seed_epoch_and_place() -> None:
    first = permutation(100, 1, 2)
    assert np.array_equal(first, permutation(100, 1, 2))
    for other in [
        permutation(100, 2, 2),
        permutation(100, 1, 3),
        permutation(100, 1, 2, SPLIT),
        permutation(100, 2, 1),
    ]:
        assert not np.array_equal(first, other)


def philox_4x64_10(counter: list[int], key: list[int]) -> list[int]:
    """One block of four words, written from the paper (Salmon et al. 2011, section 3.3)."""
    a, b, c, d = counter
    for _ in range(10):
        first, second = a * 0xD2E7470EE14C6C93, c * 0xCA5A826395121157
        a, b, c, d = (second >> 64) ^ b ^ key[0], second % 2**64, (first >> 64) ^ d ^ key[1], first % 2**64
        key = [(key[0] + 0x9E3779B97F4A7C15) % 2**64, (key[1] + 0xBB67AE8584CAA73B) % 2**64]
    return [a, b, c, d]


@pytest.mark.parametrize(("seed", "epoch", "place"), [(42, 7, SHUFFLE), (2**63 + 5, 0, SPLIT)])
def test_the_order_is_that_of_the_papers_bits(seed: int, epoch: int, place: int) -> None:
    """So a run that is resumed under another version of NumPy visits the rows in the same order."""
    words = [word for block in (1, 2, 3) for word in philox_4x64_10([block, 0, place, 0], [seed, epoch])]
    assert permutation(12, seed, epoch, place).tolist() == sorted(range(12), key=lambda row: words[row] >> 4)


def test_any_integer_is_a_seed() -> None:
    assert permutation(50, -1).tolist() == permutation(50, 2**64 - 1).tolist() != permutation(50, 1).tolist()


def test_every_order_is_as_likely() -> None:
    """24 orders of 4 rows over 24,000 epochs: chi-squared with 23 degrees of freedom, far below its 1e-6 quantile."""
    orders = [tuple(permutation(4, 0, epoch)) for epoch in range(24_000)]
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == 24
    assert ((counts - 1000) ** 2 / 1000).sum() < 70


def test_neighbours_are_torn_apart() -> None:
    """The rank correlation of position and row over 60,000 rows is that of chance (standard deviation 0.004)."""
    assert abs(np.corrcoef(permutation(60_000, 0), np.arange(60_000))[0, 1]) < 0.02


def test_places_and_indices_read_different_bits() -> None:
    streams = [philox(1, 2, place, index).random_raw(64) for place in (SHUFFLE, BUFFER) for index in (0, 1, 2)]
    assert len(np.unique(np.concatenate(streams))) == 6 * 64


def test_generator_starts_afresh() -> None:
    assert (
        generator(1, 2, BUFFER, 3).random()
        == generator(1, 2, BUFFER, 3).random()
        != generator(1, 2, BUFFER, 4).random()
    )
