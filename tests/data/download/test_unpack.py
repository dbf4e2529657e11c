"""Archives of attackers: nothing outside the folder is touched, nothing is left, and the error says what was wrong."""

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamina.core import ArgumentError, FileFormatError, LaminaError
from lamina.data.download import unpack

TREE = {"one.txt": b"1", "deep/er/two.bin": bytes(range(256)) * 300, "deep/empty": b"", "ünï.txt": b"3"}


def member(name: str, kind: bytes = tarfile.REGTYPE, **fields: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def tar_of(*infos: tarfile.TarInfo, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of the given headers, each with as many letters as it says."""
    store = io.BytesIO()
    with tarfile.open(fileobj=store, mode="w", format=form) as tar:
        for info in infos:
            tar.addfile(info, io.BytesIO(b"x" * info.size) if info.isreg() else None)
    return store.getvalue()


def zip_of(*members: tuple[str, bytes], mode: int = 0, **fields: Any) -> bytes:
    store = io.BytesIO()
    with zipfile.ZipFile(store, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.filename, info.compress_type, info.external_attr = name, zipfile.ZIP_DEFLATED, mode << 16
            for field, value in fields.items():
                setattr(info, field, value)
            packed.writestr(info, data)
    return store.getvalue()


def tree_tar() -> bytes:
    store = io.BytesIO()
    with tarfile.open(fileobj=store, mode="w") as tar:
        tar.addfile(member("./", tarfile.DIRTYPE))
        tar.addfile(member("./deep/", tarfile.DIRTYPE, mode=0o700))
        for name, data in TREE.items():
            tar.addfile(member(f"./{name}", size=len(data)), io.BytesIO(data))
    return store.getvalue()


def unpacked(data: bytes, place: Path, **settings: Any) -> Path:
    (place / "in").mkdir()
    (place / "in" / "archive").write_bytes(data)
    return unpack(place / "in" / "archive", place / "out" / "folder", **settings)


def refused(data: bytes, place: Path, rule: str, **settings: Any) -> None:
    """It is refused by this rule, and nothing but the archive is there afterwards."""
    with pytest.raises(FileFormatError, match=rule):
        unpacked(data, place, **settings)
    assert sorted(path.name for path in place.rglob("*")) == ["archive", "in", "out"]


def read(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


PACKERS: dict[str, Callable[[], bytes]] = {
    "zip": lambda: zip_of(("deep/", b""), *TREE.items()),
    "tar": tree_tar,
    "tar.gz": lambda: gzip.compress(tree_tar()),
    "tar.bz2": lambda: bz2.compress(tree_tar()),
    "tar.xz": lambda: lzma.compress(tree_tar()),
}


# -- honest archives --------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("named", [True, False])
def test_what_was_packed_comes_out(tmp_path: Path, kind: str, named: bool) -> None:
    folder = unpacked(PACKERS[kind](), tmp_path, archive_format=kind[:3] if named else "auto")
    assert read(folder) == TREE and [path.name for path in folder.parent.iterdir()] == ["folder"]


def test_permissions_are_not_taken_over(tmp_path: Path) -> None:
    folder = unpacked(tar_of(member("run", size=3, mode=0o6777, uid=0, gid=0)), tmp_path)
    assert stat.S_IMODE((folder / "run").stat().st_mode) & 0o7111 == 0
    packed = zip_of(("run", b"x"), mode=stat.S_IFREG | 0o6777)
    (tmp_path / "b").mkdir()
    assert stat.S_IMODE((unpacked(packed, tmp_path / "b") / "run").stat().st_mode) & 0o7111 == 0


def test_a_folder_that_is_taken_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "out" / "folder").mkdir(parents=True)
    with pytest.raises(ArgumentError, match="into a new folder"):
        unpacked(PACKERS["zip"](), tmp_path)
    with pytest.raises(ArgumentError, match="archive_format"):
        unpack(tmp_path / "in" / "archive", tmp_path / "new", "rar")


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"hello", bytes(100), b"\x1f\x8b", gzip.compress(b"no tar", mtime=0), b"BZh9xx", b"\xfd7zXZ\0"]
)
def test_other_files_are_no_archives(tmp_path: Path, data: bytes) -> None:
    refused(data, tmp_path, "must be whole")


@pytest.mark.parametrize(("kind", "named"), [("zip", "tar"), ("tar.gz", "zip"), ("tar", "zip")])
def test_the_format_must_be_the_one_named(tmp_path: Path, kind: str, named: str) -> None:
    refused(PACKERS[kind](), tmp_path, "must be whole", archive_format=named)


# -- attacks ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/tmp/evil", "C:\\evil", "..\\evil", "a//b", "a\nb"])
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    refused(tar_of(member("good", size=1), member(name, size=1)), tmp_path, "lies inside it")
    (tmp_path / "in" / "archive").unlink()
    (tmp_path / "in").rmdir(), (tmp_path / "out").rmdir()
    refused(zip_of(("good", b"1"), (name, b"1")), tmp_path, "lies inside it")


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE]
)
def test_what_is_neither_file_nor_folder(tmp_path: Path, kind: bytes) -> None:
    data = tar_of(member("a", kind, linkname="b"))
    if kind == tarfile.CONTTYPE:
        assert read(unpacked(data, tmp_path)) == {"a": b""}  # an ordinary file on every system of today
    else:
        refused(data, tmp_path, "holds files and folders")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
@pytest.mark.parametrize("target", ["{victim}", "../../victim", "."])
def test_writing_through_a_link(tmp_path: Path, kind: bytes, target: str) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "file").write_text("precious")
    link = member("link", kind, linkname=target.format(victim=victim))
    with pytest.raises(FileFormatError, match="holds files and folders"):
        unpacked(tar_of(link, member("link/file", size=4)), tmp_path)
    with pytest.raises(FileFormatError, match="holds files and folders"):
        (tmp_path / "in" / "archive").write_bytes(tar_of(link, member("link", size=4)))
        unpack(tmp_path / "in" / "archive", tmp_path / "out" / "folder")
    assert (victim / "file").read_text() == "precious" and not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFDIR])
def test_a_zip_with_links_and_devices(tmp_path: Path, mode: int) -> None:
    refused(zip_of(("link", b"/etc/passwd"), mode=mode | 0o777), tmp_path, "holds files and folders")


def test_a_folder_with_content(tmp_path: Path) -> None:
    refused(zip_of(("a/", b"content")), tmp_path, "holds files and folders")


@pytest.mark.parametrize("pair", [("a", "a"), ("a", "A"), ("é", "e\u0301"), ("a", "a/b"), ("a/b", "A/c")])
def test_names_that_clash(tmp_path: Path, pair: tuple[str, str]) -> None:
    refused(tar_of(*(member(name, size=1) for name in pair)), tmp_path, "have one name")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_one_name_twice(tmp_path: Path) -> None:
    refused(zip_of(("a", b"1"), ("a", b"2")), tmp_path, "have one name")


def test_a_name_that_ends_in_the_middle(tmp_path: Path) -> None:
    data = zip_of(("a_b", b"1")).replace(b"a_b", b"a\0b")
    refused(data, tmp_path, "lies inside it")


# -- bombs ------------------------------------------------------------------------------------------
def peak(run: Callable[[], Any]) -> tuple[float, int]:
    """Seconds, and bytes at the most."""
    tracemalloc.start()
    begin = time.monotonic()
    try:
        run()
        return time.monotonic() - begin, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_a_bomb_by_ratio(tmp_path: Path, kind: str) -> None:
    zeros = bytes(40 * 2**20)
    data = zip_of(("a", zeros)) if kind == "zip" else gzip.compress(tar_of(member("a", size=len(zeros))))
    seconds, most = peak(lambda: refused(data, tmp_path, "limited size"))
    assert seconds < 2 and most < 20 * 2**20


def test_a_small_file_may_be_packed_well(tmp_path: Path) -> None:
    folder = unpacked(zip_of(("a", bytes(2**20))), tmp_path)
    assert (folder / "a").stat().st_size == 2**20


def test_a_bomb_by_size(tmp_path: Path) -> None:
    refused(tar_of(member("a", size=600), member("b", size=600)), tmp_path, "limited size", max_bytes=1000)


def test_a_member_that_says_it_is_enormous(tmp_path: Path) -> None:
    header = member("a", size=2**50).tobuf(tarfile.GNU_FORMAT)
    seconds, _ = peak(lambda: refused(header, tmp_path, "limited size"))
    assert seconds < 1


def test_a_negative_size(tmp_path: Path) -> None:
    header = bytearray(member("a", size=1).tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 4 + struct.pack(">q", -512)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    refused(bytes(header) + bytes(1024), tmp_path, "limited size|must be whole|front to back")


def test_many_members(tmp_path: Path) -> None:
    refused(tar_of(*(member(str(i)) for i in range(30))), tmp_path, "limited number", max_members=29)
    (tmp_path / "in" / "archive").write_bytes(tar_of(*(member(str(i)) for i in range(30))))
    assert len(read(unpack(tmp_path / "in" / "archive", tmp_path / "ok", max_members=30))) == 30


def test_a_zip_with_an_enormous_table(tmp_path: Path) -> None:
    data = zip_of(*((f"{i:0200}", b"") for i in range(2000)))
    refused(data, tmp_path, "must be whole", max_members=100)


def test_a_sparse_file(tmp_path: Path) -> None:
    refused(tar_of(member("a", pax_headers={"GNU.sparse.map": "0,1", "GNU.sparse.size": "9999999"}, size=1)), tmp_path,
            "holds files and folders")  # fmt: skip


def test_a_header_that_fills_the_memory(tmp_path: Path) -> None:
    header = member("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=2**33).tobuf(tarfile.GNU_FORMAT)
    refused(header + bytes(2048), tmp_path, "a header is short")


def test_headers_without_end(tmp_path: Path) -> None:
    header = member("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=5).tobuf(tarfile.GNU_FORMAT) + b"name\0".ljust(
        512, b"\0"
    )
    refused(header * 5000, tmp_path, "must be whole|limited|inside")


def test_two_members_of_a_zip_in_one_place(tmp_path: Path) -> None:
    """Entries that share their data: a small file that unpacks to a large one."""
    data = zip_of(("a", bytes(2**20)), ("b", b""))
    first, second = (data.index(b"PK\1\2"), data.rindex(b"PK\1\2"))
    end = data.index(b"PK\5\6")
    table = data[first:second]
    copies = [table.replace(b"a", letter.encode()) for letter in "abcdefghijklmnopqrstuvwxyz"]
    forged = data[:first] + b"".join(copies)
    tail = bytearray(data[end:])
    struct.pack_into("<HHII", tail, 8, 26, 26, sum(map(len, copies)), first)
    refused(forged + bytes(tail), tmp_path, "limited size|must be whole")


# -- damage -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", PACKERS)
def test_every_way_to_cut_it_off(tmp_path: Path, kind: str) -> None:
    data, rng = PACKERS[kind](), np.random.default_rng(0)
    tail = 10_240 if kind == "tar" else 0  # the zeros at the end of a tar may be fewer
    lengths = {*range(0, 40), *rng.integers(0, len(data) - tail - 1, 40).tolist()}
    (tmp_path / "in").mkdir()
    for length in lengths:
        (tmp_path / "in" / "archive").write_bytes(data[:length])
        with pytest.raises(FileFormatError):
            unpack(tmp_path / "in" / "archive", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes changed, cut out or doubled."""
    changed = bytearray(data)
    for _ in range(rng.integers(1, 8)):
        place = int(rng.integers(len(changed)))
        how = rng.integers(4)
        if how == 0:
            changed[place] ^= 1 << int(rng.integers(8))
        elif how == 1:
            changed[place] = int(rng.choice([0, 1, 127, 128, 255]))
        elif how == 2:
            del changed[place : place + int(rng.integers(1, 40))]
        else:
            changed[place:place] = changed[max(0, place - 30) : place]
    return bytes(changed)


def fuzz(kind: str, count: int, place: Path) -> int:
    """How many mutants are refused; each of the others comes out inside its folder."""
    small = {
        "zip": zip_of(("a/b.txt", b"text" * 30), ("c", b"")),
        "tar": tar_of(member("a/b.txt", size=120), member("ü" * 90, size=3), member("d", tarfile.DIRTYPE)),
    }
    small["tar.gz"], small["tar.xz"] = gzip.compress(small["tar"]), lzma.compress(small["tar"])
    rng, refusals = np.random.default_rng(5), 0
    archive, out = place / "archive", place / "out"
    for i in range(count):
        archive.write_bytes(mutate(small[kind], rng))
        try:
            unpack(archive, out / str(i), max_bytes=2**20, max_members=100)
        except LaminaError:
            refusals += 1
    assert sorted(path.name for path in place.iterdir()) == ["archive", "out"]
    for path in out.rglob("*"):
        assert not path.is_symlink() and (path.is_dir() or path.stat().st_nlink == 1)
    return refusals


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.xz"])
def test_mutants(tmp_path: Path, kind: str) -> None:
    assert fuzz(kind, 150, tmp_path) > 50


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.xz"])
def test_many_mutants(tmp_path: Path, kind: str) -> None:
    assert fuzz(kind, 5000, tmp_path) > 2000


@pytest.mark.skipif(
    os.name != "posix" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_an_error_of_the_system_is_passed_on(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        unpacked(PACKERS["zip"](), tmp_path)
