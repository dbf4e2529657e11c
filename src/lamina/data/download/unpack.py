"""Unpack an archive that nobody vouches for: into a fresh folder, within limits, files and folders only."""

import bz2
import gzip
import io
import lzma
import os
import shutil
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from ...core import ArgumentError, LaminaError
from .guard import Guard

_BLOCK = 2**16
_FREE = 2**24  # bytes that any archive may unpack to, however well it is packed
_HEADER_BYTES = 2**20  # longest header of a tar member
_ENTRY_BYTES = 128  # of the table of a zip, per member allowed
_PACKERS: dict[bytes, Any] = {b"\x1f\x8b": gzip, b"BZh": bz2, b"\xfd7zXZ\0": lzma}  # by the first bytes of a file
_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, lzma.LZMAError, zlib.error, struct.error, EOFError,
           RecursionError, ValueError, NotImplementedError, OverflowError)  # fmt: skip


class _Member(NamedTuple):
    """A thing in an archive: what is called `other` is neither a file nor a folder."""

    name: str
    kind: str
    size: int
    open: Callable[[], IO[bytes]]


def unpack(
    archive: str | Path,
    folder: str | Path,
    archive_format: str = "auto",
    *,
    max_bytes: int = 2**34,
    max_members: int = 200_000,
    max_ratio: int = 200,
) -> Path:
    """Unpack a zip, tar, tar.gz, tar.bz2 or tar.xz file; `folder` appears when all of it is there.

    Links, devices, paths that lead elsewhere, names that clash on some system, encrypted and damaged members are
    refused, and with them the archive. Permissions and owners are not taken over: what comes out runs nothing.

    Args:
        archive: the file.
        folder: what must not exist yet.
        archive_format: "zip", "tar", or "auto" for what the file begins like.
        max_bytes: most bytes to unpack, 16 GiB.
        max_members: most files and folders.
        max_ratio: how many times its own size an archive may unpack to, beyond 16 MiB.

    Returns:
        The folder.

    Raises:
        FileFormatError: no such archive, a damaged one, or one that breaks a rule; nothing is left of it.
        ArgumentError: the folder is taken, or the format unknown.

    Example:
        >>> with tempfile.TemporaryDirectory() as place:
        ...     with zipfile.ZipFile(f"{place}/a.zip", "w") as file:
        ...         file.writestr("texts/one.txt", "one")
        ...     Path(unpack(f"{place}/a.zip", f"{place}/a"), "texts", "one.txt").read_text()
        'one'
    """
    archive, folder = Path(archive), Path(folder)
    guard = Guard(f"unpack {archive.name}", max_members)
    _check_arguments(folder, archive_format)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".tmp"))
    try:
        with _File(archive) as file:
            limit = min(max_bytes, max(_FREE, max_ratio * archive.stat().st_size))
            for member in _members(file, archive_format, limit, max_members, guard):
                limit -= member.size
                if limit < 0 or member.size < 0:
                    raise _too_large(guard)
                _write(member, fresh, guard)
        os.rename(fresh, folder)
    except (*_DAMAGE, OSError) as error:
        if isinstance(error, LaminaError) or isinstance(error, OSError) and error.errno is not None:
            raise  # a refusal, or the system's own, such as a full disk
        found = f"{type(error).__name__}: {error}"
        raise guard.refusal("the archive must be whole", "a zip or tar file", found) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _check_arguments(folder: Path, archive_format: str) -> None:
    if archive_format not in ("auto", "zip", "tar"):
        raise ArgumentError(
            "unpack",
            "archive_format is one of three",
            expected='"auto", "zip" or "tar"',
            received=repr(archive_format),
            remedy='Pass "auto"',
        )
    if os.path.lexists(folder):
        raise ArgumentError(
            "unpack",
            "an archive is unpacked into a new folder",
            expected="a path at which nothing is",
            received=str(folder),
            remedy="Choose another folder, or remove this one",
        )


def _write(member: _Member, folder: Path, guard: Guard) -> None:
    if member.kind == "other":
        expected = "no links, devices, pipes or encrypted members"
        raise guard.refusal("an archive holds files and folders", expected, ascii(member.name[:200]))
    path = folder.joinpath(*guard.admit(member.name, member.kind == "folder"))
    if member.kind == "folder":
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    left = member.size
    with member.open() as source, path.open("xb") as target:
        while block := source.read(_BLOCK):
            left -= len(block)
            if left < 0:
                break
            target.write(block)
    if left:
        raise guard.refusal("a member is as long as the archive says", f"{member.size} bytes", ascii(member.name[:200]))


def _members(file: "_File", archive_format: str, limit: int, most: int, guard: Guard) -> Iterator[_Member]:
    start = file.read(6)
    file.seek(0)
    if archive_format != "tar" and (start[:2] == b"PK" or archive_format == "zip"):
        return _zip_members(file, most, guard)
    packer = next((packer for magic, packer in _PACKERS.items() if start.startswith(magic)), None)
    return _tar_members(file if packer is None else packer.open(file), limit, most, guard)


# -- tar --------------------------------------------------------------------------------------------
def _tar_members(stream: IO[bytes], limit: int, most: int, guard: Guard) -> Iterator[_Member]:
    """The members in the order in which they come; nothing is read twice, so nothing has to be kept."""
    forward = _Forward(stream, limit + 2 * _HEADER_BYTES + 4096 * most, guard)
    with tarfile.open(fileobj=forward, mode="r:", errors="surrogateescape") as tar:  # type: ignore[call-overload]
        while (info := tar.next()) is not None:
            plain = info.isreg() and not info.issparse()
            kind = "folder" if info.isdir() else "file" if plain else "other"
            yield _Member(info.name, kind, info.size, lambda info=info: tar.extractfile(info))  # type: ignore[misc]
            tar.members.clear()
    if forward.last != bytes(tarfile.BLOCKSIZE):  # tarfile takes a broken header for the end
        raise EOFError("there is no end mark")
    while forward.read(_BLOCK):  # the check sum of a compressed file stands at its very end
        pass


class _Forward:
    """Read-only, from front to back, within a limit; a tar that makes us read a long header is refused."""

    def __init__(self, stream: IO[bytes], limit: int, guard: Guard) -> None:
        self._stream, self._left, self._guard = stream, limit, guard
        self._position, self.last = 0, b""

    def tell(self) -> int:
        return self._position

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _HEADER_BYTES:
            raise self._guard.refusal("a header is short", f"at most {_HEADER_BYTES} bytes", f"{size}")
        self.last = data = self._stream.read(size)
        self._position, self._left = self._position + len(data), self._left - len(data)
        if self._left < 0:
            raise _too_large(self._guard)
        return data

    def seek(self, position: int) -> int:
        if position < self._position:
            raise self._guard.refusal("a tar is read from front to back", f"{self._position} or more", f"{position}")
        while position > self._position and self.read(min(_BLOCK, position - self._position)):
            pass
        return self._position


# -- zip --------------------------------------------------------------------------------------------
def _zip_members(file: "_File", most: int, guard: Guard) -> Iterator[_Member]:
    file.longest_read = max(_ENTRY_BYTES * most, 2 * _BLOCK)  # the table is read at once
    with zipfile.ZipFile(file) as packed:
        for info in packed.infolist():
            yield _Member(info.orig_filename, _zip_kind(info), info.file_size, lambda info=info: packed.open(info))  # type: ignore[misc]


def _zip_kind(info: zipfile.ZipInfo) -> str:
    """Files and folders have these two kinds in their Unix mode, or no kind at all."""
    mode = stat.S_IFMT(info.external_attr >> 16)
    strange = info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if strange or mode not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "other"
    is_folder = info.orig_filename.endswith("/")
    if is_folder and (info.file_size or mode == stat.S_IFREG) or not is_folder and mode == stat.S_IFDIR:
        return "other"
    return "folder" if is_folder else "file"


class _File(io.FileIO):
    """A file that refuses to be read in pieces of more than `longest_read` bytes, or before its beginning."""

    longest_read = _HEADER_BYTES

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET and offset < 0:
            raise zipfile.BadZipFile(f"an offset of {offset}")
        return super().seek(offset, whence)

    def read(self, size: int | None = -1) -> bytes:
        rest = os.fstat(self.fileno()).st_size - self.tell()
        size = rest if size is None or size < 0 else size
        if min(size, rest) > self.longest_read:
            raise zipfile.BadZipFile(f"a table of {size} bytes")
        return super().read(size) or b""


def _too_large(guard: Guard) -> Exception:
    return guard.refusal("an archive unpacks to a limited size", "less than max_bytes and max_ratio allow", "more")
