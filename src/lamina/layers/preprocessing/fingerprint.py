"""Hashes of text that are the same on every machine and in every year: FarmHash64 and, with a key, SipHash-2-4.

The formulas work on Python integers, where `wrap` keeps 64 bits, and on uint64 arrays, which keep them anyway.

Reference: Pike, FarmHash (2014); Aumasson and Bernstein, SipHash (2012).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_CROSS = 0xC6A4A7935BD1E995


class Words(NamedTuple):
    """How 64-bit words are made and kept."""

    wrap: Callable[[Any], Any]
    number: Callable[[int], Any]


INTEGERS = Words(lambda value: value & 0xFFFFFFFFFFFFFFFF, int)
ARRAYS = Words(lambda value: value, np.uint64)


def rotate(value: Any, right: int, words: Words = INTEGERS) -> Any:
    """Bits moved to the right, those that fall out coming in from the left."""
    return value if right == 0 else (value >> right) | words.wrap(value << (64 - right))


def mix(value: Any) -> Any:
    """The upper bits into the lower ones."""
    return value ^ (value >> 47)


def join(u: Any, v: Any, multiplier: Any, words: Words = INTEGERS) -> Any:
    """One word from two."""
    a = mix(words.wrap((u ^ v) * multiplier))
    b = mix(words.wrap((v ^ a) * multiplier))
    return words.wrap(b * multiplier)


def up_to_3(first: Any, middle: Any, last: Any, length: Any, words: Words = INTEGERS) -> Any:
    """FarmHash64 of 1 to 3 bytes."""
    y, z = first + (middle << 8), length + (last << 2)
    return words.wrap(mix(words.wrap(y * words.number(K2)) ^ words.wrap(z * words.number(K0))) * words.number(K2))


def up_to_7(first: Any, last: Any, length: Any, words: Words = INTEGERS) -> Any:
    """FarmHash64 of 4 to 7 bytes, of which `first` and `last` are the outer fours."""
    return join(length + (first << 3), last, words.number(K2) + length * 2, words)


def up_to_16(first: Any, last: Any, length: Any, words: Words = INTEGERS) -> Any:
    """FarmHash64 of 8 to 16 bytes, of which `first` and `last` are the outer eights."""
    multiplier, a = words.number(K2) + length * 2, words.wrap(first + words.number(K2))
    c = words.wrap(rotate(last, 37, words) * multiplier + a)
    d = words.wrap((rotate(a, 25, words) + last) * multiplier)
    return join(c, d, multiplier, words)


def fingerprint(text: bytes) -> int:
    """FarmHash64 of bytes of any length.

    Example:
        >>> hex(fingerprint(b"lamina"))
        '0x1ba9b61a2dad25ee'
    """
    length = len(text)
    if length > 64:
        return _long(text)
    if length > 32:
        return _up_to_64(text)
    if length > 16:
        return _up_to_32(text)
    if length >= 8:
        return up_to_16(_word(text, 0), _word(text, length - 8), length)
    if length >= 4:
        return up_to_7(_word(text, 0, 4), _word(text, length - 4, 4), length)
    return up_to_3(text[0], text[length >> 1], text[-1], length) if length else K2


def _word(text: bytes, start: int, size: int = 8) -> int:
    return int.from_bytes(text[start : start + size], "little")


def _up_to_32(text: bytes) -> int:
    wrap, length = INTEGERS.wrap, len(text)
    multiplier = K2 + length * 2
    a, b = wrap(_word(text, 0) * K1), _word(text, 8)
    c, d = wrap(_word(text, length - 8) * multiplier), wrap(_word(text, length - 16) * K2)
    u = rotate(wrap(a + b), 43) + rotate(c, 30) + d
    return join(wrap(u), wrap(a + rotate(wrap(b + K2), 18) + c), multiplier)


def _up_to_64(text: bytes) -> int:
    wrap, length = INTEGERS.wrap, len(text)
    multiplier = K2 + length * 2
    a, b = wrap(_word(text, 0) * K2), _word(text, 8)
    c, d = wrap(_word(text, length - 8) * multiplier), wrap(_word(text, length - 16) * K2)
    y = wrap(rotate(wrap(a + b), 43) + rotate(c, 30) + d)
    z = join(y, wrap(a + rotate(wrap(b + K2), 18) + c), multiplier)
    e, f = wrap(_word(text, 16) * multiplier), _word(text, 24)
    g = wrap((y + _word(text, length - 32)) * multiplier)
    h = wrap((z + _word(text, length - 24)) * multiplier)
    u = rotate(wrap(e + f), 43) + rotate(g, 30) + h
    return join(wrap(u), wrap(e + rotate(wrap(f + a), 18) + g), multiplier)


class _State(NamedTuple):
    """What FarmHash64 carries through a long text: three words and two pairs."""

    x: int
    y: int
    z: int
    v: tuple[int, int]
    w: tuple[int, int]


def _long(text: bytes) -> int:
    wrap = INTEGERS.wrap
    y = wrap(81 * K1 + 113)
    state = _State(wrap(81 * K2 + _word(text, 0)), y, wrap(mix(wrap(y * K2 + 113)) * K2), (0, 0), (0, 0))
    for start in range(0, (len(text) - 1) // 64 * 64, 64):
        state = _round(state, text, start, K1, 1, 1)
    multiplier = K1 + ((state.z & 0xFF) << 1)
    w = wrap(state.w[0] + ((len(text) - 1) & 63))
    v = wrap(state.v[0] + w)
    state = state._replace(v=(v, state.v[1]), w=(wrap(w + v), state.w[1]))
    x, y, z, v2, w2 = _round(state, text, len(text) - 64, multiplier, 9, 9)
    u = join(v2[0], w2[0], multiplier) + wrap(mix(y) * K0) + z
    return join(wrap(u), wrap(join(v2[1], w2[1], multiplier) + x), multiplier)


def _round(state: _State, text: bytes, start: int, multiplier: int, x_factor: int, y_factor: int) -> _State:
    """64 more bytes."""
    wrap = INTEGERS.wrap
    x, y, z, v, w = state
    x = wrap(rotate(wrap(x + y + v[0] + _word(text, start + 8)), 37) * multiplier)
    y = wrap(rotate(wrap(y + v[1] + _word(text, start + 48)), 42) * multiplier)
    x ^= wrap(w[1] * x_factor)
    y = wrap(y + v[0] * y_factor + _word(text, start + 40))
    z = wrap(rotate(wrap(z + w[0]), 33) * multiplier)
    v_new = _weak(text, start, wrap(v[1] * multiplier), wrap(x + w[0]))
    w_new = _weak(text, start + 32, wrap(z + w[1]), wrap(y + _word(text, start + 16)))
    return _State(z, y, x, v_new, w_new)


def _weak(text: bytes, start: int, a: int, b: int) -> tuple[int, int]:
    wrap = INTEGERS.wrap
    first, second, third, fourth = (_word(text, start + 8 * i) for i in range(4))
    a = wrap(a + first)
    b = rotate(wrap(b + a + fourth), 21)
    c = wrap(a + second + third)
    return wrap(c + fourth), wrap(b + rotate(c, 44) + a)


def crossed(first: Any, second: Any, words: Words = INTEGERS) -> Any:
    """One fingerprint from two, in this order."""
    factor, wrap = words.number(_CROSS), words.wrap
    result = wrap((first ^ factor ^ wrap(mix(wrap(second * factor)) * factor)) * factor)
    return mix(wrap(mix(result) * factor))


def siphash(text: bytes, key: tuple[int, int]) -> int:
    """SipHash-2-4 of bytes under a key of two 64-bit words.

    Example:
        >>> key = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
        >>> hex(siphash(bytes(range(15)), key))
        '0xa129ca6149be45e5'
    """
    whole = len(text) // 8 * 8
    blocks = [_word(text, start) for start in range(0, whole, 8)]
    state = sip_start(key)
    for block in [*blocks, _word(text, whole) | (len(text) & 0xFF) << 56]:
        state = sip_block(state, block)
    return sip_end(state)


def sip_start(key: tuple[int, int]) -> tuple[int, ...]:
    """The state before the first word."""
    salts = 0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573
    return tuple(key[i % 2] ^ salt for i, salt in enumerate(salts))


def sip_block(state: tuple[Any, ...], block: Any, words: Words = INTEGERS) -> tuple[Any, ...]:
    """The state after one more word."""
    a, b, c, d = _sip_rounds((*state[:3], state[3] ^ block), 2, words)
    return a ^ block, b, c, d


def sip_end(state: tuple[Any, ...], words: Words = INTEGERS) -> Any:
    """The hash that the state stands for."""
    a, b, c, d = _sip_rounds((*state[:2], state[2] ^ words.number(0xFF), state[3]), 4, words)
    return a ^ b ^ c ^ d


def _sip_rounds(state: tuple[Any, ...], count: int, words: Words) -> tuple[Any, ...]:
    a, b, c, d = state
    wrap = words.wrap
    for _ in range(count):
        a, c = wrap(a + b), wrap(c + d)
        b, d = rotate(b, 64 - 13, words) ^ a, rotate(d, 64 - 16, words) ^ c
        a, c = wrap(rotate(a, 32, words) + d), wrap(c + b)
        d, b = rotate(d, 64 - 21, words) ^ a, rotate(b, 64 - 17, words) ^ c
        c = rotate(c, 32, words)
    return a, b, c, d
