"""Text and whole numbers to buckets 0 ... bins − 1, the same on the host and in a compiled step."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...core import ArgumentError, as_array, is_float
from .fingerprint import (
    ARRAYS,
    crossed,
    fingerprint,
    sip_block,
    sip_end,
    sip_start,
    siphash,
    up_to_3,
    up_to_7,
    up_to_16,
)
from .host import is_text, is_traced, whole_numbers

Salt = tuple[int, int] | None
_DIGITS = 10  # of a 32-bit integer
_CROSSING_SEED = 0xDECAFCAFFE


def check_salt(salt: Any, who: str) -> Salt:
    """A key of two words: None, one integer for both, or two."""
    if salt is None:
        return None
    both = (salt, salt) if isinstance(salt, int) else tuple(salt) if isinstance(salt, (tuple, list)) else ()
    if len(both) == 2 and all(isinstance(word, int) and 0 <= word < 2**64 for word in both):
        return both
    raise ArgumentError(
        who,
        "salt is a key of two 64-bit words",
        expected="None, an integer >= 0, or two of them",
        received=repr(salt),
        remedy="For example salt=137",
    )


def numbers_or_text(values: Any, who: str) -> Any:
    """What can be hashed: text or whole numbers on the host, or an array of a compiled step."""
    if is_traced(values):
        array = as_array(values)
        return array.astype(jnp.int32) if is_float(array.dtype) else array
    return values if is_text(values) else whole_numbers(values, who)


def bucket(values: Any, bins: int, salt: Salt = None) -> Any:
    """FarmHash64 of the text, or of the decimal form of the number, modulo `bins`; with a salt, SipHash-2-4.

    Args:
        values: text or integers from `numbers_or_text`.
        bins: number of buckets.
        salt: the key of SipHash.

    Example:
        >>> bucket(np.array(["A", "B", "C"], dtype=object), 3), bucket(np.array([7, -7]), 100)
        (array([1, 0, 1]), array([88, 62]))
    """
    if isinstance(values, jax.Array):
        with jax.enable_x64(True):
            return (_hash_of_integers(values, salt) % np.uint64(bins)).astype(jnp.int32)
    return _each(values, lambda value: hash_of(str(value), salt) % bins)


def hash_of(text: str, salt: Salt = None) -> int:
    """The 64-bit hash of a string."""
    return siphash(text.encode(), salt) if salt else fingerprint(text.encode())


def cross(columns: list[Any], bins: int) -> Any:
    """One bucket for each combination of values; text counts by its FarmHash64, a number as it is.

    Args:
        columns: arrays of one shape from `numbers_or_text`, all on the host or all of a compiled step.
        bins: number of buckets.
    """
    if isinstance(columns[0], jax.Array):
        with jax.enable_x64(True):
            result: Any = jnp.full(columns[0].shape, _CROSSING_SEED, jnp.uint64)
            for column in columns:
                result = crossed(result, column.astype(jnp.int64).astype(jnp.uint64), ARRAYS)
            return (result % np.uint64(bins)).astype(jnp.int32)
    rows = zip(*(column.ravel().tolist() for column in columns), strict=True)
    return np.array([_cross_row(row) % bins for row in rows], np.int64).reshape(columns[0].shape)


def _cross_row(row: tuple[Any, ...]) -> int:
    result = _CROSSING_SEED
    for value in row:
        result = crossed(result, hash_of(value) if isinstance(value, str) else int(value) % 2**64)
    return result


def _each(values: np.ndarray, function: Any) -> np.ndarray:
    """`function` of every value, worked out once for equal ones."""
    flat = values.ravel().tolist()
    known = {value: function(value) for value in set(flat)}
    return np.array([known[value] for value in flat], np.int64).reshape(values.shape)


def _hash_of_integers(values: jax.Array, salt: Salt) -> jax.Array:
    """The hash of the decimal form of 32-bit integers, in 64-bit arithmetic."""
    codes, length = _decimal(values.astype(jnp.int64))
    first, size = _fetch(codes, jnp.zeros_like(length), 8), length.astype(jnp.uint64)
    if salt is not None:
        return _salted(codes, first, length, salt)
    few = _at(codes, jnp.stack([jnp.zeros_like(length), length >> 1, length - 1], -1))
    three = up_to_3(few[..., 0], few[..., 1], few[..., 2], size, ARRAYS)
    seven = up_to_7(first & np.uint64(0xFFFFFFFF), _fetch(codes, length - 4, 4), size, ARRAYS)
    sixteen = up_to_16(first, _fetch(codes, length - 8, 8), size, ARRAYS)
    return jnp.where(length >= 8, sixteen, jnp.where(length >= 4, seven, three))


def _salted(codes: jax.Array, first: jax.Array, length: jax.Array, salt: tuple[int, int]) -> jax.Array:
    start = tuple(jnp.full(length.shape, np.uint64(word)) for word in sip_start(salt))
    after = sip_block(start, first, ARRAYS)
    state = tuple(jnp.where(length >= 8, long, short) for long, short in zip(after, start, strict=True))
    rest = jnp.where(length >= 8, _fetch(codes, jnp.full_like(length, 8), 8), first)
    return sip_end(sip_block(state, rest | length.astype(jnp.uint64) << np.uint64(56), ARRAYS), ARRAYS)


def _decimal(values: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The characters of the decimal form, as numbers along a new last axis with zeros behind, and how many they are."""
    size, sign = jnp.abs(values)[..., None], (values < 0)[..., None].astype(jnp.int64)
    powers = jnp.asarray(10 ** np.arange(_DIGITS))
    digits = jnp.maximum((size >= powers).sum(-1, keepdims=True), 1)
    place = digits - 1 + sign - jnp.arange(_DIGITS + 1)  # power of ten of each character
    code = ord("0") + size // powers[jnp.clip(place, 0, _DIGITS - 1)] % 10
    code = jnp.where(place < 0, 0, jnp.where(place >= digits, ord("-"), code))
    return code.astype(jnp.uint64), (digits + sign)[..., 0]


def _at(codes: jax.Array, places: jax.Array) -> jax.Array:
    """The characters at `places` (..., M), 0 outside."""
    found = jnp.take_along_axis(codes, jnp.clip(places, 0, _DIGITS), -1)
    return jnp.where((places >= 0) & (places <= _DIGITS), found, np.uint64(0))


def _fetch(codes: jax.Array, start: jax.Array, size: int) -> jax.Array:
    """`size` characters from `start` on as one word, the first in the lowest bits."""
    characters = _at(codes, start[..., None] + jnp.arange(size))
    return (characters << (8 * np.arange(size, dtype=np.uint64))).sum(-1)
