"""Archives: a zip of members stored as they are, and a metadata.json with the SHA-256 of each of them.

Model files and checkpoints are archives. For given parts there is exactly one right file, laid out here as the zip
specification has it, and a reader takes nothing else: no compression, links, folders, comments or copies of a name,
and no bit before, between or after the members that `write_archive` did not put there. Names in an archive are
compared with the names that are asked for; nothing is ever unpacked to a path.

Reference: PKWARE, .ZIP File Format Specification (APPNOTE.TXT) 6.3.10.
"""

import hashlib
import os
import struct
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from .errors import FileFormatError
from .files import open_whole
from .json_data import MOST_BYTES, from_json, to_json

METADATA = "metadata.json"
MOST_MEMBERS = 1000
_HEADER = struct.Struct("<4s5H3L2H")  # mark, version, flags, method, time, day, CRC, size twice, lengths
_LARGEST = 2**32 - 2  # sizes and places beyond it are given in 64 bits,
_WIDE = 2**32 - 1  # with this in their usual place
_DAY, _MODE = 1 << 5 | 1, 0o600 << 16  # 1980-01-01, so that equal parts give equal files; readable to its owner
_PIECE = 2**20


class Member(NamedTuple):
    """A member of an archive, and where its bytes begin."""

    name: str
    size: int
    crc: int
    start: int = 0


def write_archive(
    path: str | Path, parts: Mapping[str, bytes | memoryview], metadata: Mapping[str, Any] | None = None
) -> None:
    """Write `parts`, by name, and metadata.json (`metadata` and the parts' SHA-256), whole or not at all."""
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}
    contents = {**parts, METADATA: to_json({**(metadata or {}), "sha256": sums})}
    members = [Member(name, memoryview(data).nbytes, zlib.crc32(data)) for name, data in contents.items()]
    *headers, (_, directory) = _layout(members)
    with open_whole(path) as file:
        for (_, header), data in zip(headers, contents.values(), strict=True):
            file.write(header)
            file.write(data)
        file.write(directory)


def read_archive(path: str | Path, names: Collection[str]) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The parts called `names` of an archive, and its metadata, after checking that all is as it was written.

    Raises:
        FileFormatError: the file is truncated, was changed, or has other parts.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_archive(f"{folder}/a", {"text": b"kept"}, {"step": 3})
        ...     parts, metadata = read_archive(f"{folder}/a", ["text"])
        >>> parts, metadata["step"], metadata["sha256"]["text"][:6]
        ({'text': b'kept'}, 3, '79f076')
    """
    with open(path, "rb") as file:
        archive = Archive(path, file)
        if archive.members.keys() != {*names}:
            expected, received = (", ".join(sorted(found)) for found in ({*names}, archive.members))
            raise damaged(path, "the file has other parts than expected", expected, received)
        return {name: archive.read(name) for name in archive.members}, archive.metadata


class Archive:
    """An archive, its form checked bit by bit when it is opened, its parts when they are read.

    Args:
        path: as errors name it.
        file: open for reading.

    Attributes:
        members: the parts by name, without metadata.json.
        metadata: what metadata.json holds.

    Raises:
        FileFormatError: the file is truncated, was changed, or is of another kind.
    """

    def __init__(self, path: str | Path, file: BinaryIO) -> None:
        self.path, self._file = path, file
        self._size = file.seek(0, os.SEEK_END)
        self.members = self._checked_members()
        data = self._metadata()
        self.metadata = from_json(f"{path} ({METADATA})", data)
        sums = self.metadata.get("sha256")
        if not isinstance(sums, dict) or sums.keys() != self.members.keys():
            raise damaged(path, f"{METADATA} names the parts", ", ".join(self.members), repr(sums)[:200])

    def read(self, name: str) -> bytes:
        """The bytes of a part."""
        data = self.peek(name)
        self._compare(name, hashlib.sha256(data).hexdigest())
        return data

    def check(self, name: str) -> None:
        """Compare a part with its SHA-256, piece by piece, without keeping it."""
        digest = hashlib.sha256()
        for start in range(0, self.members[name].size, _PIECE):
            digest.update(self.peek(name, start, _PIECE))
        self._compare(name, digest.hexdigest())

    def peek(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """Some bytes of a part, not compared with anything."""
        member = self.members[name]
        rest = max(0, member.size - start)
        return self._at(member.start + start, rest if length is None else min(length, rest))

    def _compare(self, name: str, digest: str) -> None:
        expected = self.metadata["sha256"][name]
        if digest != expected:
            raise damaged(self.path, f"{name} is not what was saved", f"SHA-256 {expected}", digest)

    def _metadata(self) -> bytes:
        member = self.members.pop(METADATA, None)
        if member is None:
            raise damaged(self.path, "the file is an archive", f"a part {METADATA}", ", ".join(self.members) or "none")
        if member.size > MOST_BYTES:
            raise damaged(self.path, f"{METADATA} is too large", f"at most {MOST_BYTES} bytes", member.size)
        data = self._at(member.start, member.size)
        if zlib.crc32(data) != member.crc:
            raise damaged(self.path, f"{METADATA} is not what was saved", f"CRC {member.crc:08x}", "another content")
        return data

    def _checked_members(self) -> dict[str, Member]:
        """The members, if everything around them is as `write_archive` puts it."""
        members = list(self._scan())
        *headers, (end, directory) = _layout(members)
        for place, expected in (*headers, (end, directory)):
            if self._at(place, len(expected)) != expected:
                raise self._not_whole(place)
        if end + len(directory) != self._size:
            raise self._not_whole(end + len(directory))
        if len({member.name for member in members}) < len(members):
            raise damaged(self.path, "every part has its own name", "different names", "one name twice")
        starts = (place + len(header) for place, header in headers)
        return {member.name: member._replace(start=start) for member, start in zip(members, starts, strict=True)}

    def _scan(self) -> Iterator[Member]:
        """The members as their headers describe them, from the first byte on."""
        place = 0
        for _ in range(MOST_MEMBERS):
            header = self._at(place, _HEADER.size)
            if len(header) < _HEADER.size or header[:4] != b"PK\3\4":
                return
            _, _, _, method, _, _, crc, _, length, name_length, extra_length = _HEADER.unpack(header)
            if method:
                raise damaged(self.path, "the parts are stored as they are", "uncompressed members", "compressed ones")
            rest = self._at(place + _HEADER.size, name_length + extra_length)
            if length == _WIDE:
                length = int.from_bytes(rest[-8:], "little")
            place += _HEADER.size + name_length + extra_length + length
            if place > self._size:
                raise damaged(self.path, "the file is truncated", f"at least {place} bytes", f"{self._size} bytes")
            yield Member(rest[:name_length].decode("ascii", "replace"), length, crc)

    def _at(self, place: int, length: int) -> bytes:
        try:
            self._file.seek(place)
            return self._file.read(length)
        except OSError as error:  # a disk that fails
            raise damaged(self.path, "the file cannot be read", f"{length} bytes from {place} on", error) from error

    def _not_whole(self, place: int) -> FileFormatError:
        received = f"{self._size} bytes that are something else from byte {place} on"
        return damaged(self.path, "the file is damaged or of another kind", "a whole archive of Lamina's", received)


def damaged(path: str | Path, rule: str, expected: Any, received: Any) -> FileFormatError:
    """The error for a file that is not as it was written."""
    return FileFormatError(
        str(path), rule, expected=expected, received=received, remedy="Save it again, or use an older copy"
    )


# -- the form of a zip ---------------------------------------------------------------------------
def _layout(members: Iterable[Member]) -> list[tuple[int, bytes]]:
    """All but the members' own bytes, each with its place: the header before every member, the directory at the end."""
    headers, entries, place = [], [], 0
    for member in members:
        header, entry = _header_and_entry(member, place)
        headers.append((place, header))
        entries.append(entry)
        place += len(header) + member.size
    return [*headers, (place, b"".join(entries) + _end(len(entries), sum(map(len, entries)), place))]


def _header_and_entry(member: Member, place: int) -> tuple[bytes, bytes]:
    """The header before a member that begins at `place`, and its entry in the directory."""
    name, size = member.name.encode(), member.size
    wide = place + size > _LARGEST
    short, where = (_WIDE, _WIDE) if wide else (size, place)
    common = struct.pack("<5H3LH", 45 if wide else 20, 0, 0, 0, _DAY, member.crc, short, short, len(name))
    extra = struct.pack("<2H2Q", 1, 16, size, size) if wide else b""
    more = struct.pack("<2H3Q", 1, 24, size, size, place) if wide else b""
    header = b"PK\3\4" + common + struct.pack("<H", len(extra)) + name + extra
    tail = struct.pack("<4H2L", len(more), 0, 0, 0, _MODE, where)
    return header, b"PK\1\2" + struct.pack("<2B", 45 if wide else 20, 3) + common + tail + name + more


def _end(count: int, size: int, place: int) -> bytes:
    """The record that closes the directory of `count` entries, `size` bytes from `place` on."""
    if place <= _LARGEST:
        return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, place, 0)
    wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 3 << 8 | 45, 45, 0, 0, count, count, size, place)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, place + size, 1)
    return wide + locator + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, _WIDE, 0)
