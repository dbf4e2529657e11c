"""Archives: a plain zip, of which not one bit can be otherwise."""

import io
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from lamina.core import FileFormatError, archive
from lamina.core.archive import Archive, read_archive, write_archive

PARTS = {"state.json": b'{"step": 3}', "empty": b"", "arrays": bytes(range(256))}
EPOCH = (1980, 1, 1, 0, 0, 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_archive(tmp_path / "a.state", PARTS, {"format": 1})
    return tmp_path / "a.state"


def zipped(parts: dict[str, bytes]) -> bytes:
    """The same members, by the standard library."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 3
            file.writestr(info, data)
    return buffer.getvalue()


def refused(data: bytes) -> None:
    """The file is refused when it is opened, or when its parts are read."""
    with pytest.raises(FileFormatError):
        opened = Archive("a.state", io.BytesIO(data))
        for name in opened.members:
            opened.read(name)


def test_what_is_written_is_read(path: Path) -> None:
    parts, metadata = read_archive(path, PARTS)
    assert parts == PARTS and metadata["format"] == 1 and metadata["sha256"].keys() == PARTS.keys()
    write_archive(path, {"view": memoryview(b"0123")[1:3]})
    assert read_archive(path, ["view"])[0] == {"view": b"12"}
    with path.open("rb") as file:
        opened = Archive(path, file)
        opened.check("view")
        assert opened.peek("view", 1) == b"2" and opened.peek("view", 5) == b"" and opened.peek("view", 0, 1) == b"1"


def test_it_is_the_zip_that_the_standard_library_writes(path: Path) -> None:
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        members = {name: file.read(name) for name in file.namelist()}
    assert path.read_bytes() == zipped(members) and [*members] == [*PARTS, "metadata.json"]


def test_large_files_are_zips_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_LARGEST", 300)  # as if 32 bits ended there
    write_archive(path, PARTS)
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None and {name: file.read(name) for name in PARTS} == PARTS
        assert any(info.extra for info in file.infolist()) and not all(info.extra for info in file.infolist())
    assert read_archive(path, PARTS)[0] == PARTS
    data = path.read_bytes()
    for place in range(len(data)):
        refused(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


def test_every_truncation_is_noticed(path: Path) -> None:
    data = path.read_bytes()
    for length in range(len(data)):
        refused(data[:length])


@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_is_noticed(path: Path, bit: int) -> None:
    data = path.read_bytes()
    for place in range(len(data)):
        refused(data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :])


def with_info(**changes: object) -> Callable[[dict[str, bytes]], bytes]:
    """A zip in which the first member's record is another."""

    def make(parts: dict[str, bytes]) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            for place, (name, data) in enumerate(parts.items()):
                info = zipfile.ZipInfo(name, EPOCH)
                for attribute, value in changes.items() if place == 0 else ():
                    setattr(info, attribute, value)
                file.writestr(info, data)
        return buffer.getvalue()

    return make


def swapped_directory(parts: dict[str, bytes]) -> bytes:
    """The directory's entries point at each other's members."""
    data = bytearray(zipped(parts))
    first = data.index(b"PK\1\2")
    second = data.index(b"PK\1\2", first + 1)
    data[first + 42 : first + 46], data[second + 42 : second + 46] = (
        data[second + 42 : second + 46], data[first + 42 : first + 46],
    )  # fmt: skip
    return bytes(data)


def twice(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO(zipped(parts))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(buffer, "a") as file:
        file.writestr(zipfile.ZipInfo("arrays", EPOCH), b"another")
    return buffer.getvalue()


def patched(mark: bytes, offset: int, new: bytes) -> Callable[[dict[str, bytes]], bytes]:
    """A zip with other bytes at a place in the record that begins with `mark`."""

    def make(parts: dict[str, bytes]) -> bytes:
        data = bytearray(zipped(parts))
        place = data.index(mark) + offset
        data[place : place + len(new)] = new
        return bytes(data)

    return make


def compressed(kind: int) -> Callable[[dict[str, bytes]], bytes]:
    def make(parts: dict[str, bytes]) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", kind) as file:
            for name, data in {**parts, "arrays": bytes(5_000_000)}.items():
                file.writestr(zipfile.ZipInfo(name, EPOCH), data, kind)
        return buffer.getvalue()

    return make


ZIPS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "deflate bomb": compressed(zipfile.ZIP_DEFLATED),
    "bzip2 bomb": compressed(zipfile.ZIP_BZIP2),
    "lzma bomb": compressed(zipfile.ZIP_LZMA),
    "symbolic link": with_info(external_attr=(stat.S_IFLNK | 0o777) << 16),
    "executable": with_info(external_attr=0o755 << 16),
    "comment of a member": with_info(comment=b"import os"),
    "extra field": with_info(extra=b"\x99\x99\x04\x00evil"),
    "another date": with_info(date_time=(2026, 1, 1, 0, 0, 0)),
    "encrypted member": patched(b"PK\3\4", 6, b"\1"),
    "encrypted in the directory": patched(b"PK\1\2", 8, b"\1"),
    "data descriptor": patched(b"PK\3\4", 6, b"\x08"),
    "size of 4 GiB": patched(b"PK\3\4", 18, b"\xfe\xff\xff\xff\xfe\xff\xff\xff"),
    "64-bit size without a number": patched(b"PK\3\4", 18, b"\xff\xff\xff\xff\xff\xff\xff\xff"),
    "directory with other sizes": patched(b"PK\1\2", 20, b"\xff\xff\xff\x7f\xff\xff\xff\x7f"),
    "directory that points at the wrong members": swapped_directory,
    "directory at another place": patched(b"PK\5\6", 16, b"\0\0\0\0"),
    "more entries than there are": patched(b"PK\5\6", 8, b"\xff\xff\xff\xff"),
    "one name twice": twice,
    "bytes in front": lambda parts: b"#!/bin/sh\n" + zipped(parts),
    "bytes behind": lambda parts: zipped(parts) + b"\0",
    "comment": lambda parts: zipped(parts)[:-2] + b"\4\0evil",
    "two archives": lambda parts: zipped(parts) * 2,
    "unpacking to the parent": lambda parts: zipped({**parts, "../../evil": b""}),
    "unpacking to the root": lambda parts: zipped({**parts, "/etc/evil": b""}),
    "unpacking to a drive": lambda parts: zipped({**parts, "C:\\evil": b""}),
    "a folder": lambda parts: zipped({**parts, "folder/": b""}),
    "a name of other letters": lambda parts: zipped({**parts, "\u0430rrays": b""}),
    "an archive in the archive": lambda parts: zipped({**parts, "inner.zip": zipped(parts)}),
    "2,000 members": lambda parts: zipped({**parts, **{str(i): b"" for i in range(2000)}}),
    "no members": lambda parts: zipped({}),
    "no metadata": lambda parts: zipped(PARTS),
    "no sums": lambda parts: zipped({**PARTS, "metadata.json": b"{}"}),
    "sums of nothing": lambda parts: zipped({**PARTS, "metadata.json": b'{"sha256": {}}'}),
    "sums of another kind": lambda parts: zipped({**PARTS, "metadata.json": b'{"sha256": [1, 2, 3]}'}),
    "metadata that is a list": lambda parts: zipped({**PARTS, "metadata.json": b"[]"}),
    "gzip": lambda parts: b"\x1f\x8b" + zlib.compress(zipped(parts)),
    "nothing": lambda parts: b"",
    "only the end of a zip": lambda parts: zipped({})[-22:],
    "pickle": lambda parts: b"\x80\x04\x95\x1b\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
    "HDF5": lambda parts: b"\x89HDF\r\n\x1a\n" + bytes(500),
}


@pytest.mark.parametrize("name", ZIPS)
def test_no_other_zip_is_taken(path: Path, name: str) -> None:
    with zipfile.ZipFile(path) as file:
        members = {member: file.read(member) for member in file.namelist()}
    path.write_bytes(ZIPS[name](members))
    with pytest.raises(FileFormatError):
        read_archive(path, PARTS)


def test_a_disk_that_cannot_be_read(path: Path) -> None:
    class Broken(io.FileIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with Broken(path) as file, pytest.raises(FileFormatError, match="Input/output error"):
        Archive(path, file)  # type: ignore[arg-type]


def test_a_file_that_is_not_there_is_no_damaged_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_archive(tmp_path / "none", PARTS)
    with pytest.raises(IsADirectoryError):
        read_archive(tmp_path, PARTS)


def test_other_parts_are_named(path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"Expected model, received arrays, empty, state\.json"):
        read_archive(path, ["model"])
