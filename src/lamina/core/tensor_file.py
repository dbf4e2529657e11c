"""Tensors in the safetensors format: a JSON header with types, shapes and places, then the numbers.

Reference: the format's specification, https://github.com/huggingface/safetensors#format.
"""

import hashlib
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from .errors import FileFormatError
from .json_data import MOST_BYTES, from_json, to_json

SHA256, SIGNED = "sha256", {"writer": "lamina"}  # entries of the metadata; who signs gives a sum
Peek = Callable[[int, int], bytes]  # the bytes from a place on, so many of them
_MOST_AXES, _PIECE = 32, 2**20
_TYPES = {
    "BOOL": "bool", "U8": "uint8", "U16": "uint16", "U32": "uint32", "U64": "uint64",
    "I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64",
    "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F16": "float16", "BF16": "bfloat16",
    "F32": "float32", "F64": "float64", "C64": "complex64",
}  # fmt: skip


class TensorEntry(NamedTuple):
    """One tensor as the header describes it; `start` counts from the first byte of the file."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int

    @property
    def size(self) -> int:
        """Bytes."""
        return math.prod(self.shape) * self.dtype.itemsize


class TensorHeader(NamedTuple):
    """What a file says about itself before the numbers come."""

    tensors: dict[str, TensorEntry]
    metadata: dict[str, str]
    start: int  # of the numbers


def read_header(who: str, peek: Peek, size: int) -> TensorHeader:
    """The header of a file of `size` bytes; what it declares is compared with that, and nothing is allocated for it.

    Args:
        who: the file, as errors name it.
        peek: the bytes of the file from a place on, so many of them.
        size: of the file.

    Raises:
        FileFormatError: truncated, damaged, or of another kind: the tensors must fill the file, one after another.

    Example:
        >>> from safetensors.numpy import save
        >>> data = save({"a": np.ones((2, 3), np.float32)})
        >>> read_header("a", peek_into(data), len(data)).tensors
        {'a': TensorEntry(dtype=dtype('float32'), shape=(2, 3), start=72)}
    """
    length = int.from_bytes(peek(0, 8), "little")
    if size < 8 or length > min(size - 8, MOST_BYTES):
        raise _refusal(who, f"a header of at most {max(min(size - 8, MOST_BYTES), 0)} bytes", f"one of {length}")
    start = 8 + length
    found = from_json(who, peek(8, length))
    metadata = found.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _refusal(who, "metadata of texts", f"{metadata!r:.200}")
    tensors = {name: _entry(who, name, item, start) for name, item in found.items()}
    end = start
    for name, entry in sorted(tensors.items(), key=lambda item: (item[1].start, item[1].size)):
        if entry.start != end:
            raise _refusal(who, f"the tensor {name} from byte {end} on", f"from byte {entry.start} on")
        end += entry.size
    if end != size:
        raise _refusal(who, f"{end} bytes, as the header declares", f"{size} bytes")
    return TensorHeader(tensors, metadata, start)


def checked_header(who: str, peek: Peek, size: int) -> TensorHeader:
    """The header; if Lamina has written the file, all of it is compared with the sum in the metadata.

    Raises:
        FileFormatError: see `read_header`; or the file is not what was written.
    """
    header = read_header(who, peek, size)
    expected = header.metadata.get(SHA256)
    if (expected is not None or header.metadata.items() >= SIGNED.items()) and expected != checksum(who, peek, size):
        raise _refusal(who, f"tensors with the SHA-256 {expected}", "others")
    return header


def load_tensors(who: str, data: bytes) -> dict[str, np.ndarray]:
    """The tensors in `data`, by name: read-only views of its bytes.

    Raises:
        FileFormatError: see `checked_header`.
    """
    header = checked_header(who, peek_into(data), len(data))
    return {name: _view(data, entry) for name, entry in header.tensors.items()}


def checksum(who: str, peek: Peek, size: int) -> str:
    """The SHA-256 of a file's tensors, their names and its metadata, without the sum itself."""
    start = 8 + int.from_bytes(peek(0, 8), "little")
    header = from_json(who, peek(8, start - 8))
    header.get("__metadata__", {}).pop(SHA256, None)
    digest = hashlib.sha256(to_json(header))
    for place in range(start, size, _PIECE):
        digest.update(peek(place, min(_PIECE, size - place)))
    return digest.hexdigest()


def peek_into(data: bytes) -> Peek:
    """Some bytes of `data` from a place on."""
    return lambda start, length: data[start : start + length]


def _view(data: bytes, entry: TensorEntry) -> np.ndarray:
    count = math.prod(entry.shape)
    flat = np.frombuffer(data, entry.dtype, count, entry.start) if count else np.empty(0, entry.dtype)
    return flat.reshape(entry.shape)


def _entry(who: str, name: str, item: Any, start: int) -> TensorEntry:
    if not isinstance(item, dict) or item.keys() != {"dtype", "shape", "data_offsets"}:
        raise _refusal(who, f"dtype, shape and data_offsets of {name}", f"{item!r:.200}")
    dtype, shape, offsets = item["dtype"], item["shape"], item["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _TYPES:
        raise _refusal(who, f"one of the types {', '.join(_TYPES)} for {name}", f"{dtype!r:.200}")
    if not _are_sizes(shape) or len(shape) > _MOST_AXES or not _are_sizes(offsets) or len(offsets) != 2:
        raise _refusal(who, f"sizes as shape and data_offsets of {name}", f"{shape!r:.200} and {offsets!r:.200}")
    entry = TensorEntry(jnp.dtype(_TYPES[dtype]), tuple(shape), start + offsets[0])
    if offsets[1] - offsets[0] != entry.size:
        raise _refusal(who, f"{entry.size} bytes for {name}", offsets[1] - offsets[0])
    return entry


def _are_sizes(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < 2**63 for value in values)


def _refusal(who: str, expected: str, received: Any) -> FileFormatError:
    remedy = "Save it again, or use another copy"
    return FileFormatError(who, "the tensors cannot be read", expected=expected, received=received, remedy=remedy)
