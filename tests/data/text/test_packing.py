"""Packing and bucketing, against lists worked out by hand or by plain Python."""

from collections.abc import Iterator

import numpy as np
import pytest

from lamina.core import ArgumentError, DataError
from lamina.data import Dataset
from lamina.data.text import bucket_by_length, pack


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, [[1, 2, 3], [4, 5, 6]]),
        ({"separator": 0}, [[1, 2, 0], [3, 0, 4], [5, 6, 7]]),
        ({"pad": 9}, [[1, 2, 3], [4, 5, 6], [7, 9, 9]]),
        ({"separator": 0, "pad": 9}, [[1, 2, 0], [3, 0, 4], [5, 6, 7], [0, 9, 9]]),
    ],
)
def test_pack(options: dict, wanted: list) -> None:
    packed = pack(iter([[1, 2], [3], [4, 5, 6, 7]]), 3, **options)
    assert packed.dtype == np.int32 and packed.tolist() == wanted


def test_pack_refuses() -> None:
    with pytest.raises(DataError, match="Expected at least 5 tokens, separators included, received 2"):
        pack([[1, 2]], 5)
    with pytest.raises(ArgumentError, match="length counts tokens"):
        pack([[1, 2]], 0)


def elements(seed: int = 0) -> Iterator[tuple[np.ndarray, int]]:
    rng = np.random.default_rng(seed)
    for label in range(97):
        yield rng.integers(1, 9, int(rng.integers(1, 21))), label


def test_buckets() -> None:
    source = Dataset.from_generator(elements)
    batches = list(bucket_by_length(source, [5, 10, 20], batch_size=4, value=-1))
    found = {int(y): x[x >= 0].tolist() for xs, ys in batches for x, y in zip(xs, ys, strict=True)}
    assert found == {label: x.tolist() for x, label in elements()}  # all there, each with its label
    assert {x.shape[1] for x, _ in batches} == {5, 10, 20} and sum(len(x) < 4 for x, _ in batches) <= 3
    for x, _ in batches:
        lengths = (x >= 0).sum(axis=1)
        assert lengths.max() <= x.shape[1] and lengths.min() > {5: 0, 10: 5, 20: 10}[x.shape[1]]
        assert all((row[:n] >= 0).all() for row, n in zip(x, lengths, strict=True))  # padding stands behind
    full = bucket_by_length(source, [5, 10, 20], batch_size=4, drop_remainder=True)
    assert full.batched and {len(x) for x, _ in full} == {4}


def test_buckets_by_a_length_of_ones_own_and_pairs_of_sequences() -> None:
    pairs = [(np.array([1]), np.array([1, 2, 3])), (np.array([4, 5]), np.array([6]))]
    batches = list(bucket_by_length(Dataset.from_generator(lambda: iter(pairs)), [2, 3], 2))
    assert [[part.tolist() for part in batch] for batch in batches] == [
        [[[4, 5]], [[6, 0]]],
        [[[1, 0, 0]], [[1, 2, 3]]],
    ]
    alone = Dataset.from_generator(lambda: iter([np.ones((2, 3)), np.ones((1, 3))]))
    (batch,) = bucket_by_length(alone, [4], 2, length=lambda x: x.shape[0])
    assert batch.shape == (2, 4, 3) and batch.sum() == 9


def test_buckets_refuse() -> None:
    source = Dataset.from_generator(elements)
    for boundaries in ([], [5, 5], [10, 5], [0, 5]):
        with pytest.raises(ArgumentError, match="boundaries are growing lengths"):
            bucket_by_length(source, boundaries, 4)
    with pytest.raises(DataError, match=r"at most 10, the last boundary, received \d+ in element"):
        list(bucket_by_length(source, [10], 4))
