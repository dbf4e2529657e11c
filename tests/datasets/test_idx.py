"""The idx reader: right numbers from right files, a clear error from all others."""

import contextlib
import gzip
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lamina.core import FileFormatError
from lamina.datasets import read_idx

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx_bytes(array: np.ndarray) -> bytes:
    """An idx file, written from the description of the format."""
    sizes = b"".join(struct.pack(">I", size) for size in array.shape)
    code = CODES[array.dtype.str[1:]]
    return bytes([0, 0, code, array.ndim]) + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


@contextlib.contextmanager
def at_most(n_bytes: int) -> Iterator[None]:
    """Python's memory does not grow by more than this inside the block."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < n_bytes
    finally:
        tracemalloc.stop()


SAMPLE = idx_bytes(np.arange(6, dtype=np.uint8).reshape(2, 3))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 1, 3, 2), (0, 4)])
def test_every_type_and_shape(code: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 100, shape).astype(code)
    (tmp_path / "a.idx").write_bytes(idx_bytes(array))
    for source in (idx_bytes(array), gzip.compress(idx_bytes(array)), tmp_path / "a.idx", str(tmp_path / "a.idx")):
        found = read_idx(source)
        assert found.dtype == array.dtype and found.dtype.isnative and np.array_equal(found, array)
        assert found.flags.writeable


@pytest.mark.parametrize("length", range(len(SAMPLE)))
def test_truncated_anywhere(length: int) -> None:
    with pytest.raises(FileFormatError, match="this is not an idx file|the number of bytes contradict"):
        read_idx(SAMPLE[:length])


def test_sentences(tmp_path: Path) -> None:
    path = tmp_path / "short.idx"
    path.write_bytes(SAMPLE[:-1])
    with pytest.raises(FileFormatError) as error:
        read_idx(path)
    assert str(error.value) == (
        f"{path}: the header and the number of bytes contradict each other. Expected 18 bytes for shape (2, 3) "
        "of uint8, received 17 bytes. The file is damaged or incomplete: get it again."
    )
    with pytest.raises(FileFormatError, match="read_idx: .*Expected 18 bytes.*received 19 bytes"):
        read_idx(SAMPLE + b"\0")


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0", b"PK\3\4" + bytes(20), b"\0\1" + SAMPLE[2:], b"\0\0\x0a\2" + SAMPLE[4:],
     b"\0\0\x08\0\1", b"\0\0\x08\x09" + bytes(40)],
    ids=["empty", "short", "zip", "first bytes", "type", "no axes", "nine axes"],
)  # fmt: skip
def test_other_files(content: bytes) -> None:
    with pytest.raises(
        FileFormatError, match="read_idx: this is not an idx file. Expected 00 00, a known type, 1 to 8 axes"
    ):
        read_idx(content)


def test_declared_sizes_allocate_nothing() -> None:
    huge = b"\0\0\x0e\4" + b"\xff" * 16 + bytes(8)  # (2^32 - 1)^4 float64 values in 28 bytes
    empty = b"\0\0\x0e\4" + b"\0" * 4 + b"\xff" * 12  # no value at all, but axes that overflow
    with at_most(100_000):
        for content in (huge, empty):
            with pytest.raises(FileFormatError, match="contradict"):
                read_idx(content)


def test_budget(tmp_path: Path) -> None:
    path = tmp_path / "a.idx"
    path.write_bytes(SAMPLE)
    for source in (SAMPLE, path, gzip.compress(SAMPLE)):
        assert read_idx(source, max_bytes=18).shape == (2, 3)
        with pytest.raises(FileFormatError, match="larger than allowed. Expected at most 17 bytes, received more"):
            read_idx(source, max_bytes=17)


def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with at_most(10_000_000), pytest.raises(FileFormatError, match="larger than allowed"):
        read_idx(bomb, max_bytes=1_000_000)


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b[:15] + b"\xff" + b[16:], lambda b: b[:3]])
def test_damaged_gzip(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(FileFormatError, match="the gzip file cannot be unpacked"):
        read_idx(damage(gzip.compress(SAMPLE * 50)))


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "nowhere")
