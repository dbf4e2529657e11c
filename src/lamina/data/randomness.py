"""Shuffling as a function of (seed, epoch): nothing is remembered between draws, so a run can resume anywhere."""

import numpy as np

SHUFFLE, BUFFER, SPLIT, MAP, SYNTHETIC, WINDOWS = range(6)  # places: two of them never read the same bits


def philox(seed: int, epoch: int = 0, place: int = SHUFFLE, index: int = 0) -> np.random.Philox:
    """Counter-based bits for one place: the key is (seed, epoch), the counter starts at (place, index, 0).

    Streams of different places or indices lie 2^64 blocks apart and do not meet.
    """
    key = np.array([seed % 2**64, epoch % 2**64], np.uint64)
    return np.random.Philox(key=key, counter=[0, index, place, 0])


def generator(seed: int, epoch: int = 0, place: int = SYNTHETIC, index: int = 0) -> np.random.Generator:
    """NumPy's generator on the bits of `philox`."""
    return np.random.Generator(philox(seed, epoch, place, index))


def permutation(n: int, seed: int, epoch: int = 0, place: int = SHUFFLE) -> np.ndarray:
    """The order in which epoch `epoch` visits `n` rows: a pure function of its arguments.

    Sorts n random words whose low bits hold the row, so that no two are equal and any sort gives the
    same order; only Philox's raw bits are used, which NumPy keeps the same from version to version.

    Args:
        n: number of rows, below 2^31.
        seed: any integer.
        epoch: number of the epoch, from 0.
        place: one of this module's places, to tell a shuffle from a split with the same seed.

    Returns:
        int32 array (N,) that holds each of 0 ... n-1 once.

    Example:
        >>> permutation(5, seed=0, epoch=0), permutation(5, seed=0, epoch=1)
        (array([0, 2, 1, 4, 3], dtype=int32), array([3, 2, 4, 1, 0], dtype=int32))

    Reference:
        Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3.
    """
    row_bits = np.uint64(max(n - 1, 0).bit_length())
    words = philox(seed, epoch, place).random_raw(n)
    words = (words >> row_bits << row_bits) | np.arange(n, dtype=np.uint64)
    words.sort()
    return (words & ((np.uint64(1) << row_bits) - np.uint64(1))).astype(np.int32)
