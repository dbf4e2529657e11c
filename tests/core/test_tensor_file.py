"""The safetensors format beside the library that defines it."""

import json
import struct
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lamina.core import FileFormatError
from lamina.core.tensor_file import SHA256, SIGNED, checksum, load_tensors, peek_into

TENSORS = {
    "a/kernel": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b": np.array(2.5),
    "empty": np.zeros((0, 3), np.int8),
    "flags": np.array([True, False, True]),
    "half": np.array([1.5, -2.0], np.float16),
    "z": np.array([1 + 2j], np.complex64),
    **{name: np.array([1, 2, 3], name) for name in ("u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8")},
}


def test_the_same_as_the_library() -> None:
    data = save(TENSORS, {"made by": "a test"})
    found, expected = load_tensors("f", data), load(data)
    assert found.keys() == expected.keys()
    for name, value in found.items():
        assert value.dtype == expected[name].dtype and value.shape == expected[name].shape
        np.testing.assert_array_equal(value, TENSORS[name])


def packed(header: Any, numbers: bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def entry(dtype: Any = "F32", shape: Any = (1,), offsets: Any = (0, 4)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_small_floats(name: str) -> None:
    value = np.array([1.0, -0.5], jnp.dtype(name))
    kind = {"bfloat16": "BF16", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2"}[name]
    found = load_tensors("f", packed({"x": entry(kind, [2], [0, value.nbytes])}, value.tobytes()))["x"]
    assert found.dtype == value.dtype and found.tolist() == value.tolist()


WRONG: dict[str, bytes] = {
    "shorter than a length": b"\0\0\0",
    "no header": struct.pack("<Q", 0),
    "header longer than the file": struct.pack("<Q", 2**63) + b"{}",
    "header as long as memory": struct.pack("<Q", 2**64 - 1) + b"{}",
    "not JSON": packed(b"\x80\x04pickle", b""),
    "a list": packed([1], b""),
    "a tensor that is a list": packed({"x": [1]}, b""),
    "shape of 2^40": packed({"x": entry(shape=[2**40], offsets=[0, 2**42])}, bytes(4)),
    "shape whose product is 0 modulo 2^64": packed({"x": entry(shape=[2**32, 2**32])}, bytes(4)),
    "shape larger than its bytes": packed({"x": entry(shape=[2**20])}, bytes(4)),
    "shape of 4000 digits": packed(b'{"x":{"dtype":"F32","shape":[1' + b"0" * 4000 + b'],"data_offsets":[0,4]}}', b""),
    "shape of many axes": packed({"x": entry(shape=[1] * 100)}, bytes(4)),
    "negative shape": packed({"x": entry(shape=[-1, -1])}, bytes(4)),
    "shape of truths": packed({"x": entry(shape=[True])}, bytes(4)),
    "shape of fractions": packed({"x": entry(shape=[1.0])}, bytes(4)),
    "shape that is a number": packed({"x": entry(shape=1)}, bytes(4)),
    "negative place": packed({"x": entry(offsets=[-4, 0])}, bytes(4)),
    "one offset": packed({"x": entry(offsets=[0])}, bytes(4)),
    "offsets the wrong way": packed({"x": entry(offsets=[4, 0])}, bytes(4)),
    "place behind the end": packed({"x": entry(offsets=[4, 8])}, bytes(4)),
    "a gap": packed({"x": entry(), "y": entry(offsets=[8, 12])}, bytes(12)),
    "an overlap": packed({"x": entry(), "y": entry(offsets=[0, 4])}, bytes(4)),
    "bytes that nobody owns": packed({"x": entry()}, bytes(8)),
    "truncated": packed({"x": entry()}, bytes(3)),
    "unknown type": packed({"x": entry("O")}, bytes(4)),
    "type that is a list": packed({"x": entry(["F32"])}, bytes(4)),
    "further entry": packed({"x": {**entry(), "location": "/etc/passwd"}}, bytes(4)),
    "missing entry": packed({"x": {"dtype": "F32", "shape": [1]}}, bytes(4)),
    "metadata that is a list": packed({"__metadata__": [], "x": entry()}, bytes(4)),
    "metadata of numbers": packed({"__metadata__": {"a": 1}, "x": entry()}, bytes(4)),
    "a name twice": packed(b'{"x":%b,"x":%b}' % ((json.dumps(entry()).encode(),) * 2), bytes(4)),
    "a million tensors": packed({str(i): entry("U8", [0], [0, 0]) for i in range(400_000)}, b""),
    "another sum": packed({"__metadata__": {SHA256: "0" * 64}, "x": entry()}, bytes(4)),
}


@pytest.mark.parametrize("name", WRONG)
def test_refused(name: str) -> None:
    with pytest.raises(FileFormatError):
        load_tensors("f", WRONG[name])


STRICTER = {"another sum", "a million tensors", "further entry", "a name twice", "shape of many axes"}


@pytest.mark.parametrize("name", sorted(WRONG.keys() - STRICTER))
def test_the_library_refuses_the_same(name: str) -> None:
    with pytest.raises((SafetensorError, OverflowError)):
        load(WRONG[name])


def sum_of(data: bytes) -> str:
    return checksum("f", peek_into(data), len(data))


@pytest.fixture
def signed() -> bytes:
    return save(TENSORS, {**SIGNED, SHA256: sum_of(save(TENSORS, SIGNED))})


def test_the_library_reads_signed_files(signed: bytes) -> None:
    assert load(signed).keys() == load_tensors("f", signed).keys() == TENSORS.keys()
    assert sum_of(signed) == sum_of(save(TENSORS, SIGNED)) != sum_of(save(TENSORS))


@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_is_noticed(signed: bytes, bit: int) -> None:
    for place in range(len(signed)):
        with pytest.raises(FileFormatError):
            load_tensors("f", signed[:place] + bytes([signed[place] ^ 1 << bit]) + signed[place + 1 :])


def test_every_truncation_is_noticed(signed: bytes) -> None:
    for length in range(len(signed)):
        with pytest.raises(FileFormatError):
            load_tensors("f", signed[:length])
