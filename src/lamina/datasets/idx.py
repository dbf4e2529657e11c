"""The idx format of MNIST and its kin: a magic number, the sizes of the axes, then the values, all big-endian."""

import gzip
import io
import math
import struct
import zlib
from os import PathLike

import numpy as np

from ..core import FileFormatError

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MAX_AXES = 8  # no known file has more than 4
_GZIP = b"\x1f\x8b"


def read_idx(source: str | PathLike[str] | bytes, max_bytes: int = 2**30) -> np.ndarray:
    """Read an array from an idx file, plain or packed with gzip.

    The header is two zero bytes, one byte for the type, one for the number of axes, and one 32-bit size per
    axis; it is checked against the bytes that are there before anything is allocated.

    Args:
        source: path of the file, or its content.
        max_bytes: the most bytes that the file may have when unpacked.

    Returns:
        The array, in the byte order of this machine.

    Raises:
        FileFormatError: not an idx file, truncated, followed by more bytes, or larger than `max_bytes`.

    Example:
        >>> read_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 6, 7]))
        array([5, 6, 7], dtype=uint8)
    """
    who = "read_idx" if isinstance(source, bytes) else str(source)
    content = _content(source, max_bytes, who)
    dtype, shape = _header(content, who)
    start = 4 + 4 * len(shape)
    expected = start + math.prod(shape) * dtype.itemsize
    room = math.prod(max(size, 1) for size in shape) * dtype.itemsize  # NumPy counts empty axes like this
    if len(content) != expected or room > max_bytes:
        raise FileFormatError(
            who,
            "the header and the number of bytes contradict each other",
            expected=f"{expected} bytes for shape {shape} of {dtype.newbyteorder('=')}",
            received=f"{len(content)} bytes",
            remedy="The file is damaged or incomplete: get it again",
        )
    values = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return values.astype(dtype.newbyteorder("="))


def _content(source: str | PathLike[str] | bytes, max_bytes: int, who: str) -> bytes:
    """The unpacked bytes, of which no more than the budget and one are ever read."""
    if isinstance(source, bytes):
        content = source
    else:
        with open(source, "rb") as file:
            content = file.read(max_bytes + 1)
    if content.startswith(_GZIP):
        content = _unpacked(content, max_bytes, who)
    if len(content) > max_bytes:
        raise FileFormatError(
            who,
            "the file is larger than allowed",
            expected=f"at most {max_bytes} bytes",
            received="more",
            remedy="Pass a larger max_bytes if you trust the file",
        )
    return content


def _unpacked(packed: bytes, max_bytes: int, who: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(packed)) as file:
            return file.read(max_bytes + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise FileFormatError(
            who,
            "the gzip file cannot be unpacked",
            expected="a whole gzip file",
            received=str(error),
            remedy="The file is damaged or incomplete: get it again",
        ) from error


def _header(content: bytes, who: str) -> tuple[np.dtype, tuple[int, ...]]:
    """Type and shape, read only as far as the bytes reach."""
    axes = content[3] if len(content) > 3 else 0
    if content[:2] != b"\0\0" or len(content) < 4 + 4 * axes or content[2] not in _TYPES or not 1 <= axes <= _MAX_AXES:
        raise FileFormatError(
            who,
            "this is not an idx file",
            expected=f"00 00, a known type, 1 to {_MAX_AXES} axes and their sizes",
            received=f"{len(content)} bytes that begin with {content[:4].hex(' ') or 'nothing'}",
            remedy="Check that it is the right file, and that it is unpacked",
        )
    return np.dtype(_TYPES[content[2]]), struct.unpack_from(f">{axes}I", content, 4)
