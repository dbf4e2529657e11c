from typing import Any

import numpy as np
import pytest

import lamina
from lamina.core import ArgumentError, DataError, DTypeError, ShapeError
from lamina.layers import HashedCrossing, Hashing
from lamina.layers.preprocessing.fingerprint import fingerprint, siphash

SIPHASH = ["310e0edd47db6f72", "fd67dc93c539f874", "5a4fa9d909806c0d", "2d7efbd796666785"]


def test_siphash_vectors_of_the_paper() -> None:
    """Of the messages 00, 00 01, ... under the key 00 01 ... 0f, as Aumasson and Bernstein publish them."""
    key = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
    found = [siphash(bytes(range(n)), key).to_bytes(8, "little").hex() for n in range(4)]
    assert found == SIPHASH


def test_a_fingerprint_depends_on_every_byte() -> None:
    for length in (1, 3, 4, 7, 8, 16, 17, 32, 33, 64, 65, 128, 200):
        text = bytes(range(length))
        changed = [text[:i] + bytes([text[i] ^ 1]) + text[i + 1 :] for i in range(length)]
        assert len({fingerprint(t) for t in [text, *changed]}) == length + 1


@pytest.mark.parametrize("salt", [None, 3, (2**63, 5)])
def test_integers_are_hashed_as_their_decimal_form(salt: Any, rng: np.random.Generator) -> None:
    """On the host and in a compiled step, for every number of digits."""
    edges = [s * v for k in range(10) for v in (10**k, 10**k - 1) for s in (1, -1)]
    values = np.array([0, 2**31 - 1, -(2**31), *edges, *rng.integers(-(2**31), 2**31, 200)], np.int32)
    layer = Hashing(1_000_003, salt=salt)
    expected = layer([str(v) for v in values])
    np.testing.assert_array_equal(layer(values), expected)
    np.testing.assert_array_equal(lamina.compile(lambda x: layer(x))(lamina.Tensor(values)), expected)


def test_buckets_are_evenly_filled() -> None:
    counts = np.bincount(Hashing(10)(np.arange(10_000)), minlength=10)
    assert counts.min() > 900 and counts.max() < 1150


def test_the_masked_value_has_a_bucket_of_its_own() -> None:
    assert Hashing(3, mask_value="")([["", "a"], ["b", "c"]]).numpy().min() == 0
    ids = Hashing(3, mask_value=7)(np.arange(100))
    assert np.flatnonzero(np.asarray(ids) == 0).tolist() == [7]


def test_crossing_of_integers_in_a_compiled_step(rng: np.random.Generator) -> None:
    a, b = rng.integers(-(2**31), 2**31, (2, 50, 1)).astype("int32")
    layer = HashedCrossing(997)
    expected = layer([a, b])
    np.testing.assert_array_equal(lamina.compile(lambda a, b: layer([a, b]))(a, b), expected)
    x, y = lamina.layers.Input((1,), dtype="int32"), lamina.layers.Input((1,), dtype="int32")
    np.testing.assert_array_equal(lamina.Model([x, y], layer([x, y]))([a, b]), expected)
    assert not np.array_equal(layer([b, a]), expected)


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="num_bins is a whole number"):
        Hashing(0)
    for salt in ("a", (1, 2, 3), -1, (1, 2**64)):
        with pytest.raises(ArgumentError, match="salt is a key"):
            Hashing(3, salt=salt)
    with pytest.raises(DataError, match="must be whole numbers"):
        Hashing(3)([0.5])
    with pytest.raises(DTypeError, match="all text or all numbers.*received None"):
        Hashing(3)(["a", None])
    with pytest.raises(ShapeError, match="rows must have one length"):
        Hashing(3)([["a"], ["b", "c"]])
    with pytest.raises(ArgumentError, match="several inputs"):
        HashedCrossing(3)(["a"])
    with pytest.raises(ShapeError, match=r"one value a row.*\(2,\), \(1,\)"):
        HashedCrossing(3)([["a", "b"], [1]])
    with pytest.raises(ShapeError, match="one value a row"):
        HashedCrossing(3)([[["a", "b"]], [[1, 2]]])
    with pytest.raises(ArgumentError, match="Pass them all as arguments"):
        lamina.compile(lambda x: HashedCrossing(3)([x, np.array([1, 2])]))(lamina.Tensor([1, 2]))
